"""A recipe travels: another person replays it on a dataset elsewhere, and gets the same bytes, which name nobody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from datasets import files_in
from records import document, write_split

from cocomine.mining.selection.recipe import FORMATS

pytestmark = pytest.mark.slow


def cocomine(home: Path, *arguments: object) -> None:
    """Run a command as another person of this computer would, with a home of their own."""
    home.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COCOMINE_")}
    run = subprocess.run(
        [sys.executable, "-m", "cocomine", *map(str, arguments)],
        env=environment | {"HOME": str(home), "USERPROFILE": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def write_dataset(folder: Path) -> None:
    for split in ("train2017", "val2017"):
        write_split(folder, document(), split=split)


@pytest.mark.parametrize("images", ["link", "copy", "none"])
def test_a_moved_dataset_under_another_home_gives_the_same_bytes(tmp_path: Path, images: str) -> None:
    ann, ben = tmp_path / "home-of-ann", tmp_path / "home-of-ben"
    write_dataset(ann / "data" / "coco")
    options = ("--classes", "cat,cup", "--images", images, "--formats", ",".join(FORMATS), "--mask-size", 32)
    cocomine(ann, "mine", ann / "data" / "coco", *options, "--out", ann / "export")
    exported = files_in(ann / "export")
    (ben / "downloads").mkdir(parents=True)
    (ann / "data" / "coco").rename(ben / "downloads" / "my copy of it")
    (ann / "export" / "recipe.yaml").rename(ben / "recipe.yaml")
    cocomine(ben, "mine", ben / "downloads" / "my copy of it", "--recipe", ben / "recipe.yaml", "--out", ben / "export")
    assert files_in(ben / "export") == exported


def test_no_exported_byte_names_the_person_or_a_place(tmp_path: Path) -> None:
    home = tmp_path / "home-of-ann"
    write_dataset(home / "data" / "coco")
    options = ("--classes", "cat,cup", "--exclude", "dog", "--formats", ",".join(FORMATS), "--mask-size", 32)
    (home / "data" / "coco" / "train2017" / "1.jpg").unlink(missing_ok=True)
    cocomine(home, "mine", home / "data" / "coco", *options, "--out", home / "export")
    telling = [
        name
        for name, data in files_in(home / "export").items()
        if b"home-of-ann" in data or str(tmp_path).encode() in data
    ]
    assert telling == []


def test_a_recipe_is_replayed_without_a_dataset_where_its_files_are_known(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_dataset(home / "coco")
    cocomine(home, "mine", home / "coco", "--classes", "cat", "--mask-size", 32, "--out", home / "one")
    cocomine(home, "mine", "--recipe", home / "one" / "recipe.yaml", "--out", home / "two")
    assert files_in(home / "two") == files_in(home / "one")
