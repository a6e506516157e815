"""What long work is going on, on every page: a chip such as "Export 62 %", with all about it behind a click."""

import streamlit as st

from cocomine.background.reading import Task
from cocomine.background.words import overview
from cocomine.system.device import device_words
from cocomine.ui.session.tasks import note_seen, told_tasks
from cocomine.ui.task_panel import POLL_S, is_well, task_course, task_end
from cocomine.wording import plain

PAGES = {"export": "export", "download": "data", "annotations": "data", "training": "train", "claim": "compare"}
"""By the kind of a task, the page that is about it."""
DEVICE_PAGE = "train"
"""The page on which it matters what computes, also while nothing goes on."""
ICONS = {
    "running": ":material/progress_activity:",
    "paused": ":material/pause_circle:",
    "waiting": ":material/schedule:",
}


def task_chip(page: str) -> None:
    """Show the chip where there is something to tell; while work goes on, it alone is drawn again and again.

    Args:
        page: that is shown; what has ended is told there, and needs to be told nowhere else any more.
    """
    tasks = told_tasks()
    for task in tasks:
        if not task.is_active and PAGES.get(task.request.kind) == page:
            note_seen(task)
    if page == DEVICE_PAGE:
        st.badge(device_words(), icon=":material/developer_board:", color="gray")
    is_busy = any(task.is_active for task in tasks)
    st.fragment(_chip, run_every=POLL_S if is_busy else None)()


def _chip() -> None:
    tasks = told_tasks()
    if not tasks:
        return
    with st.popover(overview(tasks), icon=_icon(tasks[0]), wrap=False, key="task-chip"):
        st.caption(f":material/developer_board: {plain(device_words())}")
        for number, task in enumerate(tasks):
            if number:
                st.divider()
            _one(task)


def _one(task: Task) -> None:
    key = f"chip-{task.number}"
    if task.is_active:
        task_course(task, key=key)
    else:
        task_end(task, key=key)
    if page := PAGES.get(task.request.kind):
        st.page_link(f"pages/{page}.py", label=f"Open the {page.capitalize()} page", icon=":material/arrow_forward:")


def _icon(task: Task) -> str:
    if task.is_active:
        return ICONS.get(task.state, ":material/bedtime:")
    return ":material/check_circle:" if is_well(task) else ":material/error:"
