"""The process that carries out one run after the other ends when it is asked to, at any moment."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from run_folders import write_run

from cocomine.errors import TrainingError
from cocomine.training import in_turn
from cocomine.training.runs.config import config_as_json, preset
from cocomine.training.runs.reading import read_run
from cocomine.training.runs.training_process import TrainingProcess

Done = Callable[..., str]


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A line that orders a run; who begins one finds it ready."""
    config = config_as_json(preset("quick", export="/e"))
    (tmp_path / "config.json").write_text(json.dumps(config))
    monkeypatch.setattr(in_turn, "prepared_run", lambda *_: nullcontext())
    monkeypatch.setattr(in_turn, "_print_to_log", lambda _: None)
    monkeypatch.setattr(in_turn, "STDOUT", os.open(tmp_path / "answers", os.O_CREAT | os.O_WRONLY))
    return json.dumps({"folder": str(tmp_path), "config": config, "changes": {}}).encode()


def carried_out_by(monkeypatch: pytest.MonkeyPatch, lines: Iterator[bytes], run: Done) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=lines))
    monkeypatch.setattr(in_turn, "carried_out", run)
    assert in_turn.main() == 0


def test_between_two_runs_a_signal_does_what_it_always_does(orders: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    before, between, within = signal.getsignal(signal.SIGTERM), [], []

    def lines() -> Iterator[bytes]:
        for _ in range(2):
            yield orders
            between.append(signal.getsignal(signal.SIGTERM))

    def run(*_: object) -> str:
        within.append(signal.getsignal(signal.SIGTERM))
        return "done"

    carried_out_by(monkeypatch, lines(), run)
    assert between == [before, before]
    assert before not in within
    assert len(within) == 2


def test_after_a_signal_that_came_at_the_end_of_a_run_none_is_begun(
    orders: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def run(*_: object) -> str:
        runs.append("run")
        signal.raise_signal(signal.SIGTERM)
        return "done"

    carried_out_by(monkeypatch, iter([orders, orders]), run)
    assert runs == ["run"]


def test_a_run_that_cannot_begin_is_told_and_the_same_process_takes_the_next(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "run"), time.time())
    begun: list[subprocess.Popen[bytes] | None] = []
    with TrainingProcess() as process:
        for _ in range(2):
            with pytest.raises(TrainingError, match="the run there is done"):
                process.start(run.config, run.folder)
            begun.append(process._process)
    first, second = begun
    assert first is second
    assert first is not None
    assert os.getsid(first.pid) == first.pid != os.getsid(0)  # what ends this session leaves it alone
    assert first.wait(60) == 0
