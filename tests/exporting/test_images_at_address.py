"""An export of images that are not on this computer holds copies of them, as of any others."""

import shutil
from pathlib import Path

import pytest
from exports import export_problems
from image_server import answers_of, served
from records import document, write_split

from cocomine.cli.parser import main
from cocomine.coco import image_address

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(image_address, "_failed", {})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Four images apart from their annotations, which are in `data`."""
    root = write_split(tmp_path / "data", document()).parent.parent
    shutil.move(root / "all2017", tmp_path / "store")
    return tmp_path / "store"


def mine(tmp_path: Path, address: str, *more: str) -> int:
    options = ["--classes", "cat,cup,dog", "--image-folder", address, "--out", str(tmp_path / "out"), *more]
    return main(["mine", str(tmp_path / "data"), *options])


@pytest.mark.parametrize("way", ["link", "copy", "symlink"])
def test_images_are_fetched_and_copied_whatever_is_asked_for(way: str, store: Path, tmp_path: Path) -> None:
    with served(answers_of(store)) as (server, _):
        assert mine(tmp_path, f"all2017={server}", "--images", way) == 0
    images = [path for path in (tmp_path / "out" / "images").rglob("*") if path.is_file()]
    assert images
    for path in images:
        assert (path.is_symlink(), path.stat().st_nlink) == (False, 1)
        assert path.read_bytes() == (store / path.name).read_bytes()
    assert export_problems(tmp_path / "out") == []


def test_an_image_that_is_not_at_the_address_is_missing_as_any_other(
    store: Path, tmp_path: Path, capsys: Capture
) -> None:
    answers = answers_of(store)
    del answers["/b.jpg"]
    with served(answers) as (server, _):
        assert mine(tmp_path, server) == 0
    assert "1 missing" in capsys.readouterr().out


def test_an_address_that_fails_in_the_middle_leaves_no_export(store: Path, tmp_path: Path, capsys: Capture) -> None:
    answers = answers_of(store)
    answers["/b.jpg"] = (503, b"")
    with served(answers) as (server, _):
        assert mine(tmp_path, server) == 1
    assert "status 503. Check the address, or try again later" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_address_without_the_images_is_refused_at_once(store: Path, tmp_path: Path, capsys: Capture) -> None:
    with served(answers_of(store)) as (server, _):
        assert mine(tmp_path, f"{server}/elsewhere") == 1
    assert "Name the address of the folder that holds the images" in capsys.readouterr().err


def test_a_file_address_is_a_folder_like_any_other(store: Path, tmp_path: Path) -> None:
    assert mine(tmp_path, store.as_uri()) == 0
    assert not (tmp_path / "home" / "fetched_images").exists()
