"""The claim checks of the workspace, which of them a session looks at, and what it may do with them."""

import re
import time
from itertools import count
from pathlib import Path
from typing import NoReturn

import streamlit as st

from cocomine.claim.reading import Claim, ClaimReader
from cocomine.claim.records import PROTOCOL, ClaimSettings
from cocomine.claim.starting import go_on, start_claim
from cocomine.errors import ClaimError, CocomineError
from cocomine.ui.navigation import page_path
from cocomine.ui.session import state
from cocomine.ui.session.exports_and_runs import VISITED_RUN
from cocomine.ui.session.tasks import all_tasks
from cocomine.ui.session.view import View
from cocomine.ui.train.new_run import RUN_TO_SHOW
from cocomine.wording import plain

SHOWN = "shown-claim"
"""The folder of the claim check that the page shows; "" where a new one is set up."""
LONGEST_NAME = 40


@st.cache_resource(show_spinner=False)
def _reader() -> ClaimReader:
    return ClaimReader()


def claim_folders() -> list[Path]:
    """Return the folders of the claim checks in the workspace, the newest first."""
    found = state.workspace().claims.glob(f"*/{PROTOCOL}")
    begun = {path.parent: path.stat().st_mtime_ns for path in found}
    return sorted(begun, key=lambda folder: (-begun[folder], folder.name))


def claim_at(folder: Path) -> Claim:
    """Return the claim check in a folder.

    Raises:
        ClaimError: it is gone, or cannot be read.
    """
    return _reader().read(folder, time.time(), all_tasks())


def claim_or_problem(folder: Path) -> Claim | str:
    """Return the claim check in a folder, or why it cannot be read."""
    try:
        return claim_at(folder)
    except ClaimError as error:
        return str(error)


def free_claim_folder(classes: tuple[str, ...]) -> Path:
    """Return a folder for a new claim check, numbered so that none is overwritten, also none that has no file yet."""
    words = re.sub(r"[^a-z0-9]+", "-", "-".join(classes).lower()).strip("-")[:LONGEST_NAME].strip("-") or "claim"
    taken = {task.request.target for task in all_tasks()}
    folders = (state.workspace().claims / f"{words}-{number}" for number in count(1))
    return next(folder for folder in folders if not folder.exists() and str(folder.resolve()) not in taken)


def show_claim(folder: Path | None) -> None:
    """Let the page show a claim check, or set up a new one; for buttons."""
    st.session_state[SHOWN] = "" if folder is None else str(folder)


def shown_folder(folders: list[Path]) -> Path | None:
    """Return which claim check the page shows, the newest where none was chosen; None to set up a new one."""
    chosen = st.session_state.get(SHOWN)
    if chosen is None:
        return folders[0] if folders else None
    return next((folder for folder in folders if str(folder) == chosen), None)


def open_run(folder: Path) -> NoReturn:
    """Open a run of a claim check on the Train page."""
    st.session_state[RUN_TO_SHOW] = st.session_state[VISITED_RUN] = str(folder)
    st.switch_page(page_path("train"))


def begin_claim(view: View, settings: ClaimSettings) -> NoReturn:
    """Start a claim check in a folder of its own, show it, and run the page again; where it cannot be, say why."""
    folder = free_claim_folder(settings.classes)
    dataset = view.with_classes_of_files.dataset
    try:
        with st.spinner("Looking at the images …"):
            start_claim(dataset, settings, folder, state.workspace().tasks, excluded=view.excluded)
    except CocomineError as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.stop()
    show_claim(folder)
    st.rerun()


def resume_claim(claim: Claim) -> None:
    """Let a claim check go on with what is missing; for buttons."""
    try:
        go_on(claim.folder, state.workspace().tasks)
    except CocomineError as error:
        st.toast(plain(str(error)), icon=":material/error:")
