"""The ways to open a dataset: by its path, by a browser for the server's folders, by upload, and the demo.

A dataset that was read before, or that is small, is there at once. Larger ones
are read in the background, while a panel shows how far that is.
"""

import atexit
import os
import shutil
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from cocomine.coco.reading.column_cache import is_indexed
from cocomine.coco.reading.open_dataset import existing_path
from cocomine.coco.uploads import LARGEST_UPLOAD_MB, drop_upload, keep_upload
from cocomine.demo.dataset import demo_is_complete, write_demo
from cocomine.errors import DatasetError
from cocomine.system.jobs import Job
from cocomine.system.typed_path import typed_path
from cocomine.ui.folders import walk
from cocomine.ui.session import state
from cocomine.ui.session.cached import Opened, Stamp, opened_at, stamp_at
from cocomine.ui.session.jobs import forget_job, job_of, known_job, progress_panel
from cocomine.workers.read_annotations import index_files
from cocomine.workspace import recent_datasets

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

LARGE_BYTES = 2 << 20
"""Annotation files that may take more than some tenths of a second to read: a million members of a few bytes each take
longer than a thousand times as many polygons."""
PLACE = "browsed_folder"
UPLOADS, REFUSED = "uploads_so_far", "refused_upload"
ASSETS = Path(__file__).with_name("assets")
SPLITS_KEY = "splits-in-view"
_drawing = threading.Lock()
"""Two sessions that open the demo at once draw it once."""


def open_at(text: str) -> None:
    """Make the dataset at a path, as it was typed or pasted, the open one, and run the page again.

    Raises:
        DatasetError: it cannot be opened; the dataset that was open stays. Of large ones that is known later.
    """
    place = existing_path(typed_path(text))
    if not _unread(stamp_at(str(place))):
        opened_at(str(place), index_folder())
    state.open_dataset_at(place)
    st.rerun()


def dataset_when_read(path: str) -> Opened | None:
    """Return the dataset at a path; None while it is read in the background, which the first call begins.

    Raises:
        DatasetError: it cannot be opened.
        JobCancelled: somebody cancelled the reading; the next call begins anew.
    """
    stamp = stamp_at(path)
    job = known_job(_key(stamp))
    if job is None and (unread := _unread(stamp)):
        index = index_folder()
        job = job_of(_key(stamp), lambda progress: index_files(unread, index, progress))
    if job is not None and job.state == "running":
        return None
    if job is not None and job.state != "done":
        forget_job(_key(stamp))
        job.result()
    return opened_at(path, index_folder())


def reading_panel(path: str) -> None:
    """Show how far the reading of a dataset is."""
    job: Job[None] | None = known_job(_key(stamp_at(path)))
    if job is not None:
        progress_panel(job, f"Reading the annotations of {Path(path).name}", key="reading")
        st.caption("This is done once. The next time, the dataset is there at once, as long as its file is the same.")


def split_choice(path: str) -> None:
    """Let the person choose which splits of a dataset are in view, on every page; where there is one, there is none."""
    opened = dataset_when_read(path)
    names = [split.name for split in opened.dataset.splits] if opened is not None else []
    if len(names) < 2:
        return
    st.session_state[SPLITS_KEY] = [name for name in names if name in state.splits()] or names
    st.pills(
        "Splits in view",
        names,
        selection_mode="multi",
        key=SPLITS_KEY,
        on_change=_view_splits,
        args=(names,),
        help="Numbers, images, selection and export keep to these. Official splits stay apart in an export.",
    )


def _view_splits(names: list[str]) -> None:
    chosen = st.session_state[SPLITS_KEY]
    state.view_splits(chosen if len(chosen) < len(names) else ())


def workspace_note() -> None:
    """Say so where the workspace cannot be written."""
    if index_folder() != state.workspace().index:
        st.caption(
            f":material/lock: {state.workspace().root} cannot be written, so what is read is kept only until the app "
            "ends. Start it with COCOMINE_HOME set to a folder of your own."
        )


def index_folder() -> Path:
    """Return where what was read is kept: in the workspace, or for as long as the server runs if that is read-only."""
    return _writable(str(state.workspace().index))


@st.cache_resource(show_spinner=False)
def _writable(folder: str) -> Path:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError:
        return _temporary_folder()
    return Path(folder) if os.access(folder, os.W_OK) else _temporary_folder()


def _temporary_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="cocomine-index-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _key(stamp: Stamp) -> tuple[str, Stamp]:
    return ("read", stamp)


def _unread(stamp: Stamp) -> list[Path]:
    """Return the files that have to be read, none where they are so small that nobody would notice."""
    if sum(size for _, size, _ in stamp) < LARGE_BYTES:
        return []
    unread = [Path(name) for name, _, _ in stamp if not is_indexed(Path(name), index_folder())]
    return unread if sum(file.stat().st_size for file in unread) >= LARGE_BYTES else []


def upload_panel() -> None:
    """Let the person upload a small annotation file, which is opened, or refused in the reader's own words."""
    number = st.session_state.setdefault(UPLOADS, 0)
    with st.container(key="upload-dataset"):
        file = st.file_uploader(
            f"Upload an annotation file (JSON, up to {LARGEST_UPLOAD_MB} MB)",
            type="json",
            key=f"upload-{number}",
            max_upload_size=LARGEST_UPLOAD_MB,
            help="Or drop it anywhere in this window. A copy is kept by CocoMine. For a larger file, enter its path.",
        )
    if file is None:
        return
    refused_id, reason = st.session_state.get(REFUSED, (None, ""))
    if file.file_id != refused_id:
        try:
            place = _opened_upload(file.name, file.getvalue())
        except DatasetError as error:
            reason = str(error)
            st.session_state[REFUSED] = (file.file_id, reason)
        else:
            st.session_state[UPLOADS] = number + 1  # an empty upload the next time
            _open(place)
    st.error(reason, icon=":material/error:")


def _opened_upload(name: str, content: bytes) -> Path:
    place = keep_upload(state.workspace().uploads, name, content)
    try:
        opened_at(str(place), index_folder())
    except DatasetError:
        drop_upload(place)
        raise
    return place


def drop_zone() -> None:
    """Send a file that is dropped anywhere to the upload of the page; without this the browser would leave the app."""
    _drop_zone()(key="drop-zone")


@cache
def _drop_zone() -> "ComponentRenderer":
    script = (ASSETS / "drop_zone.js").read_text(encoding="utf-8")
    return st.components.v2.component("cocomine.drop_zone", js=script)


@st.dialog("Open a dataset", width="large")
def browse_folders() -> None:
    """Let the person walk through folders and open one, or an annotation file in it."""
    st.caption("Choose the folder that holds “annotations” and the images, or an annotation file (*.json).")
    recent = [path if path.is_dir() else path.parent for path in recent_datasets(state.workspace())]
    place, file = walk(PLACE, starts=[path.parent for path in recent], ending=".json")
    if file is not None:
        _open(file)
    if st.button("Open this folder", type="primary", icon=":material/folder_open:"):
        _open(place)


def open_demo() -> None:
    """Open the demo; draw it first, under a progress bar, where it is not there yet."""
    folder = state.workspace().demo
    with _drawing:
        if not demo_is_complete(folder):
            bar = st.progress(0.0, "Drawing the demo images …")

            def show(done: int, total: int) -> None:
                bar.progress(done / total, f"Drawing the demo images: {done} of {total}")

            write_demo(folder, progress=show)
    state.open_dataset_at(folder)
    st.rerun()


def _open(path: Path) -> None:
    state.open_dataset_at(path)
    st.rerun()
