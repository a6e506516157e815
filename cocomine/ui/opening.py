"""The ways to open a dataset: a browser for folders on the machine that runs the app, and the demo."""

import threading
from pathlib import Path

import streamlit as st

from cocomine.coco.demo import demo_is_complete, write_demo
from cocomine.ui import state

PLACE = "browsed_folder"
_drawing = threading.Lock()
"""Two sessions that open the demo at once draw it once."""


@st.dialog("Open a dataset", width="large")
def browse_folders() -> None:
    """Let the person walk through folders and open one, or an annotation file in it."""
    place = Path(st.session_state.get(PLACE, Path.home()))
    st.caption("Choose the folder that holds “annotations” and the images, or an annotation file.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Up", icon=":material/arrow_upward:", disabled=place.parent == place):
            _go(place.parent)
        st.code(str(place), language=None)
        if st.button("Open this folder", type="primary", icon=":material/folder_open:"):
            _open(place)
    try:
        entries = sorted(place.iterdir(), key=lambda entry: entry.name.lower())
    except OSError as error:
        st.error(f"{place} cannot be read ({error.strerror}). Go up, or choose another folder.")
        return
    folders = [entry for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    files = [entry for entry in entries if entry.suffix == ".json" and entry.is_file()]
    with st.container(height=380):
        for folder in folders:
            if st.button(folder.name, key=f"folder-{folder}", icon=":material/folder:", type="tertiary"):
                _go(folder)
        for file in files:
            if st.button(file.name, key=f"file-{file}", icon=":material/data_object:", type="tertiary"):
                _open(file)
        if not folders and not files:
            st.caption("There is no folder and no annotation file (*.json) in here.")


def open_demo() -> None:
    """Open the demo; draw it first, under a progress bar, where it is not there yet."""
    folder = state.workspace().demo
    with _drawing:
        if not demo_is_complete(folder):
            bar = st.progress(0.0, "Drawing the demo's pictures …")

            def show(done: int, total: int) -> None:
                bar.progress(done / total, f"Drawing the demo's pictures: {done} of {total}")

            write_demo(folder, progress=show)
    state.open_dataset_at(folder)
    st.rerun()


def _go(place: Path) -> None:
    st.session_state[PLACE] = str(place)
    st.rerun(scope="fragment")


def _open(path: Path) -> None:
    state.open_dataset_at(path)
    st.rerun()
