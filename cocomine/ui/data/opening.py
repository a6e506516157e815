"""The ways to open a dataset: by its path, by a browser for the server's folders, by upload, and the demo."""

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from cocomine.coco.reading.open_dataset import existing_path
from cocomine.coco.uploads import LARGEST_UPLOAD_MB, drop_upload, keep_upload
from cocomine.errors import DatasetError
from cocomine.system.typed_path import typed_path
from cocomine.ui.folders import walk
from cocomine.ui.navigation import NOTICES
from cocomine.ui.session import state
from cocomine.ui.session.jobs import run_by_itself
from cocomine.ui.session.opening import index_folder, is_read_at_once, opened_at, whole_dataset
from cocomine.ui.session.shared_value import shared_value
from cocomine.wording import plain
from cocomine.workspace import recent_datasets

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

PLACE = "browsed_folder"
UPLOADS, REFUSED = "uploads_so_far", "refused_upload"
ASSETS = Path(__file__).with_name("assets")
SPLITS_KEY = "splits-in-view"


def open_at(text: str) -> None:
    """Make the dataset at a path, as it was typed or pasted, the open one, and run the page again.

    Raises:
        DatasetError: it cannot be opened; the dataset that was open stays. Of large ones that is known later.
    """
    path = existing_path(typed_path(text))
    if is_read_at_once(str(path)):
        opened_at(str(path), index_folder())
    state.open_dataset_at(path)
    st.rerun()


def split_choice() -> None:
    """Let the person choose which splits are in view, on every page; where the dataset has one, there is no choice."""
    dataset = whole_dataset()
    names = [split.name for split in dataset.splits] if dataset is not None else []
    if len(names) < 2:
        return
    in_view = [name for name in state.splits() if name in names] or names
    st.pills(
        "Splits in view",
        names,
        selection_mode="multi",
        **shared_value(SPLITS_KEY, in_view, partial(_view_splits, len(names))),
        help="Numbers, images, selection and export keep to these. Official splits stay apart in an export.",
    )


def _view_splits(count: int, names: list[str]) -> None:
    state.view_splits(names if len(names) < count else ())


def workspace_note() -> None:
    """Say so where the workspace cannot be written."""
    if index_folder() != state.workspace().index:
        st.caption(
            f":material/lock: {state.workspace().root} cannot be written, so what is read is kept only until the app "
            "ends. Start it with COCOMINE_HOME set to a folder of your own."
        )


def upload_panel() -> None:
    """Let the person upload a small annotation file, which is opened, or refused in the reader's own words.

    Of several the first that can be opened is, and the others are named.
    """
    number = st.session_state.setdefault(UPLOADS, 0)
    with st.container(key="upload-dataset"):
        files = st.file_uploader(
            f"Upload an annotation file (JSON, up to {LARGEST_UPLOAD_MB} MB)",
            type="json",
            key=f"upload-{number}",
            max_upload_size=LARGEST_UPLOAD_MB,
            accept_multiple_files=True,
            help="Or drop it anywhere in this window. A copy is kept by CocoMine. For a larger file, enter its path.",
        )
    if not files:
        return
    ids = [file.file_id for file in files]
    refused_ids, reasons = st.session_state.get(REFUSED, ([], []))
    if ids != refused_ids:
        reasons = []
        for file in files:
            try:
                path = _opened_upload(file.name, file.getvalue())
            except DatasetError as error:
                reasons.append(str(error))
            else:
                st.session_state[UPLOADS] = number + 1  # an empty upload the next time
                _name_left_out([each.name for each in files if each is not file], opened=file.name)
                state.open_dataset_at(path)
                run_by_itself()
        st.session_state[REFUSED] = (ids, reasons)
    for reason in reasons:
        st.error(plain(reason), icon=":material/error:")  # it may quote the file, which may be a stranger's


def _name_left_out(names: list[str], *, opened: str) -> None:
    if names:
        text = (
            f"{opened} is open, {', '.join(names)} {'is' if len(names) == 1 else 'are'} not: one dataset is open at a "
            "time. To open several annotation files as its splits, put them into one folder and enter its path."
        )
        st.session_state[NOTICES].append(("info", plain(text)))


def _opened_upload(name: str, content: bytes) -> Path:
    path = keep_upload(state.workspace().uploads, name, content)
    try:
        opened_at(str(path), index_folder())
    except DatasetError:
        drop_upload(path)
        raise
    return path


def drop_zone() -> None:
    """Send files that are dropped anywhere to the upload of the page; without this the browser would leave the app."""
    _drop_zone()(key="drop-zone")


@cache
def _drop_zone() -> "ComponentRenderer":
    script = (ASSETS / "drop_zone.js").read_text(encoding="utf-8")
    return st.components.v2.component("cocomine.drop_zone", js=script)


@st.dialog("Open a dataset", width="large")
def browse_folders() -> None:
    """Let the person walk through folders and open one, or an annotation file in it."""
    st.caption(
        "Choose the folder that holds “annotations” and the images, a folder of Parquet tables, or a file (*.json)."
    )
    recent = [path if path.is_dir() else path.parent for path in recent_datasets(state.workspace())]
    folder, file = walk(PLACE, starts=[path.parent for path in recent], ending=".json")
    if file is not None:
        _open(file)
    if st.button("Open this folder", type="primary", icon=":material/folder_open:"):
        _open(folder)


def _open(path: Path) -> None:
    state.open_dataset_at(path)
    st.rerun()
