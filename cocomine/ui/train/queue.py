"""Which runs wait for their turn, and in which order?"""

import streamlit as st

from cocomine.background.reading import Task
from cocomine.background.words import waiting_words
from cocomine.training.runs.queue import KIND
from cocomine.ui.session import tasks
from cocomine.ui.session.jobs import run_by_itself
from cocomine.wording import counted, plain

POLL_S = 2.0


def queue_table() -> None:
    """Show the runs that wait, the next one first; drawn anew while there is one."""
    if waiting := _waiting():
        st.fragment(_table, run_every=POLL_S)(len(waiting))


def _waiting() -> list[Task]:
    return tasks.waiting_tasks(KIND)


def _table(shown_count: int) -> None:
    waiting = _waiting()
    if len(waiting) != shown_count:
        run_by_itself()
    with st.container(border=True, key="training-queue"):
        st.markdown(f"**{counted(len(waiting), 'run')} in the queue**")
        for index, task in enumerate(waiting):
            _row(task, index, len(waiting))


def _row(task: Task, index: int, count: int) -> None:
    name, key = task.request.title, f"queue-{task.number}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(name)}**")
        st.caption("Paused: others pass it." if task.wants_pause else plain(waiting_words(task)))
        for label, icon, by in (("Move up", "arrow_upward", -1), ("Move down", "arrow_downward", 1)):
            is_at_end = index == (0 if by < 0 else count - 1)
            st.button(
                "",
                icon=f":material/{icon}:",
                key=f"{key}-{icon}",
                help=f"{label}: {name}",
                disabled=is_at_end,
                on_click=tasks.move,
                args=(task, by),
            )
        words, act = ("Go on", tasks.go_on) if task.wants_pause else ("Pause", tasks.pause)
        st.button(words, key=f"{key}-pause", help=f"{words}: {name}", on_click=act, args=(task,))
        st.button("Remove", key=f"{key}-remove", help=f"Remove: {name}", on_click=tasks.cancel, args=(task,))
