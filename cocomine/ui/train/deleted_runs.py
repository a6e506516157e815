"""Runs that were deleted: one click brings each back, until they are removed for good."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.system.trash import remove_for_good
from cocomine.training.runs.keeping import delete_run, deleted_runs, restore_run, run_size_bytes
from cocomine.training.runs.queue import refuse_where_held
from cocomine.training.runs.reading import Run
from cocomine.ui.session import state
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.train.new_run import RUN_TO_SHOW
from cocomine.wording import counted, plain, size_words

SAID = "runs-said"
RESTORE_ICON = ":material/restore_from_trash:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the last click did, or why it could not."""

    sentence: str
    is_done: bool = True
    deleted: Path | None = None  # the run that it deleted, which may come back


@st.dialog("Delete this run?")
def delete_dialog(run: Run) -> None:
    """Say what is deleted, and do it if the person wants it."""
    _close_if_done()
    st.markdown(
        f"**{plain(run.folder.name)}**, {size_words(run_size_bytes(run.folder))}: weights, curves, samples and log."
    )
    st.caption("It moves to the deleted runs at the end of this page, from where you can restore it.")
    with st.container(horizontal=True):
        st.button("Move to trash", type="primary", icon=":material/delete:", on_click=_delete, args=(run.folder,))
        if st.button("Cancel"):
            st.rerun()


def said_once() -> None:
    """Tell, once, what the last click did, and offer to undo it."""
    said: Said | None = st.session_state.pop(SAID, None)
    if said is None:
        return
    if not said.is_done:
        st.error(plain(said.sentence), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(plain(said.sentence), icon=":material/check:")
        if said.deleted is not None:
            st.button("Restore", icon=RESTORE_ICON, key="restore-last", on_click=_restore, args=(said.deleted,))


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
    _close_if_done()
    st.markdown(
        f"{counted(len(sizes), 'deleted run')} will be gone for good. That frees {size_words(sum(sizes.values()))}."
    )
    with st.container(horizontal=True):
        icon = ":material/delete_forever:"
        st.button("Delete for good", type="primary", icon=icon, on_click=_remove, args=(list(sizes),))
        if st.button("Cancel"):
            st.rerun()


def _delete(folder: Path) -> None:
    with _told_where_it_fails():
        refuse_where_held(folder, state.workspace().tasks)
        deleted = delete_run(folder, state.workspace().deleted_runs)
        st.session_state[SAID] = Said(sentence=f"{folder.name} is deleted.", deleted=deleted)


def _restore(folder: Path) -> None:
    with _told_where_it_fails():
        restored = restore_run(folder, state.workspace().runs)
        st.session_state[RUN_TO_SHOW] = str(restored)
        st.session_state[SAID] = Said(sentence=f"{restored.name} is back.")


def _remove(folders: Sequence[Path]) -> None:
    stay = remove_for_good(folders)
    sentence = " ".join(stay) or "The deleted runs are gone for good."
    st.session_state[SAID] = Said(sentence=sentence, is_done=not stay)


@contextmanager
def _told_where_it_fails() -> Iterator[None]:
    try:
        yield
    except CocomineError as error:
        st.session_state[SAID] = Said(sentence=str(error), is_done=False)


def _close_if_done() -> None:
    """Close a dialog whose button was clicked: the page says what came of it."""
    if SAID in st.session_state:
        st.rerun()
