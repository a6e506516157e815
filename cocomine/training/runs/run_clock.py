"""Who writes how long a run trained?

The clock of a run counts the seconds in which it trained and evaluated. When the run goes on from its checkpoint the
times after that are cut, as its metrics are, and the clock goes on from the last one kept: what was done twice counts
once, a pause not at all, and time never runs back.
"""

import time
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

import msgspec

from cocomine.system.files import write_text
from cocomine.system.space import writing_to
from cocomine.training.runs.times import TimeLine, time_line


class RunClock:
    """Writes when a run at work was at which step."""

    def __init__(self, path: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._path, self._now = path, now
        self._last: TimeLine | None = None
        self._began: float | None = None  # when the run began, had it made no pause; None while nothing is written

    def start(self, step: int) -> None:
        """Begin at step 0, or go on from the checkpoint of a step.

        A run whose first steps have no times, since a former version did them or the file is damaged, gets none for
        the others either: they would begin at a wrong second.

        Raises:
            StorageError: The file cannot be written.
        """
        kept = self._kept(step)
        self._last = kept[-1] if kept else None
        is_whole = step == (0 if self._last is None else self._last.step)
        with writing_to(self._path):
            if is_whole:
                write_text(self._path, "".join(map(_encoded, kept)))
            else:
                self._path.unlink(missing_ok=True)
        before_s = 0.0 if self._last is None else self._last.seconds
        self._began = self._now() - before_s if is_whole else None

    def _kept(self, step: int) -> list[TimeLine]:
        """Return the lines up to a step, and up to the first one that is damaged."""
        try:
            lines = map(time_line, self._path.read_bytes().split(b"\n")[:-1])
        except OSError:
            return []
        return [line for line in takewhile(lambda line: line is not None and line.step <= step, lines) if line]

    def note(self, step: int) -> None:
        """Write that the run is at a step now; a step that is written already stays as it is.

        Raises:
            StorageError: The file cannot be written.
        """
        if self._began is None or (self._last is not None and step <= self._last.step):
            return
        self._last = TimeLine(step=step, seconds=round(self._now() - self._began, 3))
        with writing_to(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write(_encoded(self._last))


def _encoded(line: TimeLine) -> str:
    return msgspec.json.encode(line).decode() + "\n"
