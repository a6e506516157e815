"""Overlap and contact: from the masks as soon as these are measured, before that a first estimate from boxes."""

from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.mining.interference.box_overlap import overlap_from_boxes
from cocomine.mining.interference.class_masks import has_usable_mask
from cocomine.mining.interference.mask_overlap import OverlapTable
from cocomine.system.jobs import Job
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.jobs import background, existing_job, forget_job, progress_panel
from cocomine.ui.session.opening import index_folder
from cocomine.ui.session.view import DATASETS, View, of_dataset
from cocomine.wording import counted, plain
from cocomine.workers.measure_overlap import content_key, kept_overlap, measure_overlap

SMALL_IMAGE_COUNT = 2000
"""So many images are measured without asking; it takes some seconds."""
S_PER_IMAGE, S_PER_OBJECT = 0.0002, 0.0002
"""Measured on one core of a server; other machines differ by a factor of two or so."""


def overlap_of(view: View) -> OverlapTable:
    """Return overlap and contact from the masks where they were measured, else the first estimate from boxes."""
    return _from_masks(view) or _from_boxes(view)


def overlap_panel(view: View) -> None:
    """Say whether masks or boxes are shown; measure the masks in the background, at once or when the person asks."""
    table = _from_masks(view)
    without_mask_count = _without_mask_count(view)
    if table is not None:
        st.caption(_told(table, without_mask_count, is_federated=view.dataset.is_federated))
        return
    if without_mask_count == _object_count(view):
        st.caption(":material/crop_square: From boxes: the objects of this dataset have no masks.")
        return
    st.caption(
        ":material/crop_square: **First estimate from boxes**, most of it too high, above all for slanted, thin or "
        "hollow objects. The masks give the exact shares."
    )
    job: Job[OverlapTable] | None = existing_job(_key(view))
    if job is None and view.dataset.image_count <= SMALL_IMAGE_COUNT:
        job = _job_of(view)
    if job is not None and job.state in ("running", "done"):
        progress_panel(job, "Measuring the masks", key="overlap")
        return
    if job is not None and job.state == "failed":
        _show_failure(job)
    st.button(
        f"Measure the masks of {view.dataset.image_count:,} images ({_expected(view)})",
        icon=":material/layers:",
        on_click=_start_again,
        args=(view,),
        key="overlap-start",
        help="Runs in the background, once per dataset.",
    )


def _from_masks(view: View) -> OverlapTable | None:
    job: Job[OverlapTable] | None = existing_job(_key(view))
    if job is not None and job.state == "done":
        return job.result()
    return _kept(view, state.workspace().overlap)


@cached(of_dataset, most=DATASETS)
def _kept(view: View, folder: Path) -> OverlapTable | None:
    return kept_overlap(view.dataset, folder)


@cached(of_dataset, most=DATASETS, spinner="Comparing the boxes …")
def _from_boxes(view: View) -> OverlapTable:
    return overlap_from_boxes(view.dataset)


@cached(of_dataset, most=DATASETS)
def _key(view: View) -> tuple[str, str]:
    return ("overlap", content_key(view.dataset))


@cached(of_dataset, most=DATASETS)
def _object_count(view: View) -> int:
    return sum(int((~split.annotations.is_crowd).sum()) for split in view.dataset.splits)


@cached(of_dataset, most=DATASETS)
def _without_mask_count(view: View) -> int:
    return _object_count(view) - sum(int(has_usable_mask(split).sum()) for split in view.dataset.splits)


def _start_again(view: View) -> None:
    """Begin to measure; what failed or was cancelled begins anew, what is going on goes on."""
    job = existing_job(_key(view))
    if job is not None and job.state in ("failed", "cancelled"):
        forget_job(_key(view))
    _job_of(view)


def _job_of(view: View) -> Job[OverlapTable]:
    key, index, folder = _key(view), index_folder(), state.workspace().overlap
    return background(
        key, lambda progress: measure_overlap(view.dataset, index=index, folder=folder, progress=progress)
    )


def _told(table: OverlapTable, without_mask_count: int, *, is_federated: bool) -> str:
    size = f", drawn with {table.size_px} px on the longer side" if table.size_px is not None else ""
    left_out = f" and {counted(without_mask_count, 'object')} without a mask" if without_mask_count else ""
    unknown = " Where a class was not looked for there is no mask of it, so shares may be higher." * is_federated
    return (
        f":material/layers: From the masks of all {table.image_count:,} images that have any{size}. "
        f"Left out: crowd regions{left_out}.{unknown}"
    )


def _expected(view: View) -> str:
    dataset = view.dataset
    expected_s = dataset.image_count * S_PER_IMAGE + dataset.annotation_count * S_PER_OBJECT
    return "less than a minute" if expected_s < 60 else f"about {expected_s / 60:.0f} min"


def _show_failure(job: Job[OverlapTable]) -> None:
    try:
        job.result()
    except CocomineError as error:
        st.warning(plain(str(error)), icon=":material/error:")
