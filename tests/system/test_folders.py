"""What is in a folder is told entry by entry, and what cannot be written is shown all the same."""

import os
from pathlib import Path

import pytest
from records import document, write_split

from cocomine.cli.parser import main
from cocomine.errors import CocomineError
from cocomine.system.folders import file_names, folder_names, is_there
from cocomine.wording import printable

LATIN = b"caf\xe9".decode("utf-8", "surrogateescape")


def test_loops_and_dangling_links_are_no_files_and_hide_none(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    (tmp_path / "nowhere.json").symlink_to(tmp_path / "gone.json")
    (tmp_path / "to-a.json").symlink_to(tmp_path / "a.json")
    assert file_names(tmp_path) == ["a.json", "to-a.json"]
    assert file_names(tmp_path, ending=".txt") == []
    assert folder_names(tmp_path) == ["folder"]


def test_a_folder_that_is_not_there_is_an_error_and_a_place_that_cannot_be_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        file_names(tmp_path / "nowhere")
    assert is_there(tmp_path)
    assert not any(is_there(tmp_path / name) for name in ("x", "x\0y", "x" * 5000))


@pytest.mark.parametrize("text", [LATIN, "\ud800", f"{LATIN}.jpg"])
def test_what_is_not_utf_8_can_be_shown(text: str) -> None:
    assert printable(Path("/data") / text).encode()
    assert str(CocomineError(f"{text}: is odd. Rename it.")).encode()


@pytest.mark.skipif(os.name == "nt", reason="every name of Windows is Unicode")
def test_a_dataset_in_a_folder_that_is_not_utf_8_goes_the_whole_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / LATIN
    write_split(root, document())
    assert main(["check", str(root), "--json"]) == 0
    assert main(["stats", str(root)]) == 0
    out = str(tmp_path / f"out-{LATIN}")
    assert main(["mine", str(root), "--classes", "cat", "--images", "copy", "--val-share", "0.5", "--out", out]) == 0
    assert main(["check", str(root / "nowhere")]) == 1
    assert "Traceback" not in capsys.readouterr().err
