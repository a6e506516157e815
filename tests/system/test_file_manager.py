"""A folder is shown where there is a desktop, by the system's own program."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from cocomine.errors import StorageError
from cocomine.system import file_manager as module
from cocomine.system.file_manager import file_manager, show_folder


@pytest.fixture
def opener(tmp_path: Path) -> Path:
    """A program in the place of `xdg-open` that writes down what it is given."""
    path = tmp_path / "bin" / "xdg-open"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{tmp_path / "given"}"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("desktop", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}])
def test_a_desktop_has_a_file_manager(opener: Path, desktop: dict[str, str]) -> None:
    assert file_manager({"PATH": str(opener.parent)} | desktop, "linux") == (str(opener),)


def test_a_server_without_a_desktop_has_none(opener: Path) -> None:
    assert file_manager({"PATH": str(opener.parent)}, "linux") is None
    assert file_manager({"PATH": "", "DISPLAY": ":0"}, "linux") is None


def test_windows_and_macos_have_their_own() -> None:
    assert (file_manager({}, "win32"), file_manager({}, "darwin")) == (("explorer",), ("open", "-a", "Finder"))


@pytest.mark.parametrize("name", ["plain", "--help", "two words; touch x", "$HOME"])
def test_the_program_gets_the_path_and_nothing_else(
    opener: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    began: list[subprocess.Popen[bytes]] = []
    begin = subprocess.Popen

    def noted(*arguments: Any, **more: Any) -> subprocess.Popen[bytes]:
        began.append(begin(*arguments, **more))
        return began[-1]

    monkeypatch.setattr(module, "file_manager", lambda: (str(opener),))
    monkeypatch.setattr(subprocess, "Popen", noted)
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    show_folder(Path(name))
    assert began[0].wait(timeout=30) == 0
    assert (tmp_path / "given").read_text() == str(tmp_path / name)


def test_a_folder_that_is_gone_is_told(opener: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "file_manager", lambda: (str(opener),))
    with pytest.raises(StorageError, match="this folder is gone"):
        show_folder(tmp_path / "nowhere")


def test_without_a_desktop_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "file_manager", lambda: None)
    with pytest.raises(StorageError, match="there is no desktop here"):
        show_folder(tmp_path)
