"""Where an encoder's weights were not found: a button that downloads the published ones, and how far that is."""

from pathlib import Path

import streamlit as st

from cocomine.background.launching import start_task
from cocomine.background.reading import Task
from cocomine.background.records import Request
from cocomine.training.runs import weights_download
from cocomine.training.runs.encoders import Encoder
from cocomine.training.runs.weights_download import HOST, KIND, PUBLISHED, PublishedWeights
from cocomine.ui.session import state, tasks
from cocomine.ui.task_panel import task_panel
from cocomine.wording import plain, printable, size_words

WORK = weights_download.__name__
KEY = "weights"


def offer_weights(encoder: Encoder) -> None:
    """Offer to download the ImageNet weights of an encoder, where some are published; nothing comes without a click."""
    published = PUBLISHED.get(encoder.name)
    if published is None:
        return
    path = state.workspace().weights / published.file_name
    task = _latest(path)
    if task is not None and task.is_active:
        task_panel(task.folder, key=KEY)
        return
    if task is not None and task.state == "failed":
        st.error(plain(task.sentence), icon=":material/error:")
    size = size_words(published.size_bytes)
    place = printable(path.parent).replace("`", " ")
    if st.button(
        f"Download ImageNet weights ({size})",
        icon=":material/cloud_download:",
        help=f"`{published.file_name}` from `{HOST}`, PyTorch's own host, into `{place}`. Its check sum is verified.",
        key=f"{KEY}-begin",
    ):
        _begin(published, path)


def _begin(published: PublishedWeights, path: Path) -> None:
    start_task(
        state.workspace().tasks,
        Request(
            kind=KIND,
            title=f"ImageNet weights of {published.encoder.title}",
            work=WORK,
            arguments={"encoder": published.encoder.name, "folder": str(path.parent)},
            target=str(path),
            if_cancelled="What came is kept for the next time.",
        ),
    )
    st.rerun()


def _latest(path: Path) -> Task | None:
    """Return the download of a file that began last."""
    return next(
        (each for each in tasks.all_tasks() if each.request.kind == KIND and each.request.target == str(path)), None
    )
