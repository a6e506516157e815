"""Fetched files stay below a bound, and those that were used last stay longest."""

import os
from pathlib import Path

from cocomine.coco.kept_files import KeptFiles


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path, most_bytes=1000)
    for number in range(1, 4):
        kept.add(tmp_path / f"{number}.jpg", b"x" * 300)
        os.utime(tmp_path / f"{number}.jpg", (number, number))
    assert kept.use(tmp_path / "1.jpg")
    kept.add(tmp_path / "far" / "4.jpg", b"x" * 300)
    assert sorted(path.name for path in tmp_path.rglob("*.jpg")) == ["1.jpg", "3.jpg", "4.jpg"]


def test_using_a_file_changes_nothing_that_it_is_known_by(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    kept.add(tmp_path / "1.jpg", b"one")
    os.utime(tmp_path / "1.jpg", (1, 1))
    assert kept.use(tmp_path / "1.jpg")
    found = (tmp_path / "1.jpg").stat()
    assert found.st_mtime == 1 < found.st_atime


def test_a_file_that_is_not_kept_was_not_used(tmp_path: Path) -> None:
    assert not KeptFiles(tmp_path).use(tmp_path / "1.jpg")


def test_a_file_larger_than_the_bound_is_kept_alone(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path, most_bytes=10)
    kept.add(tmp_path / "1.jpg", b"x" * 5)
    kept.add(tmp_path / "2.jpg", b"x" * 50)
    assert [path.name for path in tmp_path.iterdir()] == ["2.jpg"]
