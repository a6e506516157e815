"""How does the work of a task tell how far it is, and hear that it is to pause or end?

Every report of progress is also where the work pauses and where it ends when it was cancelled. Reports may come from
several threads, as often as they like: they change numbers in memory; a thread beside the work writes them to the
task's folder twice a second, which is the heartbeat as well.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from cocomine.background.records import CANCEL, PAUSE, STATUS, State, Status, record_bytes
from cocomine.errors import StorageError
from cocomine.system.files import write_bytes
from cocomine.system.jobs import JobCancelled, Progress
from cocomine.system.own_process import this_process
from cocomine.system.pace import Pace
from cocomine.system.space import writing_to

WRITE_EVERY_S = 0.5
LOOK_EVERY_S = 0.1
"""How often the control files are looked for."""


class AskedToEnd(JobCancelled):
    """Raised inside the work when the system, and no person, asked its process to end."""


class Report:
    """What a task says of itself; made by its process, handed to its work."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Say that the task waits.

        Args:
            folder: the task's.
            clock: in seconds, for the pace.
        """
        self._folder, self._clock = folder, clock
        self._lock = threading.RLock()
        self._status = Status(state="waiting", **this_process())
        self._weights: tuple[float, ...] = ()
        self._units, self._bytes, self._share = Pace(), Pace(), Pace()
        self._paused_s, self._paused_since, self._waiting = 0.0, 0.0, 0
        self._looked_at = float("-inf")
        self._asked = ""
        self._expected_end: float | None = None
        self._to_end = threading.Event()

    def plan(self, phases: Mapping[str, float], *, unit: str = "image") -> None:
        """Say which phases there will be.

        Args:
            phases: each in words, with about how long it takes beside the others; any unit, positive.
            unit: what is counted in them.
        """
        with self._lock:
            whole = sum(phases.values())
            self._weights = tuple(weight / whole for weight in phases.values())
            self._set(phases=tuple(phases), phase=None, unit=unit)

    def phase(self, name: str) -> Progress:
        """Begin a phase and return what is told how far it is; one that was not planned is added as the last.

        What is returned raises `JobCancelled` where the work is to end, and does not return while it is to pause.
        """
        with self._lock:
            if name not in self._status.phases:
                self.plan(dict.fromkeys((*self._status.phases, name), 1.0), unit=self._status.unit)
            self._units, self._bytes = Pace(), Pace()
            index = self._status.phases.index(name)
            self._set(phase=index, done=0, total=0, bytes_done=0, bytes_total=None)
        self.check()
        return self._count

    def count_bytes(self, done: int, total: int | None = None) -> None:
        """Say how many bytes of the present phase are done, and of how many if that is known."""
        with self._lock:
            self._set(bytes_done=done, bytes_total=total)
            self._bytes.note(self._now(), done)
        self.check()

    def expect(self, left_s: float) -> None:
        """Say how long the whole task still takes, where the work knows that better than its pace tells it."""
        with self._lock:
            self._expected_end = self._now() + left_s

    def say(self, message: str) -> None:
        """Say in words what numbers do not, such as "3 failed"; it stands until the next one."""
        with self._lock:
            self._set(message=message)

    @property
    def wants_pause(self) -> bool:
        """Whether the work is to pause: for work that would rather end its transfers than be held in a report."""
        return (self._folder / PAUSE).exists()

    @property
    def wants_end(self) -> bool:
        """Whether the work is to end."""
        return bool(self._asked) or (self._folder / CANCEL).exists()

    def check(self) -> None:
        """Wait while the task is to pause.

        Raises:
            JobCancelled: it is to end.
        """
        with self._lock:
            if not self._asked and self._clock() - self._looked_at < LOOK_EVERY_S:
                return
            self._looked_at = self._clock()
        if self.wants_pause and not self.wants_end:
            self._pause()
        if self._asked:
            raise AskedToEnd(self._asked)
        if self.wants_end:
            raise JobCancelled

    def ask_to_end(self, by: str) -> None:
        """Let the work end at its next report, since the system asked for it; safe in a signal's handler."""
        self._asked = by

    def begin(self) -> None:
        """Say that the work begins, and write it at once: others look whether it did.

        Raises:
            StorageError: the folder cannot be written.
        """
        with self._lock:
            self._set(state="running", message="", began=time.time())
            self._write()

    def end(self, state: State, message: str) -> None:
        """Say how the work ended.

        Raises:
            StorageError: the folder cannot be written.
        """
        with self._lock:
            share = 1.0 if state == "done" else self._status.share
            done = {"per_s": None, "bytes_per_s": None, "left_s": None, "ended": time.time()}
            self._set(state=state, message=message, share=share, **done)
            self._write()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Write to the folder, again and again, how far it is while the block runs."""
        self._write()
        writer = threading.Thread(target=self._write_again, daemon=True, name="cocomine-heartbeat")
        writer.start()
        try:
            yield
        finally:
            self._to_end.set()
            writer.join()

    def _count(self, done: int, total: int) -> None:
        with self._lock:
            self._set(done=done, total=total)
            self._units.note(self._now(), done)
            self._set(share=self._share_done())
            self._share.note(self._now(), self._status.share)
        self.check()

    def _share_done(self) -> float:
        phase, done, total = self._status.phase or 0, self._status.done, self._status.total
        weights = self._weights[phase] * min(done / total, 1.0) if total else 0.0
        return min(sum(self._weights[:phase]) + weights, 1.0)

    def _pause(self) -> None:
        """Hold the thread that reports until the task is to go on or to end."""
        with self._lock:
            if not self._waiting:
                self._paused_since = self._clock()
                self._set(state="paused")
            self._waiting += 1
        while self.wants_pause and not self.wants_end:
            time.sleep(LOOK_EVERY_S)
        with self._lock:
            self._waiting -= 1
            if not self._waiting:
                self._paused_s += self._clock() - self._paused_since
                self._set(state="running")

    def _now(self) -> float:
        """Return the time on a clock that stands still while the work pauses."""
        now = self._paused_since if self._waiting else self._clock()
        return now - self._paused_s

    def _set(self, **fields: object) -> None:
        self._status = msgspec.structs.replace(self._status, **fields)

    def _write_again(self) -> None:
        while not self._to_end.wait(WRITE_EVERY_S):
            with suppress(StorageError):  # a full disk: the work itself will say so, and the next beat may succeed
                self._write()

    def _write(self) -> None:
        with self._lock:
            if self._status.ended is None:
                self._set(heartbeat=time.time(), **self._paces())
            content = record_bytes(self._status)
        with writing_to(self._folder / STATUS):
            write_bytes(self._folder / STATUS, content)

    def _paces(self) -> dict[str, float | None]:
        now, end = self._now(), self._expected_end
        return {
            "per_s": self._units.per_s(now),
            "bytes_per_s": self._bytes.per_s(now),
            "left_s": self._share.left_s(now, 1.0) if end is None else max(end - now, 0.0),
        }
