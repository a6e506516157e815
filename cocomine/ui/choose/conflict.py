"""How much of the foreground of a subset several selected classes claim; measured beside the page."""

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.labels.conflict import Conflict, conflict_sentence, subset_conflict
from cocomine.system.jobs import Job
from cocomine.ui.session.jobs import POLL_S, background, stop_following
from cocomine.ui.session.view import View, of_images, of_subset

IMAGE_COUNT = 400
"""Images by which the conflict of a subset is judged; it takes about a second."""
DRAW_FIRST_S = 0.3
"""The page is drawn before the masks are; who clicks on within this time lets nothing be measured for nothing."""


def conflict_note(view: View) -> None:
    """Show in one line how much of a subset's foreground several selected classes claim.

    Nothing is shown for fewer than two classes, or where there is no image.
    """
    if len(view.selection.classes) < 2 or not view.counts.image_count:
        return
    key = ("conflict", of_subset(of_images(view)).key)
    job = background(
        key,
        lambda progress: subset_conflict(view.subset, progress, most_images=IMAGE_COUNT),
        replaces="conflict",
        delay_s=DRAW_FIRST_S,
    )
    if job.state == "running":
        _conflict_line_when_known(job)
    else:
        _conflict_line(job)


@st.fragment(run_every=POLL_S)
def _conflict_line_when_known(job: Job[Conflict]) -> None:
    if job.state == "cancelled":
        st.rerun()  # by another session; it begins anew
    if job.state == "running":
        st.caption(":material/layers: Mask overlap between your classes: …")
    else:
        _conflict_line(job)
        stop_following()


def _conflict_line(job: Job[Conflict]) -> None:
    try:
        conflict = job.result()
    except CocomineError as error:
        st.caption(f":material/layers: Mask overlap between your classes: not known. {error}")
        return
    st.caption(
        f":material/layers: {conflict_sentence(conflict)}",
        help="Share of the pixels of your classes that two or more of them claim. In a training mask each pixel has "
        "one class: that of the smaller object.",
    )
