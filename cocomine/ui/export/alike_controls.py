"""Which images does the person want to be taken for the same, and which were found to be?

File names are always compared. What needs the image files is compared in the background, once for each subset.
"""

from collections.abc import Hashable
from functools import partial

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.planning.alike_images import AlikeImages, Likeness, across_sentence, alike_images
from cocomine.mining.selection.near_duplicates import HASH_BITS, MOST_BITS
from cocomine.system.jobs import Job
from cocomine.ui.session.jobs import background, forget_job, progress_panel
from cocomine.ui.session.view import View, of_images
from cocomine.wording import counted, plain

LIKENESS_NAMES = {
    Likeness.NAMES: "Same file name",
    Likeness.FILES: "Equal files, too",
    Likeness.NEAR_DUPLICATES: "Near duplicates, too",
}
FILES_CAPTIONS = (
    "Byte for byte, under whatever name. Reads few bytes of each file.",
    f"Scaled, saved again or recoloured: of {HASH_BITS} bits of a small gray copy at most {MOST_BITS} differ. Decodes "
    "every image.",
)
FOUND_NAMES = {Likeness.FILES: "equal files", Likeness.NEAR_DUPLICATES: "near duplicates"}
QUICK_S = 0.5
"""A comparison that ends within this time shows no progress."""


def chosen_likeness(*, is_divided: bool) -> Likeness:
    """Ask what makes two images the same.

    Args:
        is_divided: such images stay on one side; else those of several splits are told.
    """
    of_names = "No image file is read." if is_divided else "Told by Dataset health on the Data page."
    return st.radio(
        "Images that stay on one side" if is_divided else "Look for the same image in several splits",
        list(Likeness),
        format_func=LIKENESS_NAMES.__getitem__,
        captions=(of_names, *FILES_CAPTIONS),
        key="export-likeness",
        persist_state="session",
    )


def found_alike(view: View, likeness: Likeness) -> AlikeImages | None:
    """Show which images of the subset are alike, or how far the comparison is; return them, None while unknown."""
    if likeness is Likeness.NAMES:
        return AlikeImages()
    key = ("alike images", likeness, of_images(view).key)
    work = partial(alike_images, view.subset, likeness)
    job = background(key, work, replaces="alike-images", wait_s=QUICK_S)
    if job.state == "running":
        progress_panel(job, "Comparing image files", key="alike-images")
        return None
    if job.state == "cancelled":
        _offer_again("Comparison cancelled: which images stay together is not known.", key)
        return None
    return _result(job, likeness, key)


def _result(job: Job[AlikeImages], likeness: Likeness, key: Hashable) -> AlikeImages | None:
    try:
        alike = job.result()
    except (CocomineError, OSError) as error:
        _offer_again(f"The image files cannot be compared: {error}.", key)
        return None
    found = sum(map(len, alike.sets))
    unread = f" {counted(alike.unread_count, 'image')} could not be read." if alike.unread_count else ""
    told = f"{found:,} images in {counted(len(alike.sets), 'set')}" if found else "none"
    st.caption(f"Found {FOUND_NAMES[likeness]}: {told}.{unread}")
    if across := across_sentence(alike, likeness):
        st.warning(plain(across), icon=":material/warning:")
    return alike


def _offer_again(sentence: str, key: Hashable) -> None:
    st.warning(plain(sentence), icon=":material/warning:")
    st.button("Compare again", icon=":material/refresh:", on_click=forget_job, args=(key,))
