"""The training masks of a subset: one image after another or in rows, and only those where something is lost.

Filters show their counts before one is chosen. Counting draws every label map, so it goes on beside the page: at
once where the subset is small, else of its first images until the person asks for all.
"""

from collections.abc import Sequence
from functools import partial
from itertools import compress
from typing import Literal

import streamlit as st

from cocomine.coco.dataset import ImageKey
from cocomine.errors import CocomineError
from cocomine.labels.lost_objects import LostObjectCounts, by_class_sentence, lost_objects_sentence
from cocomine.labels.table import label_table
from cocomine.ui.check.lost_object_counts import count_all_button, counted_losses, crowded
from cocomine.ui.check.mask_image import mask_image
from cocomine.ui.gallery.gallery import exclusion_box, page_of
from cocomine.ui.session import state
from cocomine.ui.session.view import View
from cocomine.wording import counted, plain

Filter = Literal["all", "conflict", "lost", "crowd"]
FILTERS: dict[Filter, str] = {
    "all": "All images",
    "conflict": "Overlapping classes",
    "lost": "Lost objects",
    "crowd": "Crowd regions",
}
NOTHING: dict[Filter, str] = {
    "all": "No images to show.",
    "conflict": "In none of these images do two selected classes overlap.",
    "lost": "No object is lost in these images: each has at least one pixel in its label map.",
    "crowd": "None of these images has a crowd region that is ignored.",
}
ROWS_PER_PAGE = 4
INDEX, FILTER, LAYOUT = "mask-index", "mask-filter", "mask-layout"


@st.fragment
def mask_view(view: View, images: Sequence[ImageKey]) -> None:
    """Show the label maps of the current selection, at the size that will be exported.

    Args:
        view: as the page around has drawn it.
        images: of the subset, excluded ones included.
    """
    if state.excluded() != view.excluded:
        st.rerun()  # the page shows how many images remain
    view, size_px = view.with_excluded_images, state.label_size_px()
    try:
        label_table(view.dataset, view.selection)
    except CocomineError as error:
        st.warning(plain(str(error)), icon=":material/block:")
        return
    st.caption(
        "The training mask is exactly what the network is trained to predict: one class per pixel. Where objects "
        "overlap, the smaller one is on top; crowd regions are ignored. Hover to isolate a class or object, or to see "
        "the same point in all three images."
    )
    losses = counted_losses(view, size_px)
    is_in = _images_in(view, losses)
    kind, in_rows = _asked(is_in, losses, len(images))
    if losses is not None:
        _lost_objects(view, losses, size_px)
    found = images if kind == "all" else list(compress(images, is_in.get(kind, ())))
    if kind not in is_in:
        st.caption(":material/hourglass_empty: These images are listed when the label maps have been checked.")
    elif not found:
        st.info(NOTHING[kind], icon=":material/check_circle:")
    elif in_rows:
        _rows(view, page_of(found, ROWS_PER_PAGE, key=f"mask-page-{kind}"), size_px)
    else:
        image = _stepped(found)
        with st.container(border=True):
            _shown(view, image, size_px)


def _asked(
    is_in: dict[Filter, Sequence[bool]], losses: LostObjectCounts | None, image_count: int
) -> tuple[Filter, bool]:
    """Offer the filters with their counts, and one image after another or rows; return what is chosen.

    The words of the options do not change while counts come in, see `controls.excluded_classes`.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.radio(
            "Only images with",
            list(FILTERS),
            format_func=FILTERS.__getitem__,
            captions=[_count_text(each, image_count, is_in, losses) for each in FILTERS],
            horizontal=True,
            key=FILTER,
            on_change=partial(_go_to, 0),
            label_visibility="collapsed",
        )
        layout = st.segmented_control(
            "Layout",
            ["One by one", "Rows"],
            default="One by one",
            required=True,
            key=LAYOUT,
            label_visibility="collapsed",
        )
    return kind, layout == "Rows"


def _rows(view: View, images: Sequence[ImageKey], size_px: int) -> None:
    for image in images:
        with st.container(border=True):
            _shown(view, image, size_px)
            exclusion_box(image, key="masks")


def _stepped(images: Sequence[ImageKey]) -> ImageKey:
    """Offer the previous and the next image, and to exclude the one that is shown; return that."""
    at: int = min(st.session_state.get(INDEX, 0), len(images) - 1)
    with st.container(horizontal=True, vertical_alignment="center"):
        for words, icon, to, shortcut in (
            ("Previous", ":material/arrow_back:", at - 1, "P"),
            ("Next", ":material/arrow_forward:", at + 1, "N"),
        ):
            st.button(
                words,
                icon=icon,
                key=f"mask-{words.lower()}",
                shortcut=shortcut,
                disabled=not 0 <= to < len(images),
                on_click=_go_to,
                args=(to,),
            )
        st.caption(f"**{at + 1:,}** of {counted(len(images), 'image')}", width="content")
        st.space("stretch")
        _exclusion_button(images[at])
    return images[at]


def _exclusion_button(image: ImageKey) -> None:
    """Offer to exclude an image, or to restore it; the button has a key of its own beside those to step with."""
    is_excluded = image in state.excluded()
    if is_excluded:
        st.badge("excluded", icon=":material/block:", color="orange")
    st.button(
        "Restore" if is_excluded else "Exclude",
        icon=":material/undo:" if is_excluded else ":material/block:",
        key="mask-exclude",
        shortcut="X",
        on_click=state.toggle_excluded,
        args=(image,),
    )


def _go_to(at: int) -> None:
    st.session_state[INDEX] = at


def _shown(view: View, image: ImageKey, size_px: int) -> None:
    try:
        mask_image(view, image, size_px=size_px, key=f"mask-{image[0]}-{image[1]}")
    except CocomineError as error:
        st.warning(plain(str(error)), icon=":material/error:")


def _images_in(view: View, losses: LostObjectCounts | None) -> dict[Filter, Sequence[bool]]:
    """Return which images of the subset each filter keeps; a filter that is not counted yet is missing."""
    is_in: dict[Filter, Sequence[bool]] = {"all": (), "crowd": crowded(view)}
    if losses is not None:
        is_in |= {"conflict": losses.has_conflict.tolist(), "lost": losses.has_lost.tolist()}
    return is_in


def _count_text(
    kind: Filter, image_count: int, is_in: dict[Filter, Sequence[bool]], losses: LostObjectCounts | None
) -> str:
    if kind == "all":
        return f"{image_count:,}"
    if kind not in is_in:
        return "…"
    is_part = kind != "crowd" and losses is not None and losses.image_count < image_count
    return f"{sum(is_in[kind]):,}" + (f" of the first {len(is_in[kind]):,}" if is_part else "")


def _lost_objects(view: View, losses: LostObjectCounts, size_px: int) -> None:
    """Show in numbers which objects are lost in the images checked so far, and offer to check the others."""
    names = {label.label: label.name for label in label_table(view.dataset, view.selection).labels}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{lost_objects_sentence(losses, size_px)} {plain(by_class_sentence(losses, names))}")
        if losses.image_count < view.subset.image_count:
            count_all_button(view, size_px)
