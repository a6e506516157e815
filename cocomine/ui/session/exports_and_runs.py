"""The runs of the workspace, each of their files read once and kept for as long as it does not change."""

import time
from pathlib import Path

import streamlit as st

from cocomine.training.runs.folder import DamagedRun, Run, list_runs, read_run
from cocomine.training.runs.records import MetricsReader
from cocomine.ui.session import state


@st.cache_resource(show_spinner=False)
def _metrics_reader() -> MetricsReader:
    return MetricsReader()


def all_runs() -> tuple[list[Run], list[DamagedRun]]:
    """Return the runs of the workspace, the newest first, and those that cannot be opened."""
    return list_runs(state.workspace().runs, time.time(), _metrics_reader())


def run_at(folder: Path) -> Run:
    """Return the run in a folder.

    Raises:
        TrainingError: The folder is no run any more, or its settings cannot be read.
    """
    return read_run(folder, time.time(), _metrics_reader())
