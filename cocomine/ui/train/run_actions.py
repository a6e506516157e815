"""What can be done with a run: stop, resume, give another name, duplicate, delete.

Buttons of a run stand in a fragment, so whatever changes more than the run asks for a run of the whole page.
"""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from cocomine.background.reading import ask_to_go_on
from cocomine.errors import CocomineError
from cocomine.training.runs.faults import remedy_words
from cocomine.training.runs.keeping import rename_run
from cocomine.training.runs.queue import held_task, refuse_where_held, start_in_turn
from cocomine.training.runs.reading import Run, request_stop
from cocomine.ui.session import state
from cocomine.ui.session.tasks import all_tasks
from cocomine.ui.train.deleted_runs import delete_dialog
from cocomine.ui.train.duplicate import fill_form
from cocomine.ui.train.new_run import RUN_TO_SHOW
from cocomine.wording import plain

NAME_PX = 340
STOP_FIRST = "Stop it first"
"""Why a run at work can be neither renamed nor deleted."""
OF_A_CLAIM = "It belongs to a claim check, which finds it by its name. Delete the whole check on Compare"


def run_name(run: Run) -> None:
    """Show the name of a run, which can be edited while nothing is at work on it."""
    key = f"run-name-{run.folder}"
    st.text_input(
        "Name of the run",
        value=run.folder.name,
        key=key,
        width=NAME_PX,
        disabled=bool(_why_it_stays(run)),
        help=_why_it_stays(run) or "Edit it and press Enter: the folder of the run gets this name",
        on_change=_rename,
        args=(run, key),
    )


def run_buttons(run: Run) -> None:
    """Show the buttons for the state of a run."""
    if run.is_active and st.button("Stop", icon=":material/stop:", key=f"stop-{run.folder}"):
        request_stop(run.folder)
        st.toast("Stopping after the current step; the run can be resumed later.")
    if run.can_be_resumed and st.button("Resume", icon=":material/resume:", key=f"resume-{run.folder}"):
        _resume(run)
    if st.button(
        "Duplicate",
        icon=":material/content_copy:",
        key=f"duplicate-{run.folder}",
        help="Fills in the settings of a new run as this one has them",
        on_click=fill_form,
        args=(run.config,),
    ):
        st.rerun()
    if st.button(
        "Delete",
        icon=":material/delete:",
        key=f"delete-{run.folder}",
        disabled=bool(_why_it_stays(run)),
        help=_why_it_stays(run) or None,
    ):
        delete_dialog(run)


def _why_it_stays(run: Run) -> str:
    """Return why a run can be neither renamed nor deleted, "" where it can."""
    if run.is_active:
        return STOP_FIRST
    return OF_A_CLAIM if run.folder.is_relative_to(state.workspace().claims) else ""


def remedy_button(run: Run) -> None:
    """Offer to go on with the settings that a failure calls for, such as a smaller batch."""
    fault = None if run.status is None else run.status.fault
    words = None if fault is None else remedy_words(fault)
    if fault is None or words is None:
        return
    if st.button(words, icon=":material/build:", type="primary", key=f"change-{run.folder}"):
        _resume(run, fault.changes)


def _resume(run: Run, changes: Mapping[str, float] = MappingProxyType({})) -> None:
    """Resume a run, now or in its turn, and run the page again."""
    try:
        task = held_task(run.folder, all_tasks())
        if task is not None:  # paused or in line, with the settings it has
            ask_to_go_on(task.folder)
        elif not start_in_turn(run.config, run.folder, state.workspace().tasks, changes):
            st.toast("Another run is at work. This one resumes in its turn.")
    except CocomineError as error:
        st.toast(plain(str(error)), icon=":material/error:")
    else:
        st.rerun()


def _rename(run: Run, key: str) -> None:
    """Give a run the name that was typed; where that cannot be, say why and show the one it has."""
    name = str(st.session_state[key]).strip()
    if name == run.folder.name:
        return
    try:
        refuse_where_held(run.folder, state.workspace().tasks)
        st.session_state[RUN_TO_SHOW] = str(rename_run(run.folder, name))
    except CocomineError as error:
        st.session_state[key] = run.folder.name
        st.toast(plain(str(error)), icon=":material/error:")
