"""Where are images saved that are downloaded: beside the dataset's annotations, or in a folder that the person chooses?

A dataset may lie where nothing can be written. The folder that is chosen gets a folder for each split; these are kept
as the dataset's image folders.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cocomine.ui.folders import walk
from cocomine.ui.image_folder import name_folders
from cocomine.ui.session import state
from cocomine.ui.session.view import View
from cocomine.wording import printable

WALK = "download-walk"
ROOT = "download-root"
"""By the path of a dataset, the folder that was chosen for its images."""


def chosen_root(view: View) -> Path | None:
    """Return the folder that the person chose for a dataset's images, None where they come to its own place."""
    chosen = st.session_state.get(ROOT, {}).get(view.dataset.path)
    return None if chosen is None else Path(chosen)


def place_controls(view: View, folders: Sequence[Path]) -> bool:
    """Let the person choose another folder; return whether the images can be saved where they would come now.

    Args:
        folders: where that is.
    """
    closed = [folder for folder in folders if not _can_be_written(folder)]
    for folder in closed:
        place = printable(folder).replace("`", " ")
        st.markdown(f":orange[:material/lock:] `{place}` cannot be written. Save the images elsewhere.")
    with st.container(horizontal=True):
        if st.button("Save elsewhere …", icon=":material/drive_file_move:", key="download-elsewhere"):
            _choose(view)
        if chosen_root(view) is not None:
            label, icon = "Save in the dataset", ":material/undo:"
            st.button(label, icon=icon, type="tertiary", on_click=_take, args=(view, None), key="download-in-dataset")
    return not closed


def name_place(view: View) -> None:
    """Keep the folder that was chosen as the place where the dataset's images are from now on."""
    root = chosen_root(view)
    if root is not None:
        name_folders(view.dataset, {split.name: root / split.name for split in view.dataset.splits})


@st.dialog("Save images in", width="large")
def _choose(view: View) -> None:
    folder, _ = walk(WALK, starts=[state.workspace().exports.parent])
    label, icon, is_open = "Save images here", ":material/check:", _can_be_written(folder)
    if st.button(label, type="primary", icon=icon, disabled=not is_open, on_click=_take, args=(view, folder)):
        st.rerun()
    if not is_open:
        st.caption("This folder cannot be written.")


def _take(view: View, folder: Path | None) -> None:
    st.session_state[ROOT] = {**st.session_state.get(ROOT, {}), view.dataset.path: folder}


def _can_be_written(folder: Path) -> bool:
    """Return whether a folder, or where it would be made, can be written."""
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    return os.access(existing, os.W_OK | os.X_OK)
