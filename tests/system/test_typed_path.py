"""What people paste into a path field means a place, or is explained."""

from pathlib import Path

import pytest

from cocomine.errors import DatasetError
from cocomine.system.typed_path import typed_path

PLACE = Path("/data/my coco")


@pytest.mark.parametrize(
    "text",
    [
        "/data/my coco",
        "  /data/my coco \n",
        '"/data/my coco"',
        "'/data/my coco'",
        "“/data/my coco”",
        ' " /data/my coco " ',
        "file:///data/my%20coco",
        "file://localhost/data/my%20coco",
        "'file:///data/my coco'",
        "FILE:///data/my%20coco/",
        "/data/other/../my coco/",
    ],
)
def test_a_path_is_understood_however_it_was_copied(text: str) -> None:
    assert typed_path(text, is_windows=False) == PLACE


def test_a_tilde_is_one_s_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert typed_path("~/coco", is_windows=False) == tmp_path / "coco"


def test_a_relative_path_is_one_of_the_server_s_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert typed_path("coco", is_windows=False) == tmp_path / "coco"


@pytest.mark.parametrize("text", [r"C:\Users\me\coco", '"C:/Users/me/coco"', "file:///C:/Users/me/coco"])
def test_a_path_of_windows_is_where_linux_under_windows_has_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "c").mkdir()
    assert typed_path(text, is_windows=False, drives=tmp_path) == tmp_path / "c" / "Users" / "me" / "coco"


@pytest.mark.parametrize("text", [r"D:\coco", "d:/coco", "D:", "file:///D:/coco"])
def test_a_path_of_windows_is_explained_where_its_drive_is_not(tmp_path: Path, text: str) -> None:
    with pytest.raises(DatasetError, match=r"a path of Windows.*has no drive D:.*or browse to it"):
        typed_path(text, is_windows=False, drives=tmp_path)


@pytest.mark.parametrize("text", [r"\\server\share\coco", "file://server/share/coco"])
def test_a_share_is_explained(text: str) -> None:
    with pytest.raises(DatasetError, match=r"\\\\server\\share\\coco: this is a network share.*mounted"):
        typed_path(text, is_windows=False)


@pytest.mark.parametrize("text", ["", "  ", '""', "' '"])
def test_nothing_typed_is_told(text: str) -> None:
    with pytest.raises(DatasetError, match="No path was typed"):
        typed_path(text)


def test_an_address_of_the_web_is_no_path() -> None:
    with pytest.raises(DatasetError, match=r"an address of the web"):
        typed_path("https://cocodataset.org/annotations.zip")


def test_a_person_who_is_not_there_has_no_home() -> None:
    with pytest.raises(DatasetError, match=r"no person of that name"):
        typed_path("~nobody-of-that-name/x", is_windows=False)
