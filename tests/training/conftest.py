"""The small trained run, and its process."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from small_run import config, narrow_network, uninterrupted

from cocomine.training.__main__ import main

__all__ = ["config", "narrow_network", "run_main", "uninterrupted"]


@pytest.fixture
def run_main(tmp_path: Path, narrow_network: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], int]]:  # noqa: ARG001
    """Carry out the run of a folder as its process does, but in this one, on one thread; return the exit code."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield lambda folder: main([str(folder)])
    for number, handler in before.items():
        signal.signal(number, handler)
