"""Which objects are lost in the label maps of a subset? Counted in the background: all images only when asked.

Sessions with the same selection share a count. Who goes on to another selection stops the one that is going on.
"""

import time

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.labels.lost_objects import SubsetLosses, images_with_crowd, subset_losses
from cocomine.mining.selection.selection import Selection, Subset
from cocomine.system.jobs import Job, Progress
from cocomine.ui.session.cached import BY_STAMP, Opened, Stamp
from cocomine.ui.session.jobs import progress_panel
from cocomine.wording import plain

COUNTED_AT_ONCE = 1500
"""So many images are counted without asking; it takes some seconds of one core."""
IMAGES_PER_S = 400
"""Measured on one core of a server; other machines differ by a factor of two or so."""
SHORT_WAIT_S = 0.25
NAP_S = 0.001
ALL_ASKED, JOB = "mask-all-asked", "mask-job"
Asked = tuple[Stamp, Selection, int]


def counted_losses(opened: Opened, subset: Subset, size_px: int) -> SubsetLosses | None:
    """Return what was counted so far; show how far the rest is, and offer to stop it or to begin again."""
    key: Asked = opened.stamp, subset.selection, size_px
    first = _job(opened, subset.selection, size_px, COUNTED_AT_ONCE, subset)
    wants_all = st.session_state.get(ALL_ASKED) == key
    job = _job(opened, subset.selection, size_px, None, subset) if wants_all else first
    is_new = _leave_earlier_one_for(
        job, (opened, subset.selection, size_px, None if wants_all else COUNTED_AT_ONCE, subset)
    )
    if job.state == "cancelled":
        st.button(
            "Continue" if wants_all else "Check label maps",
            icon=":material/calculate:",
            key="mask-count-again",
            on_click=_forget,
        )
    elif not job.wait(SHORT_WAIT_S if is_new else 0):
        progress_panel(job, "Checking label maps", key="mask-counting")
    try:
        return next((each.result() for each in (job, first) if each.state in {"done", "failed"}), None)
    except CocomineError as error:
        st.warning(plain(str(error)), icon=":material/error:")
        return None


def count_all_button(opened: Opened, subset: Subset, size_px: int) -> None:
    """Offer to count the images that were not counted yet, unless that is going on."""
    key: Asked = opened.stamp, subset.selection, size_px
    if st.session_state.get(ALL_ASKED) != key:
        st.button(
            f"Check all {subset.image_count:,} images ({_expected(subset.image_count)})",
            icon=":material/calculate:",
            key="mask-count-all",
            on_click=_ask_for_all,
            args=(key,),
            help="It runs in the background.",
        )


@st.cache_resource(max_entries=24, hash_funcs=BY_STAMP, show_spinner=False)
def crowded(opened: Opened, selection: Selection, _subset: Subset) -> list[bool]:
    """Return which images of a subset have a crowd region that becomes ignored."""
    del opened, selection  # only a key
    return list(map(bool, images_with_crowd(_subset)))


@st.cache_resource(max_entries=24, hash_funcs=BY_STAMP, show_spinner=False)
def _job(
    opened: Opened, selection: Selection, size_px: int, most_images: int | None, _subset: Subset
) -> Job[SubsetLosses]:
    del opened, selection  # only a key
    return Job(lambda progress: subset_losses(_subset, _giving_way(progress), size_px=size_px, most_images=most_images))


def _giving_way(progress: Progress) -> Progress:
    """Let pages come first after each image: they share Python's lock with the count, and would wait for it often."""

    def reported(done: int, total: int) -> None:
        progress(done, total)
        time.sleep(NAP_S)

    return reported


def _leave_earlier_one_for(job: Job[SubsetLosses], key: tuple[Opened, Selection, int, int | None, Subset]) -> bool:
    """Stop and forget what this session asked for before, so that quick changes do not pile up work.

    Returns:
        Whether the job is new to the session.
    """
    earlier = st.session_state.get(JOB)
    if earlier is not None and earlier[0] is not job and earlier[0].state == "running":
        earlier[0].cancel()
        _job.clear(*earlier[1])
    st.session_state[JOB] = job, key
    return earlier is None or earlier[0] is not job


def _forget() -> None:
    """Let the job that was stopped begin anew."""
    _job.clear(*st.session_state[JOB][1])


def _ask_for_all(key: Asked) -> None:
    st.session_state[ALL_ASKED] = key


def _expected(image_count: int) -> str:
    expected_s = image_count / IMAGES_PER_S
    return f"about {expected_s:.0f} s" if expected_s < 90 else f"about {expected_s / 60:.0f} min"
