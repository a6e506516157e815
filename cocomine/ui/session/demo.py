"""How is the demo drawn beside the pages, once for all sessions, and opened when it is whole?

A person who asks for it opens its folder at once. While the drawing goes on, every page shows how far it is; a reload
finds it again by the path in the URL. What a kill or *Cancel* left is finished by the next who opens that folder.
"""

from functools import partial
from pathlib import Path

import streamlit as st

from cocomine.demo.dataset import demo_is_begun, demo_is_complete, write_demo
from cocomine.server.preparing import PREPARATION
from cocomine.system.jobs import Job, Progress
from cocomine.ui.session import state
from cocomine.ui.session.jobs import background, existing_job, forget_ended_job

QUICK_S = 0.5
"""A demo that is drawn within this time shows no progress."""


def open_demo() -> None:
    """Open the demo; where it is not there yet, it is drawn in the background first."""
    folder = state.workspace().demo
    if not demo_is_complete(folder):
        _drawing(folder)
    state.open_dataset_at(folder)
    st.rerun()


def demo_job(path: str) -> Job[None] | None:
    """Return the job that draws the demo at a path, begun again where it was interrupted; None where there is none."""
    folder = state.workspace().demo
    if Path(path) != folder:
        return None
    job: Job[None] | None = existing_job(demo_key(folder))
    if job is not None and job.state != "done":
        return job
    return _drawing(folder) if demo_is_begun(folder) else None


def _drawing(folder: Path) -> Job[None]:
    """Return the job that is drawing the demo, a new one where the last has ended; wait a moment for a quick end."""
    forget_ended_job(demo_key(folder))
    return background(demo_key(folder), partial(_draw, folder), wait_s=QUICK_S)


def _draw(folder: Path, progress: Progress) -> None:
    PREPARATION.wait_in_run()  # it imports what the first page does without
    write_demo(folder, progress=progress)


def demo_key(folder: Path) -> tuple[str, Path]:
    """Return the key of the job that draws the demo."""
    return ("demo", folder)
