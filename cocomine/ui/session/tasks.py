"""Long work of the workspace, whoever began it: another page, another tab, or a server that has ended since."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import streamlit as st

from cocomine.background.launching import forget_task, move_task, start_again
from cocomine.background.reading import Task, TaskReader, ask_to_cancel, ask_to_go_on, ask_to_pause, line_of
from cocomine.errors import CocomineError
from cocomine.exporting.task_kind import KIND, target_of
from cocomine.ui.session import state
from cocomine.wording import plain

SHOWN_AFTER_END_S = 900.0
"""How long a task that has ended is told of on every page, unless the person has seen it."""
POLL_S = 0.05
SEEN = "seen_tasks"


@st.cache_resource(show_spinner=False)
def _reader() -> TaskReader:
    return TaskReader()


def all_tasks() -> tuple[Task, ...]:
    """Return the tasks of the workspace, the newest first."""
    return _reader().tasks(state.workspace().tasks)


def told_tasks() -> list[Task]:
    """Return the tasks that every page tells of: the active ones, then those that ended a short time ago."""
    tasks = all_tasks()
    ended = [task for task in tasks if not task.is_active and _is_news(task)]
    return [*(task for task in reversed(tasks) if task.is_active), *ended]


def task_at(folder: Path) -> Task | None:
    """Return the task in a folder with those ahead of it, None where it is gone."""
    return next((task for task in all_tasks() if task.folder == folder), None)


def export_tasks() -> list[Task]:
    """Return the tasks that write exports, the newest first."""
    return [task for task in all_tasks() if task.request.kind == KIND]


def latest_export_task(folder: Path) -> Task | None:
    """Return the newest task that writes or wrote an export into a folder, None where none is known."""
    target = target_of(folder)
    return next((task for task in export_tasks() if task.request.target == target), None)


def waiting_tasks(queue: str) -> list[Task]:
    """Return the tasks of a queue that wait for their turn, the next one first."""
    return line_of(all_tasks(), queue)


def wait_for_end(folder: Path, wait_s: float) -> None:
    """Wait for the end of a task, but no longer than that, rather than to show progress that flickers."""
    deadline_s = time.monotonic() + wait_s
    while time.monotonic() < deadline_s and (task := task_at(folder)) and task.is_active:
        time.sleep(POLL_S)


def _is_news(task: Task) -> bool:
    ended_at = task.status.ended or task.status.heartbeat
    return time.time() - ended_at < SHOWN_AFTER_END_S and str(task.folder) not in st.session_state.get(SEEN, ())


def pause(task: Task) -> None:
    """Let a task pause; for buttons."""
    _said_where_it_fails(lambda: ask_to_pause(task.folder))


def go_on(task: Task) -> None:
    """Let a paused task go on; for buttons."""
    _said_where_it_fails(lambda: ask_to_go_on(task.folder))


def cancel(task: Task) -> None:
    """Let a task end; for buttons."""
    _said_where_it_fails(lambda: ask_to_cancel(task.folder))


def move(task: Task, by: Literal[-1, 1]) -> None:
    """Let a waiting task change places with the one before (-1) or after it (1); for buttons."""
    _said_where_it_fails(lambda: move_task(task, by))


def begin_again(task: Task) -> None:
    """Start what a task was to do as a new one; for buttons."""
    _said_where_it_fails(lambda: start_again(task))


def note_seen(task: Task) -> None:
    """Tell no more on every page, in this session, of a task that ended."""
    st.session_state[SEEN] = {*st.session_state.get(SEEN, ()), str(task.folder)}


def dismiss(task: Task) -> None:
    """Tell no more of a task that ended, in this session; one that did not succeed is forgotten; for buttons."""
    note_seen(task)
    if task.state != "done":
        _said_where_it_fails(lambda: forget_task(task))


def _said_where_it_fails(act: Callable[[], object]) -> None:
    try:
        act()
    except CocomineError as error:
        st.toast(plain(str(error)), icon=":material/error:")
