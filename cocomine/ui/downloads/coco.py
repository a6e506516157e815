"""COCO's own annotations, for people who have none: downloaded once, then opened; images later, as they are needed."""

from pathlib import Path

import streamlit as st

from cocomine.background.launching import start_task
from cocomine.background.reading import Task
from cocomine.background.records import Request
from cocomine.downloading import coco_annotations
from cocomine.downloading.coco_annotations import KIND, TRAINVAL_2017, is_unpacked
from cocomine.downloading.permission import COCO_HOST, S3_HOST
from cocomine.ui.session import state, tasks
from cocomine.ui.task_panel import task_panel
from cocomine.wording import plain, printable, size_words

WORK = coco_annotations.__name__
KEY = "coco"
OPEN_AFTERWARDS = "open_coco_afterwards"
"""The dataset that was open when the download began: if it still is, COCO takes its place."""
NOTHING = "nothing"


def coco_button() -> None:
    """Offer COCO 2017: to open it, or to download its annotations; the size is said before."""
    folder = state.workspace().coco
    if is_unpacked(folder):
        if st.session_state.pop(OPEN_AFTERWARDS, NOTHING) == state.dataset_path():
            _open(folder)
        if st.button("Open COCO 2017", icon=":material/public:", key=f"{KEY}-open"):
            _open(folder)
        return
    if (task := _latest()) is not None and task.is_active:
        return  # its panel shows it
    with st.popover("Get COCO 2017", icon=":material/public:", key=f"{KEY}-offer"):
        if task is not None and task.state != "done":
            st.caption(plain(task.sentence) or "The last download was cancelled. What came is kept.")
        _offer(folder)


def coco_progress() -> None:
    """Show how far the download of the annotations is, where it goes on."""
    if (task := _latest()) is not None and task.is_active:
        task_panel(task.folder, key=KEY)


def _offer(folder: Path) -> None:
    size, unpacked = size_words(TRAINVAL_2017.size_bytes), size_words(TRAINVAL_2017.unpacked_bytes)
    place = printable(folder).replace("`", " ")
    st.markdown(
        f"The official annotations of train2017 and val2017: 123,287 images, 80 classes.\n\n"
        f"**{size}** to download from COCO's host (`{S3_HOST}/{COCO_HOST}`), **{unpacked}** on disk in `{place}`. "
        "Images are downloaded later, those alone that you need."
    )
    if st.button(f"Download {size}", type="primary", icon=":material/cloud_download:", key=f"{KEY}-begin"):
        st.session_state[OPEN_AFTERWARDS] = state.dataset_path()
        start_task(
            state.workspace().tasks,
            Request(
                kind=KIND,
                title="Annotations of COCO 2017",
                work=WORK,
                arguments={"folder": str(folder)},
                target=str(folder),
                if_cancelled="What came is kept for the next time.",
            ),
        )
        st.rerun()


def _latest() -> Task | None:
    return next((task for task in tasks.all_tasks() if task.request.kind == KIND), None)


def _open(folder: Path) -> None:
    state.open_dataset_at(folder)
    st.rerun()
