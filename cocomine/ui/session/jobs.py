"""Work that takes over a second, beside the pages: one job for each key, shared by all sessions.

A page calls `background` in each of its runs. The first call starts the work, later ones find it, and `progress_panel`
shows how far it is, how long it still takes, and offers to cancel it.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Any, NoReturn, TypeVar

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState, get_script_run_ctx

from cocomine.system.jobs import Job, Progress
from cocomine.wording import duration, percent

T = TypeVar("T")
POLL_S = 0.5
BY_ITSELF = "page_ran_by_itself"
MOST_ENDED = 64
"""Jobs that have ended and are kept with their results, the latest begun."""
_jobs: dict[Hashable, Job[Any]] = {}
_starting = threading.Lock()


def background(
    key: Hashable,
    work: Callable[[Progress], T],
    *,
    replaces: str = "",
    delay_s: float = 0.0,
    wait_s: float = 0.0,
) -> Job[T]:
    """Return the job of a key; the call that finds none starts it.

    Args:
        key: what the work depends on.
        work: is given `progress`, which it calls as it goes on, and where it ends when it is cancelled.
        replaces: a name for what a session has once: its job under another key is cancelled, and forgotten, so that
            quick clicks do not pile up work and others who want it begin it anew; "" for work that goes on.
        delay_s: how long the work waits first, so that the page is drawn before it takes the processor.
        wait_s: how long the first call of a session waits for the end, rather than to show progress that flickers.
    """
    is_new = _replace(replaces, key) if replaces else False
    with _starting:
        job = _jobs.get(key)
        if job is None:
            job, is_new = Job(work, delay_s=delay_s), True
            _make_room()
            _jobs[key] = job
    if is_new and wait_s:
        job.wait(wait_s)
    return job


def existing_job(key: Hashable) -> Job[Any] | None:
    """Return the job of that key, None where it was never started or is forgotten."""
    return _jobs.get(key)


def forget_job(key: Hashable) -> None:
    """Let the next call of `background` begin anew."""
    _jobs.pop(key, None)


def forget_ended_job(key: Hashable) -> None:
    """Let the next call of `background` begin anew, unless the job of that key is still at work."""
    job = existing_job(key)
    if job is not None and job.state != "running":
        forget_job(key)


def cancel_job(name: str) -> None:
    """Stop and forget the job that this session has under a name, see `replaces`, if it is at work."""
    key = st.session_state.get(f"job-{name}")
    job = existing_job(key)
    if job is not None and job.state == "running":
        job.cancel()
        forget_job(key)


def _replace(name: str, key: Hashable) -> bool:
    """Let a key be the one of that name in this session; stop and forget what was; return whether it was another."""
    is_new = st.session_state.get(f"job-{name}") != key
    if is_new:
        cancel_job(name)
    st.session_state[f"job-{name}"] = key
    return is_new


def _make_room() -> None:
    ended = [key for key, job in _jobs.items() if job.state != "running"]
    for key in ended[: max(0, len(ended) - MOST_ENDED + 1)]:
        del _jobs[key]


def run_by_itself() -> NoReturn:
    """Run the page again where nobody asked for it, since something beside it has ended."""
    st.session_state[BY_ITSELF] = True
    st.rerun()


def follow(job: Job[Any]) -> None:
    """Run the page again when a job has ended; for a fragment that runs every `POLL_S`."""
    if job.state != "running":
        run_by_itself()


def stop_following() -> None:
    """Let the fragment that runs now no longer run by itself: what it shows stays until its page runs again.

    Streamlit 1.67 has no word for this; it tells the browser so where a fragment is no longer drawn. To go when it has.
    """
    context, fragment_id = get_script_run_ctx(), ThreadState.get().fragment_id
    if context is not None and fragment_id is not None:
        told = ForwardMsg()
        told.stop_auto_rerun.fragment_ids.append(fragment_id)
        context.enqueue(told)


def ran_by_itself() -> bool:
    """Return, once, whether nobody asked for this run: what the last one said must stay for it."""
    return bool(st.session_state.pop(BY_ITSELF, False))


@st.fragment(run_every=POLL_S)
def progress_panel(
    job: Job[Any], words: str | Callable[[], str], *, key: str, at_end: Callable[[], None] | None = None
) -> None:
    """Show how far a job is, offer to cancel it, and run the page again when it has ended.

    Args:
        job: running, or just ended.
        words: what is going on, such as "Reading the annotations"; or what returns it now, where that changes.
        at_end: called before the page runs again, to ask for a dialog that this would close.
    """
    if job.state != "running":
        if at_end is not None:
            at_end()
        run_by_itself()
    with st.container(border=True, key=f"{key}-panel"):
        left = "" if job.left_s is None else f" · {duration(job.left_s)} left"
        now = words if isinstance(words, str) else words()
        st.progress(job.share, f"{now} · {percent(job.share, decimals=0)}{left}")
        st.button("Cancel", icon=":material/cancel:", on_click=job.cancel, key=f"{key}-cancel")
