"""How far is a task, and what can be done about it? Shown alike on its own page and, for all tasks, on every page."""

from pathlib import Path

import streamlit as st

from cocomine.background.reading import Task, read_result
from cocomine.background.words import progress_words, waiting_words
from cocomine.ui.session import tasks
from cocomine.ui.session.jobs import run_by_itself
from cocomine.wording import percent, plain

POLL_S = 1.0
TICKS = {"done": ":material/check_circle:", "now": ":material/pending:", "later": ":material/radio_button_unchecked:"}


@st.fragment(run_every=POLL_S)
def task_panel(folder: Path, *, key: str) -> None:
    """Show how far an active task is, and run the page again when it has ended.

    Args:
        folder: the task's.
        key: of its widgets.
    """
    task = tasks.task_at(folder)
    if task is None or not task.is_active:
        run_by_itself()
    with st.container(border=True, key=f"{key}-panel"):
        task_course(task, key=key)


def task_course(task: Task, *, key: str) -> None:
    """Show the phases of a task, how far and how fast it is, and its buttons."""
    with st.container(key=f"task-{key}", gap="small"):
        _title(task)
        if task.state == "waiting":
            st.caption(plain(waiting_words(task)))
        else:
            _progress(task)
        if sentence := task.sentence:
            st.caption(plain(sentence))
        _buttons(task, key)


def task_end(task: Task, *, key: str) -> None:
    """Show what became of a task that has ended, with what can be done about that."""
    _title(task)
    _told(task)
    with st.container(horizontal=True):
        if task.state != "done":
            st.button(
                "Start again", icon=":material/replay:", on_click=tasks.begin_again, args=(task,), key=f"{key}-again"
            )
        st.button("Dismiss", icon=":material/close:", on_click=tasks.dismiss, args=(task,), key=f"{key}-dismiss")


def is_well(task: Task) -> bool:
    """Return whether a task is done and nothing that was asked for is missing."""
    return task.state == "done" and (read_result(task.folder) or {}).get("is_well", True)


def _title(task: Task) -> None:
    st.markdown(f"**{plain(task.request.title)}**")
    if task.request.target:
        st.caption(plain(task.request.target))


def _progress(task: Task) -> None:
    if task.status.phases:
        st.markdown(_phase_lines(task))
    st.progress(task.status.share, _bar_words(task))
    if words := progress_words(task.status):
        st.caption(plain(words))


def _told(task: Task) -> None:
    if task.state == "cancelled":
        sentence = f"{task.request.kind.capitalize()} cancelled. {task.request.if_cancelled}"
        st.info(plain(sentence.strip()), icon=":material/cancel:")
    elif task.state != "done":
        st.error(plain(task.sentence), icon=":material/error:")
    elif is_well(task):
        st.success(plain(task.sentence or "Done."), icon=":material/check_circle:")
    else:
        st.warning(plain(task.sentence), icon=":material/rule:")


def _phase_lines(task: Task) -> str:
    """Return the phases of a task, each with a tick or its place in time."""
    present = -1 if task.status.phase is None else task.status.phase
    lines = []
    for index, name in enumerate(task.status.phases):
        tick = "done" if index < present else "now" if index == present else "later"
        lines.append(f"{TICKS[tick]} {plain(name)}")
    return "  \n".join(lines)


def _bar_words(task: Task) -> str:
    state = {"paused": "Paused · ", "asleep": "Suspended · "}.get(task.state, "")
    return f"{state}{percent(task.status.share, decimals=0)}"


def _buttons(task: Task, key: str) -> None:
    with st.container(horizontal=True):
        if task.wants_pause:
            st.button("Resume", icon=":material/play_arrow:", on_click=tasks.go_on, args=(task,), key=f"{key}-go-on")
        else:
            st.button("Pause", icon=":material/pause:", on_click=tasks.pause, args=(task,), key=f"{key}-pause")
        is_ending = task.wants_cancel
        label = "Cancelling …" if is_ending else "Cancel"
        st.button(
            label,
            icon=":material/cancel:",
            on_click=tasks.cancel,
            args=(task,),
            disabled=is_ending,
            key=f"{key}-cancel",
        )
