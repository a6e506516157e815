"""One run on the page, live while it is active; each part is a module of its own."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cocomine.errors import TrainingError
from cocomine.training.runs.reading import DamagedRun, Run
from cocomine.ui.session.exports_and_runs import run_at
from cocomine.ui.session.jobs import run_by_itself
from cocomine.ui.train.new_run import RUN_TO_SHOW
from cocomine.ui.train.run_classes import run_classes
from cocomine.ui.train.run_curves import run_curves
from cocomine.ui.train.run_files import run_files
from cocomine.ui.train.run_header import run_header, run_problems
from cocomine.ui.train.run_images import run_images
from cocomine.ui.train.run_numbers import run_numbers
from cocomine.wording import counted, plain

POLL_S = 2.0


def run_panel(run: Run) -> None:
    """Show a run, and show it anew every two seconds while it is active."""
    st.fragment(_live_run, run_every=POLL_S if run.is_active else None)(run.folder, is_active=run.is_active)


def run_backstage(run: Run) -> None:
    """Show console, system and files of a run, anew every two seconds while it is active."""
    st.fragment(_live_files, run_every=POLL_S if run.is_active else None)(run.folder)


def _live_files(folder: Path) -> None:
    try:
        run = run_at(folder)
    except TrainingError:  # which the panel above says
        return
    run_files(run)


def _live_run(folder: Path, *, is_active: bool) -> None:
    if RUN_TO_SHOW in st.session_state:  # it has another name now, which the whole page must know
        st.rerun()
    run = _run_or_message(folder)
    if run is None:
        return
    if run.is_active != is_active:
        run_by_itself()
    run_header(run)
    run_problems(run)
    if run.info is not None and run.info.notices:
        st.warning("\n".join(f"- {plain(notice)}" for notice in run.info.notices))
    if run.metrics:
        run_numbers(run)
        run_curves(run)
        run_classes(run)
        run_images(run)


def _run_or_message(folder: Path) -> Run | None:
    """Return the run in a folder; where it cannot be read, or was deleted meanwhile, say so and return None."""
    try:
        return run_at(folder)
    except TrainingError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def damaged_list(damaged: Sequence[DamagedRun], runs: Sequence[Run] = ()) -> None:
    """Name the runs that cannot be opened, and those of `runs` of which a file is damaged, each with what to do."""
    sentences = [f"**{plain(each.folder.name)}**: damaged. {plain(each.problem)}" for each in damaged]
    sentences += [f"**{plain(run.folder.name)}**: {plain(' '.join(run.problems))}" for run in runs if run.problems]
    if sentences:
        with st.expander(f"{counted(len(sentences), 'run')} with damaged files", icon=":material/broken_image:"):
            for sentence in sentences:
                st.markdown(sentence)
