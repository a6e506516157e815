"""Overlap, contact and conflict: from the masks as soon as these are measured, before that a first estimate."""

from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.labels.conflict import Conflict, subset_conflict
from cocomine.mining.interference.box_overlap import overlap_from_boxes
from cocomine.mining.interference.class_masks import has_usable_mask
from cocomine.mining.interference.mask_overlap import OverlapTable
from cocomine.mining.selection.selection import ImageKey, Selection, select
from cocomine.system.jobs import Job, Progress
from cocomine.ui.data.opening import index_folder
from cocomine.ui.session import state
from cocomine.ui.session.cached import BY_STAMP, Opened
from cocomine.ui.session.counts import counts_of
from cocomine.ui.session.jobs import POLL_S, forget_job, job_of, known_job, progress_panel
from cocomine.wording import counted
from cocomine.workers.measure_overlap import content_key, kept_overlap, measure_overlap

SMALL_IMAGE_COUNT = 2000
"""So many images are measured without asking; it takes some seconds."""
S_PER_IMAGE, S_PER_OBJECT = 0.0002, 0.0002
"""Measured on one core of a server; other machines differ by a factor of two or so."""
CONFLICT_IMAGE_COUNT = 400
"""Images by which the conflict of a subset is judged; it takes about a second."""
DRAW_FIRST_S = 0.3
"""The page is drawn before the masks are; who clicks on within this time lets nothing be measured for nothing."""
CONFLICT_JOB = "conflict_job"


def overlap_of(opened: Opened) -> OverlapTable:
    """Return overlap and contact from the masks where they were measured, else the first estimate from boxes."""
    return _from_masks(opened) or _from_boxes(opened)


def overlap_panel(opened: Opened) -> None:
    """Say whether masks or boxes are shown; measure the masks in the background, at once or when the person asks."""
    table = _from_masks(opened)
    without_mask_count = _without_mask_count(opened)
    if table is not None:
        st.caption(_told(table, without_mask_count, is_federated=opened.dataset.is_federated))
        return
    if without_mask_count == _object_count(opened):
        st.caption(":material/crop_square: From boxes, since the objects of this dataset have no masks.")
        return
    st.caption(
        ":material/crop_square: **First estimate from boxes.** It takes boxes for masks, so most shares come out too "
        "high, above all for slanted, thin or hollow objects. The masks give the true ones."
    )
    job: Job[OverlapTable] | None = known_job(_key(opened))
    if job is None and opened.dataset.image_count <= SMALL_IMAGE_COUNT:
        job = _job_of(opened)
    if job is not None and job.state in ("running", "done"):
        progress_panel(job, "Measuring the masks", key="overlap")
        return
    if job is not None and job.state == "failed":
        _show_failure(job)
    st.button(
        f"Measure the masks of {opened.dataset.image_count:,} images ({_expected(opened)})",
        icon=":material/layers:",
        on_click=_start_again,
        args=(opened,),
        key="overlap-start",
        help="It goes on in the background, while you go on here, and is done once for each dataset.",
    )


def conflict_note(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> None:
    """Show in one line how much of a subset's foreground several picked classes claim; it is measured beside the page.

    Nothing is shown for fewer than two classes, or where there is no image.
    """
    if len(selection.classes) < 2 or not counts_of(opened, selection, excluded).image_count:
        return
    job = _conflict_job(opened, selection, excluded)
    if job.state == "cancelled":  # by a session that went on to another selection
        _conflict_job.clear(opened, selection, excluded)
        job = _conflict_job(opened, selection, excluded)
    _leave_earlier_one_for(job)
    if job.state == "running":
        _conflict_line_when_known(job)
    else:
        _conflict_line(job)


def _from_masks(opened: Opened) -> OverlapTable | None:
    job: Job[OverlapTable] | None = known_job(_key(opened))
    if job is not None and job.state == "done":
        return job.result()
    return _kept(opened, str(state.workspace().overlap))


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def _kept(opened: Opened, folder: str) -> OverlapTable | None:
    return kept_overlap(opened.dataset, Path(folder))


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Comparing the boxes …")
def _from_boxes(opened: Opened) -> OverlapTable:
    return overlap_from_boxes(opened.dataset)


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def _key(opened: Opened) -> tuple[str, str]:
    return ("overlap", content_key(opened.dataset))


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def _object_count(opened: Opened) -> int:
    return sum(int((~split.annotations.is_crowd).sum()) for split in opened.dataset.splits)


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def _without_mask_count(opened: Opened) -> int:
    return _object_count(opened) - sum(int(has_usable_mask(split).sum()) for split in opened.dataset.splits)


def _start_again(opened: Opened) -> None:
    """Begin to measure; what failed or was cancelled begins anew, what is going on goes on."""
    job = known_job(_key(opened))
    if job is not None and job.state in ("failed", "cancelled"):
        forget_job(_key(opened))
    _job_of(opened)


def _job_of(opened: Opened) -> Job[OverlapTable]:
    key, index, folder = _key(opened), index_folder(), state.workspace().overlap
    return job_of(key, lambda progress: measure_overlap(opened.dataset, index=index, folder=folder, progress=progress))


def _told(table: OverlapTable, without_mask_count: int, *, is_federated: bool) -> str:
    size = f", drawn with {table.size_px} px on the longer side" if table.size_px is not None else ""
    left_out = f" and {counted(without_mask_count, 'object')} without a mask" if without_mask_count else ""
    unknown = " Where a class was not looked for there is no mask of it, so shares may be higher." * is_federated
    return (
        f":material/layers: From the masks of all {table.image_count:,} images that have any{size}. "
        f"Left out: crowd regions{left_out}.{unknown}"
    )


def _expected(opened: Opened) -> str:
    dataset = opened.dataset
    expected_s = dataset.image_count * S_PER_IMAGE + dataset.annotation_count * S_PER_OBJECT
    return "less than a minute" if expected_s < 60 else f"about {expected_s / 60:.0f} min"


def _show_failure(job: Job[OverlapTable]) -> None:
    try:
        job.result()
    except CocomineError as error:
        st.warning(str(error), icon=":material/error:")


@st.cache_resource(max_entries=128, hash_funcs=BY_STAMP, show_spinner=False)
def _conflict_job(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> Job[Conflict]:
    def measure(progress: Progress) -> Conflict:
        subset = select(opened.dataset, selection, excluded)
        return subset_conflict(subset, progress, most_images=CONFLICT_IMAGE_COUNT)

    return Job(measure, delay_s=DRAW_FIRST_S)


def _leave_earlier_one_for(job: Job[Conflict]) -> None:
    """Stop what this session asked for before, so that quick clicks do not pile up work."""
    earlier: Job[Conflict] | None = st.session_state.get(CONFLICT_JOB)
    if earlier is not None and earlier is not job and earlier.state == "running":
        earlier.cancel()
    st.session_state[CONFLICT_JOB] = job


@st.fragment(run_every=POLL_S)
def _conflict_line_when_known(job: Job[Conflict]) -> None:
    if job.state != "running":
        st.rerun()
    st.caption(":material/layers: Conflict: …")


def _conflict_line(job: Job[Conflict]) -> None:
    try:
        conflict = job.result()
    except CocomineError as error:
        st.caption(f":material/layers: Conflict: not known. {error}")
        return
    st.caption(
        f":material/layers: {conflict_sentence(conflict)}",
        help="In a label map each pixel has one class. Where the masks of two classes lie over each other, the smaller "
        "object gets the pixel, and the other class loses it.",
    )


def conflict_sentence(conflict: Conflict) -> str:
    """Return one sentence, such as "Conflict: **1.2%** of the pixels of your classes are claimed by two or more"."""
    if conflict.share is None:
        return "Conflict: not known, since the objects of your classes have no masks."
    told = "none" if not conflict.share else "less than 0.1%" if conflict.share < 0.001 else f"{conflict.share:.1%}"
    sample = (
        f" Judged by {conflict.image_count:,} of the {conflict.of_image_count:,} images, drawn by lot."
        if conflict.image_count < conflict.of_image_count
        else ""
    )
    return f"Conflict: **{told}** of the pixels of your classes are claimed by two or more of them.{sample}"
