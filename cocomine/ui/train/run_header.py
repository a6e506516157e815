"""The head of a run on the page: its state, how far it is, what went wrong, and the buttons that act on it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import streamlit as st

from cocomine.training.runs.faults import remedy_words
from cocomine.training.runs.queue import start_in_turn
from cocomine.training.runs.reading import CHECKPOINT, Run, request_stop
from cocomine.ui.session import state
from cocomine.wording import RUN_STATE_NAMES, duration, plain

BADGES: dict[str, tuple[str, Literal["blue", "orange", "green", "red"]]] = {
    "starting": (":material/hourglass_top:", "blue"),
    "preparing": (":material/hourglass_top:", "blue"),
    "running": (":material/play_arrow:", "blue"),
    "stopping": (":material/stop:", "orange"),
    "stopped": (":material/pause:", "orange"),
    "done": (":material/check:", "green"),
    "failed": (":material/error:", "red"),
    "asleep": (":material/bedtime:", "orange"),
    "lost": (":material/help:", "red"),
}
"""Icon and colour of each state of a run."""


def run_header(run: Run) -> None:
    """Show the state of a run, its progress, and the buttons for that state."""
    icon, colour = BADGES[run.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(RUN_STATE_NAMES[run.state], icon=icon, color=colour)
        st.caption(" · ".join(_progress_words(run)))
        if run.is_active and st.button("Stop training", icon=":material/stop:", key=f"stop-{run.folder}"):
            request_stop(run.folder)
            st.toast("Stopping after the current step; the run can be resumed later.")
        if run.can_be_resumed and st.button("Resume", icon=":material/resume:", key=f"resume-{run.folder}"):
            _resume(run)
    if run.is_active:
        st.progress(min(run.step / run.config.steps, 1.0))
    if run.state == "failed":
        st.error(plain(run.message), icon=":material/error:")
        _offer_change(run)
    if run.state == "lost":
        remedy = (
            "Resume continues from the last checkpoint."
            if (run.folder / CHECKPOINT).is_file()
            else "There is no checkpoint yet: Resume starts it over."
        )
        st.warning(f"Training process ended unexpectedly: killed, or out of memory. {remedy}", icon=":material/help:")
    if run.state == "asleep":
        way_out = "" if run.pid is None else f" To give it up, end process {run.pid}."
        st.warning(
            "Training process is alive but silent: suspended, or very slow. It continues by itself when it wakes; "
            f"no second one is started beside it.{way_out}",
            icon=":material/bedtime:",
        )


def run_problems(run: Run) -> None:
    """Name the damaged files of a run, and what to do."""
    if run.problems:
        remedy = (
            "Resume writes them anew, the metrics from the last checkpoint."
            if run.can_be_resumed
            else "The trained weights are not affected."
        )
        st.warning("\n".join(f"- {plain(problem)}" for problem in run.problems) + f"\n\n{remedy}")


def _resume(run: Run, changes: Mapping[str, float] = MappingProxyType({})) -> None:
    """Resume a run, now or in its turn, and run the page again."""
    if not start_in_turn(run.config, run.folder, state.workspace().tasks, changes):
        st.toast("Another run is at work. This one resumes in its turn.")
    st.rerun()


def _offer_change(run: Run) -> None:
    """Offer to go on with the settings that a failure calls for, such as a smaller batch."""
    fault = None if run.status is None else run.status.fault
    words = None if fault is None else remedy_words(fault)
    if fault is None or words is None:
        return
    if st.button(words, icon=":material/build:", type="primary", key=f"change-{run.folder}"):
        _resume(run, fault.changes)


def _progress_words(run: Run) -> list[str]:
    words = [f"step {run.step:,} / {run.config.steps:,}"]
    status = run.status
    if status is None or not run.is_active:
        return words
    if status.message:
        words.append(status.message)
    if status.images_per_s:
        words.append(f"{status.images_per_s:.1f} images/s")
    if status.seconds_left:
        words.append(f"{duration(status.seconds_left)} left")
    return words
