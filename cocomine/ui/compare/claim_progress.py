"""How far a claim check is: its runs as a grid that fills in, live while it is at work."""

from pathlib import Path

import streamlit as st

from cocomine.background.words import waiting_words
from cocomine.claim.grid import GridRow, cell_words, grid_rows, is_begun
from cocomine.claim.reading import Claim
from cocomine.ui.compare.claim_session import claim_or_problem, open_run, resume_claim
from cocomine.ui.session import tasks
from cocomine.ui.session.jobs import run_by_itself
from cocomine.wording import brief_duration, counted, join_names, plain

POLL_S = 2.0
ICONS = {
    "waiting": ":material/radio_button_unchecked:",
    "exporting": ":material/output:",
    "running": ":material/progress_activity:",
    "testing": ":material/rule:",
    "done": ":material/check_circle:",
    "failed": ":material/error:",
}


def claim_progress(claim: Claim) -> None:
    """Show a claim check that is not judged, anew every two seconds while it is at work."""
    st.fragment(_live, run_every=POLL_S if claim.is_at_work else None)(claim.folder, is_at_work=claim.is_at_work)


def _live(folder: Path, *, is_at_work: bool) -> None:
    claim = claim_or_problem(folder)
    if isinstance(claim, str):
        st.error(plain(claim), icon=":material/error:")
        return
    if claim.is_at_work != is_at_work or (claim.result is not None):
        run_by_itself()
    st.header(f"Claim check: {plain(join_names(claim.protocol.settings.classes))}")
    _state(claim)
    claim_grid(claim)
    _buttons(claim)


def _state(claim: Claim) -> None:
    """Say how many runs are in, what goes on now, and how long it still takes."""
    done = sum(cell.state == "done" for cell in claim.cells)
    parts = [f"{done:,} of {counted(len(claim.cells), 'run')} done"]
    if claim.seconds_left is not None:
        parts.append(f"about {brief_duration(claim.seconds_left)} left")
    st.progress(done / max(len(claim.cells), 1), " · ".join(parts))
    task = claim.task
    if task is not None and task.state == "waiting":
        st.caption(plain(waiting_words(task)))
    elif task is not None and task.state in {"paused", "asleep"}:
        st.info("Paused. What is done is kept.", icon=":material/pause_circle:")
    elif task is not None and task.is_active:
        st.caption(plain(" · ".join(filter(None, (task.phase_name, task.status.message)))))
    else:
        _ended(claim)


def _ended(claim: Claim) -> None:
    """Say why nobody is at work on a check that is not judged."""
    task = claim.task
    if claim.problem:
        st.error(plain(claim.problem), icon=":material/broken_image:")
    if task is not None and task.state in {"failed", "lost"}:
        st.error(plain(task.sentence), icon=":material/error:")
    else:
        st.info("Stopped before its end. Resume goes on with what is missing.", icon=":material/pause:")


def claim_grid(claim: Claim) -> None:
    """Show each arm at each number of steps in a row: its mIoU so far, and its runs, each a way to it."""
    with st.container(border=True, key=f"claim-grid-{claim.folder.name}"):
        st.caption("mIoU on the natural mix of the test images; # is the seed of a run, and a click opens the run.")
        for row in grid_rows(claim.cells):
            _row(row)
    for cell in claim.cells:
        if cell.problem:
            st.error(f"{plain(cell.folder.name)}: {plain(cell.problem)}", icon=":material/error:")


def _row(row: GridRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"claim-{row.arm}-{row.steps}"):
        st.markdown(f"**{row.arm}** {plain(row.words)}", width="stretch")
        if row.score_words:
            st.markdown(row.score_words, width="content")
        for cell in row.cells:
            if st.button(
                cell_words(cell),
                icon=ICONS[cell.state],
                key=f"claim-run-{cell.folder}",
                help=f"Open the run {cell.folder.name}" if is_begun(cell) else None,
                disabled=not is_begun(cell),
                type="tertiary",
            ):
                open_run(cell.folder)


def _buttons(claim: Claim) -> None:
    task = claim.task
    with st.container(horizontal=True):
        if claim.can_go_on:
            icon = ":material/play_arrow:"
            st.button("Resume", icon=icon, type="primary", key="claim-resume", on_click=resume_claim, args=(claim,))
        if task is None or not task.is_active:
            return
        if task.wants_pause:
            icon = ":material/play_arrow:"
            st.button("Resume", icon=icon, key="claim-go-on", on_click=tasks.go_on, args=(task,))
        else:
            st.button("Pause", icon=":material/pause:", key="claim-pause", on_click=tasks.pause, args=(task,))
        is_ending = task.wants_cancel
        label = "Cancelling …" if is_ending else "Cancel"
        icon, act = ":material/cancel:", tasks.cancel
        st.button(label, icon=icon, key="claim-cancel", disabled=is_ending, on_click=act, args=(task,))
