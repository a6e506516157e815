"""Which objects are lost in the label maps of a subset? Counted in the background: all images only when asked.

Sessions with the same selection share a count. Who goes on to another selection stops the one that is going on.
"""

import time
from collections.abc import Hashable
from functools import partial

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.labels.lost_objects import LostObjectCounts, images_with_crowd, lost_objects
from cocomine.system.jobs import Progress
from cocomine.ui.session.cached import cached
from cocomine.ui.session.jobs import background, existing_job, forget_job, progress_panel
from cocomine.ui.session.view import View, of_selection
from cocomine.wording import plain

COUNTED_AT_ONCE = 1500
"""So many images are counted without asking; it takes some seconds of one core."""
IMAGES_PER_S = 400
"""Measured on one core of a server; other machines differ by a factor of two or so."""
SHORT_WAIT_S = 0.25
NAP_S = 0.001
ALL_ASKED = "mask-all-asked"
SLOT = "lost-objects"


def counted_losses(view: View, size_px: int) -> LostObjectCounts | None:
    """Return what was counted so far; show how far the rest is, and offer to stop it or to begin again."""
    first, every = _key(view, size_px, COUNTED_AT_ONCE), _key(view, size_px, None)
    wants_all = st.session_state.get(ALL_ASKED) == every
    key, most = (every, None) if wants_all else (first, COUNTED_AT_ONCE)
    job = background(key, partial(_count, view, size_px, most), replaces=SLOT, wait_s=SHORT_WAIT_S)
    if job.state == "cancelled":
        st.button(
            "Continue" if wants_all else "Check label maps",
            icon=":material/calculate:",
            key="mask-count-again",
            on_click=forget_job,
            args=(key,),
        )
    elif job.state == "running":
        progress_panel(job, "Checking label maps", key="mask-counting")
    try:
        jobs = (job, existing_job(first))
        return next((each.result() for each in jobs if each and each.state in {"done", "failed"}), None)
    except CocomineError as error:
        st.warning(plain(str(error)), icon=":material/error:")
        return None


def count_all_button(view: View, size_px: int) -> None:
    """Offer to count the images that were not counted yet, unless that is going on."""
    key = _key(view, size_px, None)
    if st.session_state.get(ALL_ASKED) != key:
        image_count = view.subset.image_count
        st.button(
            f"Check all {image_count:,} images ({_expected(image_count)})",
            icon=":material/calculate:",
            key="mask-count-all",
            on_click=_ask_for_all,
            args=(key,),
            help="It runs in the background.",
        )


@cached(of_selection, most=24)
def crowded(view: View) -> list[bool]:
    """Return which images of a subset have a crowd region that becomes ignored."""
    return list(map(bool, images_with_crowd(view.subset)))


def _key(view: View, size_px: int, most_images: int | None) -> Hashable:
    return ("lost objects", of_selection(view).key, size_px, most_images)


def _count(view: View, size_px: int, most_images: int | None, progress: Progress) -> LostObjectCounts:
    """Count one image after another, and let pages come first after each.

    They share Python's lock with the count, and would wait for it often.
    """

    def giving_way(done: int, total: int) -> None:
        progress(done, total)
        time.sleep(NAP_S)

    return lost_objects(view.subset, giving_way, size_px=size_px, most_images=most_images)


def _ask_for_all(key: Hashable) -> None:
    st.session_state[ALL_ASKED] = key


def _expected(image_count: int) -> str:
    expected_s = image_count / IMAGES_PER_S
    return f"about {expected_s:.0f} s" if expected_s < 90 else f"about {expected_s / 60:.0f} min"
