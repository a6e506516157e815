"""How does long work go on beside the pages, with progress and a way to stop it?

A job is one function on a thread of its own. It tells how far it is by calling
`progress`, and that call is also where a cancelled job ends.
"""

import threading
import time
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from cocomine.system.pace import Pace

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Takes how much is done and how much there is, in units of the work's own."""
ProgressOf = Callable[[str], Progress]
"""Takes what a part of the work does, in words, and returns what is told how far that part is."""
State = Literal["running", "done", "failed", "cancelled"]


class JobCancelled(Exception):  # noqa: N818 - it is no error
    """Raised inside the work, by its own `progress`, once the job was cancelled."""


class Job(Generic[T]):
    """One piece of work that begins when the job is made, or soon after.

    Attributes:
        done: as last reported.
        total: as last reported, 0 before.
    """

    def __init__(self, work: Callable[[Progress], T], *, delay_s: float = 0.0) -> None:
        """Begin the work on a thread of its own.

        Args:
            work: what is done.
            delay_s: how long it waits first; a job cancelled meanwhile does nothing.
        """
        self.done, self.total = 0, 0
        self._delay_s = delay_s
        self._pace = Pace()
        self._stop, self._ended = threading.Event(), threading.Event()
        self._result: T | None = None
        self._error: BaseException | None = None
        threading.Thread(target=self._run, args=(work,), daemon=True, name="cocomine-job").start()

    @property
    def state(self) -> State:
        """Where the work is."""
        if not self._ended.is_set():
            return "running"
        if self._error is None:
            return "done"
        return "cancelled" if isinstance(self._error, JobCancelled) else "failed"

    @property
    def share(self) -> float:
        """How much of it is done, in [0, 1]."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds left if it goes on like this; None while that cannot be told."""
        return self._pace.left_s(time.monotonic(), 1.0)

    def cancel(self) -> None:
        """Ask the work to end; it does at its next call of `progress`."""
        self._stop.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end, and return whether it came."""
        return self._ended.wait(timeout_s)

    def result(self) -> T:
        """Return what the work returned, or raise what it raised; only once it ended."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set wherever there is no error

    def _run(self, work: Callable[[Progress], T]) -> None:
        try:
            self._stop.wait(self._delay_s)
            self._progress(0, 0)
            self._result = work(self._progress)
        except BaseException as error:  # kept for `result`, which raises it where somebody looks
            self._error = error
        finally:
            self._ended.set()

    def _progress(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise JobCancelled
        self.done, self.total = done, total
        self._pace.note(time.monotonic(), self.share)
