"""How long had a run trained when it was at a step?

`times.jsonl` lies beside the metrics, never in them: a run that was stopped or killed ends with the same metrics, byte
for byte, as one that was not, which no clock could. Who writes it is `run_clock`.
"""

import threading
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from cocomine.training.runs.growing_file import GrowingFile
from cocomine.training.runs.records import Count, Seconds

TIMES = "times.jsonl"
Floats = npt.NDArray[np.float64]


class TimeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `times.jsonl`."""

    step: Count
    seconds: Seconds  # of training and evaluating, up to the end of this step


def time_line(data: bytes) -> TimeLine | None:
    """Return what a line says; None where it is damaged."""
    try:
        return msgspec.json.decode(data, type=TimeLine)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Times:
    """When a run was at which step, as far as it is told."""

    steps: Floats  # (n,), rising
    seconds: Floats  # (n,), never falling

    def __bool__(self) -> bool:
        return len(self.steps) > 0

    def at(self, steps: Sequence[float]) -> list[float]:
        """Return the seconds at those of `steps`, rising, whose time is told already: at the first so many of them.

        Between two lines time goes evenly.
        """
        last = self.steps[-1].item() if self else -1.0
        told = [step for step in steps if step <= last]
        at: list[float] = np.interp(told, self.steps, self.seconds).tolist() if told else []
        return at


class TimesReader:
    """Reads the times of runs and keeps them, so that of a file which grew only the new is read."""

    def __init__(self) -> None:
        self._kept: dict[Path, _ReadTimes] = {}
        self._lock = threading.Lock()  # the sessions of a server share one reader

    def read(self, path: Path) -> Times:
        """Return the times of a run; none where it has no such file, or where that cannot be read."""
        with self._lock:
            kept = self._kept.setdefault(path, _ReadTimes())
            try:
                with path.open("rb") as file:
                    kept.look(file)
            except OSError:
                kept = _ReadTimes()
            return kept.times


class _ReadTimes:
    """What was read of a file so far."""

    def __init__(self) -> None:
        self._file = GrowingFile()
        self._forget()

    def _forget(self) -> None:
        self._steps, self._seconds = array("d"), array("d")
        self.times = self._present()

    def look(self, file: BinaryIO) -> None:
        """Take the new lines; all of them where the file was replaced or edited."""
        new = self._file.look(file)
        if new.is_anew:
            self._forget()
        for data in new.lines:
            self._take(data)
        if new.lines:
            self.times = self._present()

    def _take(self, data: bytes) -> None:
        line = time_line(data)
        if line is None or (self._steps and (line.step <= self._steps[-1] or line.seconds < self._seconds[-1])):
            return  # damaged: between its neighbours time goes evenly
        self._steps.append(line.step)
        self._seconds.append(line.seconds)

    def _present(self) -> Times:
        return Times(steps=np.array(self._steps), seconds=np.array(self._seconds))
