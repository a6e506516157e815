"""The images taken out of a dataset are kept in a file that no other writer, kill or damage makes us lose."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import REPOSITORY

from cocomine.exclusions import store as module
from cocomine.exclusions.edits import Exclusions, exclude, restore
from cocomine.exclusions.store import (
    change_exclusions,
    exclusion_file,
    exclusions_in,
    last_set_aside,
    set_aside_if_damaged,
)
from cocomine.system.files import stamp_of

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LISTS = st.dictionaries(st.tuples(NAMES, st.integers(-(2**63), 2**63 - 1)), NAMES, max_size=5)
OUT = {("val", 3): "dark", ("val", 7): ""}
WRITE_AND_STOP = """
import os, signal, sys
from pathlib import Path
from cocomine.exclusions import store
from cocomine.system import files
files.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # killed between writing and renaming
file, dataset = map(Path, sys.argv[1:])
store.change_exclusions(file, dataset, lambda reasons: {**reasons, ("val", 99): ""})
"""


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path: Path, dataset: Path) -> Path:
    """The dataset's file; nothing is there yet."""
    return exclusion_file(tmp_path / "home" / "exclusions", dataset)


@pytest.fixture
def written(file: Path, dataset: Path) -> Path:
    """The file with two images."""
    change_exclusions(file, dataset, lambda _: OUT)
    return file


def test_without_a_file_no_image_is_taken_out(file: Path) -> None:
    assert exclusions_in(file) == {}
    assert not file.parent.exists()


@given(reasons=LISTS)
def test_a_list_read_back_is_what_was_written(tmp_path_factory: pytest.TempPathFactory, reasons: Exclusions) -> None:
    file = exclusion_file(tmp_path_factory.getbasetemp() / "exclusions", Path("/data"))
    change_exclusions(file, Path("/data"), lambda _: reasons)
    assert exclusions_in(file) == reasons
    assert list(exclusions_in(file)) == sorted(reasons)


def test_the_file_can_be_read_by_a_person(written: Path, dataset: Path) -> None:
    assert json.loads(written.read_text(encoding="utf-8")) == {
        "cocomine_exclusions": 1,
        "dataset": str(dataset),
        "excluded": [
            {"split": "val", "image_id": 3, "reason": "dark"},
            {"split": "val", "image_id": 7, "reason": ""},
        ],
    }


def test_each_dataset_has_its_own_file_which_bears_its_name(tmp_path: Path) -> None:
    one, other = (exclusion_file(tmp_path, tmp_path / place / "coco 2017") for place in ("a", "b"))
    assert one != other
    assert one.name.startswith("coco-2017-")


def test_a_link_leads_to_the_file_of_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert exclusion_file(tmp_path, tmp_path / "link") == exclusion_file(tmp_path, tmp_path / "real")


@pytest.mark.parametrize("name", ["", "/", "..", "~nobody-by-this-name", "猫", "x" * 300, os.fsdecode(b"\xff")])
def test_an_odd_path_has_a_file_too(tmp_path: Path, name: str) -> None:
    file = exclusion_file(tmp_path, Path(name))
    change_exclusions(file, Path(name), lambda _: OUT)
    assert exclusions_in(file) == OUT


def test_a_change_is_made_on_what_is_there_by_then(written: Path, dataset: Path) -> None:
    before, after = change_exclusions(written, dataset, lambda reasons: restore(reasons, [("val", 3)]))
    assert (before, after) == (OUT, {("val", 7): ""})
    assert exclusions_in(written) == after


def test_a_change_of_nothing_writes_nothing(written: Path, dataset: Path) -> None:
    known = stamp_of(written.stat())
    change_exclusions(written, dataset, dict)
    assert stamp_of(written.stat()) == known


def test_another_list_of_the_same_length_has_another_stamp(written: Path, dataset: Path) -> None:
    known = stamp_of(written.stat())
    change_exclusions(written, dataset, lambda _: {("val", 3): "dark", ("val", 8): ""})
    assert stamp_of(written.stat()) != known


def test_writers_at_the_same_time_lose_nothing_of_one_another(file: Path, dataset: Path) -> None:
    def write(split: str) -> None:
        for image_id in range(10):
            change_exclusions(file, dataset, partial(exclude, images=[(split, image_id)]))

    writers = [threading.Thread(target=write, args=(split,)) for split in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert set(exclusions_in(file)) == {(split, image_id) for split in "abc" for image_id in range(10)}


def test_a_writer_killed_at_its_worst_moment_leaves_the_old_list_and_no_lock(written: Path, dataset: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WRITE_AND_STOP, str(written), str(dataset)], cwd=REPOSITORY, check=False
    )
    assert ended.returncode == -9
    assert len(list(written.parent.glob("*.part-*"))) == 1
    assert exclusions_in(written) == OUT
    _, after = change_exclusions(written, dataset, lambda reasons: exclude(reasons, [("val", 8)]))
    assert after == {**OUT, ("val", 8): ""}


def test_a_lock_that_is_not_let_go_of_is_told_and_nothing_is_changed(
    written: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_LIMIT_S", 0.0)
    with module._locked(written.parent), pytest.raises(TimeoutError, match="another CocoMine does not let go of it"):
        change_exclusions(written, dataset, lambda _: {})
    assert exclusions_in(written) == OUT


DAMAGED: dict[str, Callable[[str], str]] = {
    "cut short": lambda text: text[:60],
    "empty": lambda _: "",
    "another file": lambda _: "[1, 2]",
    "nested": lambda _: "[" * 100_000,
    "a later version": lambda text: text.replace('exclusions": 1', 'exclusions": 2'),
    "a word for an id": lambda text: text.replace("3", '"three"'),
    "too large an id": lambda text: text.replace("3", "9" * 30),
    "a number for a reason": lambda text: text.replace('"dark"', "5"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_told_and_set_aside_as_it_is(written: Path, damage: str) -> None:
    content = DAMAGED[damage](written.read_text())
    written.write_text(content)
    with pytest.raises(ValueError, match=r"byte|truncated|\$|Expected|nested"):
        exclusions_in(written)
    set_aside_if_damaged(written)
    assert exclusions_in(written) == {}
    aside = last_set_aside(written)
    assert aside is not None
    assert aside.read_text() == content


def test_a_second_damaged_file_is_set_aside_beside_the_first(file: Path) -> None:
    file.parent.mkdir(parents=True)
    for content in ("first", "second"):
        file.write_text(content)
        set_aside_if_damaged(file)
    kept = sorted(file.parent.glob("*.damaged*.json"))
    assert [path.read_text() for path in kept] == ["first", "second"]


def test_a_file_that_is_sound_is_not_set_aside(written: Path) -> None:
    set_aside_if_damaged(written)
    assert exclusions_in(written) == OUT
    assert last_set_aside(written) is None


def test_a_change_does_not_write_over_a_damaged_file(written: Path, dataset: Path) -> None:
    written.write_text("{")
    with pytest.raises(ValueError, match="truncated"):
        change_exclusions(written, dataset, lambda reasons: exclude(reasons, [("val", 1)]))
    assert written.read_text() == "{"


def test_a_field_of_a_later_version_does_no_harm(written: Path) -> None:
    written.write_text(written.read_text().replace('"reason": "dark"', '"reason": "dark", "by": "me"'))
    assert exclusions_in(written) == OUT


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written_is_an_error_of_the_system(written: Path, dataset: Path) -> None:
    written.parent.chmod(0o500)
    try:
        with pytest.raises(OSError, match="denied"):
            change_exclusions(written, dataset, lambda _: {})
    finally:
        written.parent.chmod(0o700)
