"""A page of images with their objects: boxes, masks and names on and off, one class or one object by itself.

The gallery draws in the browser, from what `gallery_page_json` gives, so pointing at a class or pressing a key asks
nothing here. What comes here is which image was opened, to send it sharper, and which was excluded from the subset, as
numbered choices, see `browser_actions`.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from cocomine.coco.dataset import ImageKey
from cocomine.mining.selection.selection import Mode, Subset
from cocomine.ui.gallery.browser_actions import Confirmed, confirm, last_confirmed, new_entries, sent_by
from cocomine.ui.gallery.fetching import fetch_beside
from cocomine.ui.gallery.page_json import LARGE_PX, gallery_page_json, reduced_jpeg
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import View, of_dataset
from cocomine.wording import counted

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

IMAGES_PER_PAGE = 12
PAGES_WIDTH_PX = 400
"""Room for seven page numbers; left to itself beside other widgets, the row of pages hides some of three."""
ASSETS = Path(__file__).with_name("assets")


@st.fragment
def gallery(
    view: View, images: Sequence[ImageKey], *, key: str, classes: tuple[str, ...] | None, can_exclude: bool = False
) -> None:
    """Show images page by page; turning a page or opening an image runs nothing but this.

    Args:
        key: prefix of the widgets' keys; one for each gallery.
        classes: classes whose objects are drawn; None draws all.
        can_exclude: offer under each image to exclude it from the subset.
    """
    if st.session_state.pop(_changed(key), False):
        st.rerun()  # the page tells how many images are left
    if not images:
        st.info("No images to show.", icon=":material/image_not_supported:")
        return
    shown = page_of(images, IMAGES_PER_PAGE, key=f"{key}-page")
    fetch_beside(view, shown)
    confirmed, excluded = last_confirmed(key), state.excluded() if can_exclude else frozenset()
    _gallery()(
        key=f"{key}-images",
        data={
            "key": key,
            "page": gallery_page_json(view, shown, classes),
            "canExclude": can_exclude,
            "excluded": [index for index, image in enumerate(shown) if image in excluded],
            "confirmed": [confirmed.client, confirmed.number],
            "large": _large(view, shown, key),
        },
        on_opened_change=partial(_note_opened, key),
        on_sent_change=partial(_take_over, key, shown),
    )


def exclusion_box(image: ImageKey, *, key: str) -> None:
    """Offer to exclude an image from the subset, or to restore it."""
    name = f"{key}-exclude-{image[0]}-{image[1]}"
    st.checkbox("exclude from the subset", **shared_value(name, image in state.excluded(), partial(_exclude, image)))


def _exclude(image: ImageKey, is_excluded: bool) -> None:
    state.set_excluded({image: is_excluded})


def images_of(subset: Subset) -> list[ImageKey]:
    """Return the images of a subset, split by split."""
    return [
        (part.split.name, int(image_id))
        for part in subset.parts
        for image_id in part.split.images.ids[part.image_index]
    ]


@cached(of_dataset, most=16)
def images_with(view: View, classes: tuple[str, ...]) -> list[ImageKey]:
    """Return the images in view that hold all of these classes."""
    return images_of(view.selecting(replace(view.selection, classes=classes, mode=Mode.ALL)).subset)


def page_of(images: Sequence[ImageKey], per_page: int, *, key: str) -> list[ImageKey]:
    """Return one page of images; where there are several, offer the others and say which these are."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pages = -(-len(images) // per_page)
        page = st.pagination(pages, key=key, width=PAGES_WIDTH_PX) if pages > 1 else 1
        first = (page - 1) * per_page
        st.caption(f"{first + 1:,}–{min(first + per_page, len(images)):,} of {counted(len(images), 'image')}")
    return list(images[first : first + per_page])


def new_choices(
    message: object, confirmed: Confirmed, on_page: Collection[ImageKey]
) -> list[tuple[Confirmed, ImageKey, bool]]:
    """Return which images a message excludes (True) or restores, beyond what was taken over, in order.

    Args:
        message: `{"client": text, "choices": [[number, split, image id, excluded], ...]}`; all else is ignored.
        on_page: the images on the page; others are ignored.
    """
    found = []
    for number, entry in new_entries(message, "choices", confirmed):
        match entry:
            case [str(split), int(image_id), bool(is_excluded)] if (split, image_id) in on_page:
                found.append((number, (split, image_id), is_excluded))
    return found


def _take_over(key: str, shown: Collection[ImageKey]) -> None:
    message = sent_by(f"{key}-images", "sent")
    for confirmed, image, is_excluded in new_choices(message, last_confirmed(key), shown):
        confirm(key, confirmed)
        st.session_state[_changed(key)] = True
        state.set_excluded({image: is_excluded})


def _note_opened(key: str) -> None:
    st.session_state[f"{key}-opened"] = sent_by(f"{key}-images", "opened")


def _large(view: View, shown: Collection[ImageKey], key: str) -> tuple[str, int, str | None] | None:
    """Return split, image id and the sharper JPEG of the image that was opened last, if it is on the page."""
    match st.session_state.get(f"{key}-opened"):
        case [str(split), int(image_id)] if (split, image_id) in shown:
            return split, image_id, reduced_jpeg(view, (split, image_id), LARGE_PX)
    return None


def _changed(key: str) -> str:
    return f"{key}-changed"


@cache
def _gallery() -> "ComponentRenderer":
    script = "\n".join(asset(name) for name in ("drawing.js", "large.js", "gallery.js"))
    style = "\n".join(asset(name) for name in ("drawing.css", "gallery.css"))
    return st.components.v2.component("cocomine.gallery", html=asset("gallery.html"), css=style, js=script)


def asset(name: str) -> str:
    """Return a script, a style or the frame of the gallery; what draws one image is used elsewhere as well."""
    return (ASSETS / name).read_text(encoding="utf-8")
