"""Long work in a page: one job for each key, shared by all sessions, with progress, time left and a way to stop."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from cocomine.system.jobs import Job, Progress

T = TypeVar("T")
POLL_S = 0.5
_starting = threading.Lock()


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[Hashable, Job[Any]]:
    return {}


def job_of(key: Hashable, work: Callable[[Progress], T]) -> Job[T]:
    """Return the job of that key; the first call starts it and returns at once."""
    with _starting:
        jobs = _jobs()
        if key not in jobs:
            jobs[key] = Job(work)
        return jobs[key]


def known_job(key: Hashable) -> Job[Any] | None:
    """Return the job of that key, None where it was never started or is forgotten."""
    return _jobs().get(key)


def forget_job(key: Hashable) -> None:
    """Let the next call of `job_of` begin anew."""
    _jobs().pop(key, None)


@st.fragment(run_every=POLL_S)
def progress_panel(job: Job[Any], words: str, *, key: str) -> None:
    """Show how far a job is, offer to cancel it, and run the page again when it has ended.

    Args:
        job: running, or just ended.
        words: what is going on, such as "Reading the annotations".
        key: of the widgets.
    """
    if job.state != "running":
        st.rerun()
    with st.container(border=True, key=f"{key}-panel"):
        st.progress(job.share, f"{words} · {job.share:.0%}{_left(job.left_s)}")
        st.button("Cancel", icon=":material/cancel:", on_click=job.cancel, key=f"{key}-cancel")


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f" · about {seconds / 60:.0f} min left" if seconds >= 90 else f" · about {max(seconds, 1):.0f} s left"
