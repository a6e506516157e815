"""Which tasks are there, and how is each going?

Read from their folders alone, whoever started them, before and after a restart of the server. What a status says is
believed only while lock, signature or heartbeat show that its process lives (`cocomine.system.own_process`): an active
task without one is *lost*, one that is suspended or silent is *asleep*.
"""

import json
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cocomine.background.records import (
    CANCEL,
    ENDED_STATES,
    PAUSE,
    PLACE,
    REQUEST,
    RESULT,
    STATUS,
    Request,
    Status,
    record_in,
)
from cocomine.system.files import Stamp, stamp_of
from cocomine.system.own_process import LOG, is_locked, life_of
from cocomine.system.space import writing_to

SILENT_AFTER_S = 30.0
"""A thread of its own says every second that a task lives."""
_NAME = re.compile(r"[a-z]+-(\d+)")
_LOG_TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as its folder shows it."""

    folder: Path
    request: Request
    status: Status
    state: str  # of `Status.state`, "asleep" or "lost"
    place: int = 0  # in line: its number, unless somebody moved it
    ahead: tuple[str, ...] = ()  # titles of those it waits for, the first to come first

    @property
    def number(self) -> int:
        """By which tasks are in the order of their creation."""
        return number_of(self.folder)

    @property
    def is_active(self) -> bool:
        """Whether there is a process for it: waiting, at work, paused or asleep."""
        return self.state not in {*ENDED_STATES, "lost"}

    @property
    def is_in_line(self) -> bool:
        """Whether its work has not begun."""
        return self.status.began is None

    @property
    def can_be_paused(self) -> bool:
        """Whether it is at work and nobody asked it to pause or end."""
        return self.state == "running" and not (self.wants_pause or self.wants_cancel)

    @property
    def wants_pause(self) -> bool:
        """Whether somebody asked it to pause, which it does at its next report."""
        return (self.folder / PAUSE).exists()

    @property
    def wants_cancel(self) -> bool:
        """Whether somebody asked it to end."""
        return (self.folder / CANCEL).exists()

    @property
    def phase_name(self) -> str:
        """What it does now, "" before its first phase."""
        phase = self.status.phase
        return self.status.phases[phase] if phase is not None and phase < len(self.status.phases) else ""

    @property
    def sentence(self) -> str:
        """Why it ended, or what its work says; of one that died, its last words and what to do."""
        if self.state == "lost":
            return f"{self.request.title}: stopped before its end ({_last_words(self.folder)}). Start it again."
        if self.state == "asleep":
            return (
                f"{self.request.title}: its process {self.status.pid} is alive but suspended or silent. "
                "Wake it (kill -CONT), or end it (kill -KILL)."
            )
        return self.status.message


def number_of(folder: Path) -> int:
    """Return the number in the name of a task's folder, by which tasks are in order; 0 where there is none."""
    found = _NAME.fullmatch(folder.name)
    return int(found[1]) if found else 0


class TaskReader:
    """Reads tasks and keeps what it read: a file that did not change is not read again."""

    def __init__(self) -> None:
        self._requests: dict[Path, Request] = {}
        self._statuses: dict[Path, tuple[Stamp, Status]] = {}
        self._lock = threading.Lock()  # the sessions of a server share one reader

    def tasks(self, tasks_folder: Path) -> tuple[Task, ...]:
        """Return the tasks in a folder, the newest first; those that cannot be read are left out."""
        found = [task for folder in _task_folders(tasks_folder) if (task := self.task(folder))]
        with_ahead = [replace(task, ahead=_ahead(task, found)) if task.state == "waiting" else task for task in found]
        return tuple(sorted(with_ahead, key=lambda task: task.number, reverse=True))

    def task(self, folder: Path) -> Task | None:
        """Return the task in a folder without those ahead of it; None where there is none that can be read."""
        with self._lock:
            request, status = self._request(folder), self._status(folder)
        if request is None:
            return None
        state = _judged_state(folder, status, time.time())
        return Task(folder=folder, request=request, status=status, state=state, place=_place(folder))

    def _request(self, folder: Path) -> Request | None:
        if folder not in self._requests:
            request = record_in(folder / REQUEST, Request)
            if request is None:
                return None
            self._requests[folder] = request
        return self._requests[folder]

    def _status(self, folder: Path) -> Status:
        path = folder / STATUS
        try:
            stamp = stamp_of(path.stat())
        except OSError:
            return Status(state="waiting")  # of no process: lost, unless the lock says otherwise
        kept = self._statuses.get(folder)
        if kept is None or kept[0] != stamp:
            kept = stamp, record_in(path, Status) or Status(state="waiting")
            self._statuses[folder] = kept
        return kept[1]


def read_result(folder: Path) -> dict[str, Any] | None:
    """Return what the work of a task returned, None where there is nothing that can be read."""
    try:
        value = json.loads((folder / RESULT).read_bytes())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def ask_to_pause(folder: Path) -> None:
    """Let the work of a task pause at its next report; it does so even when the server has ended.

    Raises:
        StorageError: the folder cannot be written.
    """
    with writing_to(folder / PAUSE):
        (folder / PAUSE).touch()


def ask_to_go_on(folder: Path) -> None:
    """Let a paused task go on.

    Raises:
        StorageError: the folder cannot be written.
    """
    with writing_to(folder / PAUSE):
        (folder / PAUSE).unlink(missing_ok=True)


def ask_to_cancel(folder: Path) -> None:
    """Let the work of a task end at its next report, waiting and paused ones as well.

    Raises:
        StorageError: the folder cannot be written.
    """
    with writing_to(folder / CANCEL):
        (folder / CANCEL).touch()


def _task_folders(tasks_folder: Path) -> list[Path]:
    try:
        return [path for path in tasks_folder.iterdir() if _NAME.fullmatch(path.name)]
    except OSError:
        return []  # none yet, or not ours to read: there is nothing to find


def _ahead(task: Task, tasks: list[Task]) -> tuple[str, ...]:
    """Return the titles of the active tasks in the queue of a task that were there before it."""
    before = [each for each in tasks if is_in_the_way(each, task)]
    return tuple(each.request.title for each in sorted(before, key=lambda each: (each.is_in_line, each.place)))


def is_in_the_way(other: Task, task: Task) -> bool:
    """Return whether a task has to wait for another of its queue.

    That is one which has begun, also while it is paused, or one with an earlier place, unless that was paused in line.
    """
    if not task.request.queue or other.request.queue != task.request.queue or other.folder == task.folder:
        return False
    return other.is_active and (not other.is_in_line or (other.place < task.place and not other.wants_pause))


def line_of(tasks: Iterable[Task], queue: str) -> list[Task]:
    """Return the tasks of a queue that have not begun, the next one first."""
    waiting = [task for task in tasks if task.request.queue == queue and task.is_active and task.is_in_line]
    return sorted(waiting, key=lambda task: task.place)


def _place(folder: Path) -> int:
    try:
        return int((folder / PLACE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return number_of(folder)


def _judged_state(folder: Path, status: Status, now: float) -> str:
    if status.state in ENDED_STATES:
        return status.state
    life = life_of(status, is_held=is_locked(folder), silent_after_s=SILENT_AFTER_S, now=now)
    return {"awake": str(status.state), "asleep": "asleep", "gone": "lost"}[life]


def _last_words(folder: Path) -> str:
    """Return the last line of a task's log."""
    try:
        with (folder / LOG).open("rb") as file:
            file.seek(max(0, (folder / LOG).stat().st_size - _LOG_TAIL_BYTES))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "without a word"
