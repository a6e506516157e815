"""Whether curves are drawn over steps or over the time of training, and what of runs can be drawn over time."""

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st

from cocomine.training.runs.reading import Run
from cocomine.training.runs.times import TIMES, Times, TimesReader
from cocomine.ui.train.run_figures import DrawnRun
from cocomine.wording import join_names, plain

STEPS, TIME = "Steps", "Time"


def is_over_time(key: str) -> bool:
    """Show the switch between steps and time; tell which is chosen."""
    chosen = st.segmented_control(
        "Curves over",
        (STEPS, TIME),
        default=STEPS,
        required=True,
        key=key,
        help="Time: what the run trained and evaluated for. Pauses do not count, and what a resumed run did twice "
        "counts once.",
    )
    return chosen == TIME


def over_time(drawn: Iterable[DrawnRun]) -> list[DrawnRun]:
    """Return those of some runs that have times, to be drawn over them; say which have none."""
    placed = [replace(each, times=_times_of(each.run)) for each in drawn]
    if without := [plain(each.run.folder.name) for each in placed if not each.times]:
        have, are = ("has", "is") if len(without) == 1 else ("have", "are")
        st.caption(
            f":material/timer_off: {join_names(without)} {have} no times, which former versions did not record, and "
            f"{are} drawn over steps only."
        )
    return [each for each in placed if each.times]


def _times_of(run: Run) -> Times:
    return _reader().read(run.folder / TIMES)


@st.cache_resource(show_spinner=False)
def _reader() -> TimesReader:
    return TimesReader()
