"""A name means a file below its folder or none, however both are written."""

import os
from pathlib import Path

import pytest

from cocomine.coco.below_folder import file_in, image_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one file in it, one below it, and one beside it whose folder has a longer name."""
    for name in ("data/a.jpg", "data/below/b.jpg", "data2/c.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["a.jpg", "below/b.jpg", "./a.jpg", "below/../a.jpg", "../data/a.jpg"])
def test_a_name_that_stays_below_is_found(folder: Path, name: str) -> None:
    found = file_in(folder, name)
    assert found is not None
    assert found == Path(os.path.normpath(folder / name))
    assert file_in(folder, str(found)) == found


@pytest.mark.parametrize(
    "name", ["", ".", "..", "below", "missing.jpg", "../data2/c.jpg", "../data", "a\0.jpg", "n" * 300, "\udce9.jpg"]
)
def test_what_leads_out_or_is_no_file_is_none(folder: Path, name: str) -> None:
    assert file_in(folder, name) is None
    assert file_in(folder, str(folder.parent / "data2" / "c.jpg")) is None


def test_a_folder_may_be_given_from_where_the_process_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert file_in(Path(), "a.jpg") == folder / "a.jpg"
    assert file_in(Path(), "../data2/c.jpg") is None
    assert file_in(Path("/"), f"{folder}/a.jpg"[1:]) == folder / "a.jpg"


def test_links_above_a_folder_are_none_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder.parent / "linked").symlink_to(folder)
    (folder / "out.jpg").symlink_to(folder.parent / "data2" / "c.jpg")
    monkeypatch.chdir(folder.parent)
    assert image_in(Path("linked"), "a.jpg") == folder.parent / "linked" / "a.jpg"
    assert image_in(Path("linked"), "out.jpg") is None
    assert image_in(Path("linked"), "out.jpg", linked_folders=[Path("data2")]) is not None
