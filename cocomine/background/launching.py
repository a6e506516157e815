"""How does a task start, and what becomes of old ones?

Its folder is made and numbered under one lock and appears whole, with its own lock taken: so a task that can be seen
has a process, or has lost it, and of two tasks the lower number was there first. The process waits its turn itself,
which needs nobody to survive: neither the server nor the task before it.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from cocomine.background.reading import Task, TaskReader, line_of, number_of
from cocomine.background.records import PLACE, REQUEST, STATUS, Request, Status, record_bytes
from cocomine.errors import TaskError
from cocomine.system.files import write_bytes, write_text
from cocomine.system.own_process import NoLocksError, start_own_process, take_folder_lock
from cocomine.system.space import writing_to
from cocomine.wording import percent

KEPT_ENDED_TASKS = 20
_NEW, _GONE = ".new", ".gone"


def start_task(tasks_folder: Path, request: Request) -> Path:
    """Start a task in a process of its own, and return its folder.

    Args:
        tasks_folder: `Workspace.tasks`; made if it is not there.
        request: what is to be done.

    Raises:
        TaskError: an active task has the same target, or the process cannot be started.
        StorageError: the folder cannot be written.
    """
    with writing_to(tasks_folder), numbering(tasks_folder):
        tasks = TaskReader().tasks(tasks_folder)
        _refuse_same_target(request, tasks)
        _clear(tasks_folder, tasks)
        number = max([time.time_ns() // 1_000_000, *(task.number + 1 for task in tasks)])
        return _started(tasks_folder, request, tasks_folder / f"{request.kind}-{number}")


def start_again(task: Task) -> Path:
    """Start what a task was to do as a new one, which takes its place; return the new folder.

    Raises:
        TaskError: it is active, or see `start_task`.
        StorageError: see `start_task`.
    """
    if task.is_active:
        raise TaskError(f"{task.request.title}: it is at work. Cancel it first, or wait for it.")
    folder = start_task(task.folder.parent, task.request)
    forget_task(task)
    return folder


def forget_task(task: Task) -> None:
    """Remove the folder of a task that has ended, whatever its work wrote elsewhere.

    Raises:
        TaskError: it is active.
        StorageError: the folder cannot be removed.
    """
    if task.is_active:
        raise TaskError(f"{task.request.title}: it is at work. Cancel it first, or wait for it.")
    with writing_to(task.folder), numbering(task.folder.parent):
        _remove(task.folder)


def move_task(task: Task, by: Literal[-1, 1]) -> None:
    """Let a task that waits change places with the one before it in its queue (-1), or the one after it (1).

    Raises:
        TaskError: it waits no more.
        StorageError: its folder cannot be written.
    """
    with writing_to(task.folder), numbering(task.folder.parent):
        line = line_of(TaskReader().tasks(task.folder.parent), task.request.queue)
        index = next((index for index, each in enumerate(line) if each.folder == task.folder), None)
        if index is None:
            raise TaskError(f"{task.request.title}: it waits no more, so it cannot be moved.")
        if 0 <= index + by < len(line):
            own, other = line[index], line[index + by]
            write_text(own.folder / PLACE, str(other.place))
            write_text(other.folder / PLACE, str(own.place))


@contextmanager
def numbering(tasks_folder: Path) -> Iterator[None]:
    """Be the only one that makes, moves, begins or removes tasks."""
    tasks_folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = take_folder_lock(tasks_folder)
    except NoLocksError as error:
        raise TaskError(
            f"{tasks_folder}: its file system cannot lock files ({error.strerror}), so nothing would keep two "
            "processes apart. Set COCOMINE_HOME to a folder on a local disk."
        ) from error
    if lock is None:
        raise TaskError(f"{tasks_folder}: another program is starting a task and does not end. Try again.")
    with lock:
        yield


def _started(tasks_folder: Path, request: Request, folder: Path) -> Path:
    new = tasks_folder / _NEW
    new.mkdir()
    write_bytes(new / REQUEST, record_bytes(request))
    write_bytes(new / STATUS, record_bytes(Status(state="waiting", heartbeat=time.time(), message="Starting")))
    lock = take_folder_lock(new)
    if lock is None:
        raise TaskError(f"{new}: another program holds a lock in it. Try again.")
    with lock:
        new.rename(folder)
        try:
            start_own_process("cocomine.background", folder, lock)
        except OSError as error:
            _remove(folder)
            raise TaskError(
                f"{request.title}: its process cannot be started ({error}). Close other programs and try again."
            ) from error
    return folder


def _refuse_same_target(request: Request, tasks: tuple[Task, ...]) -> None:
    for task in tasks:
        if request.target and task.request.target == request.target and task.is_active:
            raise TaskError(
                f"{request.target}: “{task.request.title}” is at work on it already "
                f"({percent(task.status.share, decimals=0)}). Wait for it, or cancel it first."
            )


def _clear(tasks_folder: Path, tasks: tuple[Task, ...]) -> None:
    """Remove old ended tasks, and what killed processes left of new and old ones."""
    for left in (_NEW, _GONE):
        shutil.rmtree(tasks_folder / left, ignore_errors=True)
    ended = sorted((task.folder for task in tasks if not task.is_active), key=number_of, reverse=True)
    for folder in ended[KEPT_ENDED_TASKS:]:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Let a folder vanish as a whole, then remove what was in it."""
    gone = folder.with_name(_GONE)
    shutil.rmtree(gone, ignore_errors=True)
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
