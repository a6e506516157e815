"""How are several runs trained one after the other with PyTorch loaded once?

By one process, which is told one run after the other. Each has folder, lock, signature, heartbeat and log as if it had
a process of its own, and is followed, stopped and gone on with by its folder alone: a kill loses the steps since the
checkpoint of the run at work, and no other. When the one that started it is gone, the run at work goes on to its end,
and none is begun after it.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import msgspec

from cocomine.errors import TrainingError
from cocomine.system.subprocesses import with_this_package
from cocomine.training.runs.config import TrainingConfig, config_as_json


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A run to begin; see `launching.start_run`."""

    folder: str
    config: dict[str, Any]
    changes: dict[str, float]


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """That a run has begun, or why it has not."""

    problem: str = ""


class TrainingProcess:
    """A process that carries out runs one after the other; a context, at whose end it is told that none comes."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def start(self, config: TrainingConfig, folder: Path, changes: Mapping[str, float] = MappingProxyType({})) -> None:
        """Start a new run, or resume the one there, and return when it has begun; see `launching.start_run`.

        Raises:
            TrainingError: it cannot begin, or the process ended before it could.
        """
        order = Order(folder=str(folder.absolute()), config=config_as_json(config), changes=dict(changes))
        answer = self._answer(order)
        if answer is None:  # it had left after a run that was stopped, or was killed
            self._close()
            answer = self._answer(order)
        if answer is None:
            raise TrainingError(f"{folder}: the process that trains ended before the run began. Start it again.")
        if answer.problem:
            raise TrainingError(answer.problem)

    def _answer(self, order: Order) -> Begun | None:
        """Tell the process to begin a run; return its answer, None where it has left."""
        process = self._process = self._process or _started()
        assert process.stdin is not None  # noqa: S101 - for the type checker; both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return None
        line = process.stdout.readline()
        return msgspec.json.decode(line, type=Begun) if line.endswith(b"\n") else None

    def _close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None  # noqa: S101 - for the type checker; both are pipes
            try:
                pipe.close()
            except BrokenPipeError:  # what it was told last is still here, and it has left
                continue


def _started() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-m", "cocomine.training.in_turn"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=with_this_package(os.environ) | {"PYTHONUNBUFFERED": "1"},
    )
    # Somebody has to take note of its end, or it would stay in the process table as long as the task runs.
    threading.Thread(target=process.wait, daemon=True).start()
    return process
