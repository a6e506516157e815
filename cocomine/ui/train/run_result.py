"""What came out of a run: its weights, where they can be used, and in which forms they can be taken away."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.system.files import stamp_of
from cocomine.system.jobs import JobCancelled
from cocomine.training.runs.loading_lines import loading_lines
from cocomine.training.runs.onnx_files import ONNX_FILE, OnnxFile, onnx_of_run, onnx_trouble, write_onnx_of_run
from cocomine.training.runs.reading import BEST, CARD, CONFIG, LAST, Run
from cocomine.ui.session.jobs import background, existing_job, forget_ended_job, forget_job, progress_panel
from cocomine.wording import plain, size_words

BINARY, TEXT, JSON = "application/octet-stream", "text/markdown", "application/json"


def run_result(run: Run) -> None:
    """Show what a run with weights has to give."""
    if not (run.folder / BEST).is_file():
        return
    with st.container(border=True, key=f"run-result-{run.folder}"):
        st.markdown("**Result**")
        st.caption("Three lines of Python load the weights outside the app and label an image (0 is background):")
        st.code(loading_lines(run.folder / BEST), language="python", wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            _weights_buttons(run)
            file_button("Model card", run.folder / CARD, TEXT, icon=":material/badge:")
            file_button("Settings", run.folder / CONFIG, JSON, icon=":material/tune:")
        _onnx(run.folder)


def file_button(label: str, path: Path, mime: str, *, icon: str = ":material/download:") -> None:
    """Offer a file of a run, which is read when somebody clicks; nothing where there is no such file."""
    if path.is_file():
        st.download_button(
            label,
            path.read_bytes,
            f"{path.parent.name}-{path.name}",
            mime,
            icon=icon,
            on_click="ignore",
            key=f"file-{path}",
            help=f"{path.name}, {size_words(path.stat().st_size)}",
        )


def _weights_buttons(run: Run) -> None:
    file_button("Best weights", run.folder / BEST, BINARY)
    file_button("Last weights", run.folder / LAST, BINARY)


def _onnx(folder: Path) -> None:
    """Offer the network as ONNX: made where it is not there, and told how far it is from PyTorch's output."""
    key, work = _onnx_work(folder)
    job = existing_job(key)
    if job is not None and job.state == "running":
        progress_panel(job, "Writing ONNX", key=f"onnx-{folder}")
        return
    if job is not None:
        _say_failure(key)
    if written := onnx_of_run(folder):
        _offer_onnx(folder, written)
        return
    if trouble := onnx_trouble():
        st.caption(f":material/info: {plain(trouble)}")
        return
    st.button(
        "Make ONNX",
        icon=":material/deployed_code:",
        help="The network for programs without PyTorch, compared with PyTorch's own output before it is offered",
        on_click=_begin,
        args=(key, work),
        key=f"make-onnx-{folder}",
    )


def _onnx_work(folder: Path) -> tuple[tuple[object, ...], Callable[..., OnnxFile]]:
    """Return the key of the work that writes the present best weights as ONNX, and the work."""
    return ("onnx", str(folder), stamp_of((folder / BEST).stat())), partial(write_onnx_of_run, folder)


def _begin(key: tuple[object, ...], work: Callable[..., OnnxFile]) -> None:
    forget_ended_job(key)
    background(key, work)


def _say_failure(key: tuple[object, ...]) -> None:
    """Say why the work failed that was begun under this key, if it did; one that was cancelled says nothing."""
    job = existing_job(key)
    try:
        if job is not None:
            job.result()
    except JobCancelled:
        forget_job(key)
    except CocomineError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _offer_onnx(folder: Path, written: OnnxFile) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        file_button("ONNX", folder / ONNX_FILE, BINARY, icon=":material/deployed_code:")
        st.caption(
            f"RGB images of {written.side_px} × {written.side_px} px (uint8) to a logit for each of "
            f"{len(written.labels)} labels and each pixel; opset {written.opset}. "
            f"At most {written.largest_difference:.1e} from PyTorch's logits."
        )
