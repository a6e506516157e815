"""Which runs wait for their turn, and in which order?"""

from collections.abc import Collection
from pathlib import Path

import streamlit as st

from cocomine.background.reading import line_of
from cocomine.training.runs.queue import KIND, QUEUE
from cocomine.training.runs.queue_rows import QueueRow, QueueSources, queue_rows, tasks_at_work
from cocomine.training.runs.reading import CONFIG
from cocomine.ui.session import state, tasks
from cocomine.ui.session.exports_and_runs import export_at, run_at
from cocomine.ui.session.jobs import run_by_itself
from cocomine.wording import counted, plain

POLL_S = 2.0


def queue_table(listed: Collection[str]) -> None:
    """Show the runs that wait, the next one first, under the one at work; drawn anew while there is one.

    Args:
        listed: the folders of the runs that the page offers.
    """
    if beginning := _beginning(listed):
        st.fragment(_until_there, run_every=POLL_S)(beginning)
    if (line := _line()) or any(task.wants_pause for task in tasks_at_work(tasks.all_tasks())):
        st.fragment(_table, run_every=POLL_S)(line)


def _beginning(listed: Collection[str]) -> list[Path]:
    """Return the folders of runs whose turn has come, and of which there is nothing yet: another still ends."""
    at_work = (task.request for task in tasks_at_work(tasks.all_tasks()) if task.request.kind == KIND)
    folders = [Path(request.target) for request in at_work if request.target not in listed]
    return [folder for folder in folders if not (folder / CONFIG).is_file()]  # a damaged one is there, and never listed


def _until_there(beginning: list[Path]) -> None:
    if any((folder / CONFIG).is_file() for folder in beginning):
        run_by_itself()


def _line() -> list[Path]:
    return [task.folder for task in line_of(tasks.all_tasks(), QUEUE)]


def _table(shown: list[Path]) -> None:
    if set(_line()) != set(shown):  # one has begun or is gone, which the rest of the page tells too
        run_by_itself()
    sources = QueueSources(run_at=run_at, export_at=export_at, workspace=state.workspace())
    rows = queue_rows(tasks.all_tasks(), sources)
    line = [row.task.folder for row in rows if row.task.is_in_line]
    with st.container(border=True, key="training-queue"):
        st.markdown(f"**Queue** · {counted(len(line), 'run')} waiting")
        for row in rows:
            _row(row, line)


def _row(row: QueueRow, line: list[Path]) -> None:
    key = f"queue-{row.task.number}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-row"):
        st.markdown(f"**{plain(row.name)}** · {plain(row.words)}", width="stretch")
        with st.container(horizontal=True, width="content", gap="small", key=f"{key}-buttons"):
            if row.task.is_in_line:
                _move_buttons(row, line, key)
            _turn_buttons(row, key)


# The words of these buttons are their names for who hears the page; app.css leaves the icons alone to see.
def _move_buttons(row: QueueRow, line: list[Path], key: str) -> None:
    place = line.index(row.task.folder)
    up, down = (f"Move {way}: {plain(row.name)}" for way in ("up", "down"))
    st.button(
        up,
        icon=":material/arrow_upward:",
        key=f"{key}-up",
        help=up,
        disabled=place == 0,
        on_click=tasks.move,
        args=(row.task, -1),
    )
    st.button(
        down,
        icon=":material/arrow_downward:",
        key=f"{key}-down",
        help=down,
        disabled=place == len(line) - 1,
        on_click=tasks.move,
        args=(row.task, 1),
    )


def _turn_buttons(row: QueueRow, key: str) -> None:
    if row.task.wants_pause:
        words, icon, act = "Go on", ":material/play_arrow:", tasks.go_on
    else:
        words, icon, act = "Pause", ":material/pause:", tasks.pause
    words = f"{words}: {plain(row.name)}"
    st.button(words, icon=icon, key=f"{key}-pause", help=words, on_click=act, args=(row.task,))
    end = "Remove from the queue" if row.task.is_in_line else "Stop and leave the queue"
    end, icon = f"{end}: {plain(row.name)}", ":material/close:"
    st.button(end, icon=icon, key=f"{key}-remove", help=end, on_click=tasks.cancel, args=(row.task,))
