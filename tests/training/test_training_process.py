"""The process of a run: what it takes, what it returns, and what it leaves in the status."""

import json
import os
from pathlib import Path

import pytest

from cocomine.training import __main__ as entry
from cocomine.training import carrying_out
from cocomine.training.runs.config import config_as_json, preset
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.records import Status, read_record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run that has not begun."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config_as_json(preset("quick", export="/e"))))
    return folder


def status_of(folder: Path) -> Status:
    status, _ = read_record(folder / "status.json", Status)
    assert status is not None
    return status


@pytest.mark.parametrize("arguments", [[], ["run", "3", "more"]])
def test_another_number_of_arguments_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(arguments) == 2
    assert capsys.readouterr().err == "usage: python -m cocomine.training RUN [LOCK]\n"


def test_a_folder_that_is_no_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([str(tmp_path)]) == 1
    assert "config.json: is missing, so this folder is no run" in capsys.readouterr().err


def test_a_run_that_is_done_is_not_trained_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "status.json").write_text('{"state": "done", "step": 200}')
    monkeypatch.setattr(carrying_out, "_trained", pytest.fail)
    assert entry.main([str(folder)]) == 0
    assert status_of(folder).state == "done"


def test_the_lock_of_the_starting_process_is_taken_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[Path] = []
    monkeypatch.setattr(carrying_out, "_trained", lambda folder, _: trained.append(folder))
    with take_lock(folder) as lock:
        assert entry.main([str(folder), str(os.dup(lock.fileno()))]) == 0
    assert trained == [folder]


@pytest.mark.parametrize(
    ("text", "told"),
    [("one line", ": one line"), ("a heading\nand more\nthe reason\n", ": the reason"), ("", "")],
)
def test_of_an_unexpected_error_the_last_line_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(text)

    monkeypatch.setattr(carrying_out, "_trained", fail)
    assert entry.main([str(folder)]) == 1
    status = status_of(folder)
    assert (status.state, status.message) == (
        "failed",
        f"Unexpected: RuntimeError{told}. The log has the details.",
    )
