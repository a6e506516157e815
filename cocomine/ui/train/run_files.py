"""The folder of a run: its log, and the files to take from it."""

import os
from pathlib import Path

import streamlit as st

from cocomine.system.own_process import LOG
from cocomine.training.runs.reading import CARD, Run

TAIL_BYTES = 1 << 16


def run_files(run: Run) -> None:
    """Show where a run is, the end of its log, and its model card."""
    with st.expander("Log and files", icon=":material/description:"):
        st.code(str(run.folder), language=None)
        st.code(_tail(run.folder / LOG) or "The log is empty.", language=None, height=240)
        if card := _tail(run.folder / CARD):
            st.download_button("Model card", card, CARD, "text/markdown", icon=":material/badge:", on_click="ignore")


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror})."
