"""Runs that were deleted: one click brings each back, until they are removed for good."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cocomine.system.trash import remove_for_good
from cocomine.training.runs.keeping import delete_run, deleted_runs, restore_run, run_size_bytes
from cocomine.training.runs.queue import refuse_where_held
from cocomine.training.runs.reading import Run
from cocomine.ui.said import RESTORE_ICON, Said, close_if_said, said_once, said_where_it_fails, say
from cocomine.ui.session import state
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.train.new_run import RUN_TO_SHOW
from cocomine.wording import counted, plain, size_words

SAID = "runs-said"


@st.dialog("Delete this run?")
def delete_dialog(run: Run) -> None:
    """Say what is deleted, and do it if the person wants it."""
    close_if_said(SAID)
    st.markdown(
        f"**{plain(run.folder.name)}**, {size_words(run_size_bytes(run.folder))}: weights, curves, samples and log."
    )
    st.caption("It moves to the deleted runs at the end of this page, from where you can restore it.")
    with st.container(horizontal=True):
        st.button("Move to trash", type="primary", icon=":material/delete:", on_click=_delete, args=(run.folder,))
        if st.button("Cancel"):
            st.rerun()


def run_said_once() -> None:
    """Tell, once, what the last click did, and offer to undo it."""
    said_once(SAID, _restore)


def deleted_section() -> None:
    """List the deleted runs with their sizes, and how to get their space back."""
    folders = deleted_runs(state.workspace().deleted_runs)
    if not folders:
        return
    sizes = {folder: _size_bytes(files_of(folder, [folder])) for folder in folders}
    label = f"Deleted runs ({len(folders):,}) · {size_words(sum(sizes.values()))}"
    with st.expander(label, icon=":material/delete:", key="deleted-runs"):
        for folder, size_bytes in sizes.items():
            with st.container(horizontal=True, vertical_alignment="center", key=f"deleted-{folder.name}"):
                st.markdown(f"{plain(folder.name)} · {size_words(size_bytes)}", width="stretch")
                key = f"restore-{folder.name}"
                st.button("Restore", icon=RESTORE_ICON, key=key, on_click=_restore, args=(folder,))
        if st.button("Delete for good …", icon=":material/delete_forever:", key="remove-runs"):
            _remove_dialog(sizes)


@cached(same_files, most=512)
def _size_bytes(files: Files) -> int:
    """Return how much room a deleted run takes; nothing is written in one any more."""
    return run_size_bytes(files.root)


@st.dialog("Delete these runs for good?")
def _remove_dialog(sizes: dict[Path, int]) -> None:
    close_if_said(SAID)
    st.markdown(
        f"{counted(len(sizes), 'deleted run')} will be gone for good. That frees {size_words(sum(sizes.values()))}."
    )
    with st.container(horizontal=True):
        icon = ":material/delete_forever:"
        st.button("Delete for good", type="primary", icon=icon, on_click=_remove, args=(list(sizes),))
        if st.button("Cancel"):
            st.rerun()


def _delete(folder: Path) -> None:
    with said_where_it_fails(SAID):
        refuse_where_held(folder, state.workspace().tasks)
        deleted = delete_run(folder, state.workspace().deleted_runs)
        say(SAID, Said(sentence=f"{folder.name} is deleted.", deleted=deleted))


def _restore(folder: Path) -> None:
    with said_where_it_fails(SAID):
        restored = restore_run(folder, state.workspace().runs)
        st.session_state[RUN_TO_SHOW] = str(restored)
        say(SAID, Said(sentence=f"{restored.name} is back."))


def _remove(folders: Sequence[Path]) -> None:
    stay = remove_for_good(folders)
    sentence = " ".join(stay) or "The deleted runs are gone for good."
    say(SAID, Said(sentence=sentence, is_done=not stay))
