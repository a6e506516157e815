"""The head of a run on the page: its name and state, how far it is, what went wrong, and what can be done."""

from typing import Literal

import streamlit as st

from cocomine.training.runs.progress_words import progress_words
from cocomine.training.runs.reading import CHECKPOINT, Run
from cocomine.ui.train.run_actions import remedy_button, run_buttons, run_name
from cocomine.wording import RUN_STATE_NAMES, plain

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
    """Show the name of a run, its state and progress, what went wrong, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"run-head-{run.folder}"):
        run_name(run)
        run_buttons(run)
    icon, colour = BADGES[run.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(RUN_STATE_NAMES[run.state], icon=icon, color=colour)
        st.caption(plain(progress_words(run)))
    if run.is_active:
        st.progress(min(run.step / run.config.steps, 1.0))
    _what_went_wrong(run)


def _what_went_wrong(run: Run) -> None:
    if run.state == "failed":
        st.error(plain(run.message), icon=":material/error:")
        remedy_button(run)
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
