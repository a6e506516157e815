"""How does a run tell what it does?

Through files of its folder only: `status.json`, replaced as a whole, and `metrics.jsonl`, to which
lines are appended. Metric lines hold no clock, so that a resumed run writes the same bytes as an
uninterrupted one. Every report also asks whether the run is to stop, so that it can stop anywhere.
"""

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cocomine.atomic import write_json
from cocomine.training.runs import METRICS, STATUS, STOP

_LEAST_INTERVAL_S = 0.5


class StopRequested(Exception):  # noqa: N818  (it ends a run, but nothing is wrong)
    """The person asked the run to end here."""


class RunReport:
    """Writes the status and the metrics of one run."""

    def __init__(self, folder: Path, *, steps: int, stop_signalled: Callable[[], bool] = lambda: False) -> None:
        self._folder = folder
        self._stop_signalled = stop_signalled
        self._written_at = 0.0
        self._status: dict[str, Any] = {
            "state": "starting",
            "step": 0,
            "steps": steps,
            "heartbeat": 0.0,
            "images_per_s": None,
            "seconds_left": None,
            "message": "",
            "notices": [],
            "pid": os.getpid(),
            "host": socket.gethostname(),
        }

    def say(self, state: str, message: str = "", **changes: Any) -> None:
        """Write the status now, with `changes` to its other entries."""
        self._status |= {"state": state, "message": message, **changes}
        self._write()

    def progress(self, message: str, **changes: Any) -> None:
        """Note progress within a state; written at most twice a second.

        Raises:
            StopRequested: The person wants the run to end.
        """
        self._status |= {"message": message, **changes}
        if time.time() - self._written_at >= _LEAST_INTERVAL_S:
            self._write()
        if self._stop_signalled() or (self._folder / STOP).exists():
            raise StopRequested

    def _write(self) -> None:
        self._written_at = time.time()
        write_json(self._folder / STATUS, self._status | {"heartbeat": self._written_at})

    def append(self, line: dict[str, Any]) -> None:
        """Append one line to the metrics."""
        with (self._folder / METRICS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, allow_nan=False) + "\n")


def metrics_size(folder: Path) -> int:
    """Return the bytes of the metrics so far, safely on the disk."""
    path = folder / METRICS
    if not path.exists():
        return 0
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return os.fstat(file.fileno()).st_size


def cut_metrics(folder: Path, size: int) -> None:
    """Take away what was written after the checkpoint, when there were `size` bytes; it will be written again."""
    with (folder / METRICS).open("ab") as file:
        file.truncate(size)
