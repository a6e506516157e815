"""How do image files come into an export: linked, copied, downloaded first, or not at all? Each with its price."""

from dataclasses import dataclass

import streamlit as st

from cocomine.exporting.formats.readme import SYMLINK_PRICE
from cocomine.mining.selection.recipe import SYMLINK
from cocomine.ui.downloads.need import Need, need_of_selection
from cocomine.ui.downloads.panel import download_panel, is_downloading
from cocomine.ui.export.offered import keep_if_offered
from cocomine.ui.image_folder import image_folder_panel
from cocomine.ui.session.export_settings import COPY, DOWNLOAD, IMAGES, LINK, NO_IMAGES, SYMLINKS
from cocomine.ui.session.view import View
from cocomine.wording import counted, size_words

PRICES = {
    LINK: "An edit in place changes the dataset's file, too. Copied where the export is on another disk.",
    COPY: "Files of the export's own. An edit changes nothing in the dataset.",
    DOWNLOAD: "From the web into the dataset; then linked.",
    NO_IMAGES: "COCO JSON and masks, no image files.",
}
"""What each way costs, by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChoice:
    """How image files come along.

    Attributes:
        way: as a recipe has it.
        waits: images are to be downloaded before.
    """

    way: str
    waits: bool


def image_choice(view: View) -> ImageChoice:
    """Ask how image files come along; where some are missing, offer their folder and their download."""
    need = need_of_selection(view) if any(each.there < each.total for each in view.image_counts) else None
    names = _names(view, need)
    st.header("Images")
    keep_if_offered(IMAGES, names)
    chosen = st.radio(
        "Image files",
        list(names),
        index=list(names).index(next(each for each in (DOWNLOAD, LINK, COPY) if each in names)),
        format_func=names.__getitem__,
        captions=[PRICES[each] for each in names],
        horizontal=True,
        label_visibility="collapsed",
        key=IMAGES,
        persist_state="session",
        width="stretch",
    )
    way = _link_way() if chosen in {LINK, DOWNLOAD} else chosen
    image_folder_panel(view)
    if chosen == DOWNLOAD or is_downloading(view):
        download_panel(view, look="primary")
    return ImageChoice(way=way, waits=chosen == DOWNLOAD)


def _link_way() -> str:
    """Offer symbolic links as the last choice; return how images are linked."""
    with st.expander("Another kind of link"):
        wants = st.checkbox("Symbolic links", key=SYMLINKS, persist_state="session")
        st.caption(SYMLINK_PRICE)
    return SYMLINK if wants else LINK


def _names(view: View, need: Need | None) -> dict[str, str]:
    """Return what is offered, each with what it takes on the disk or brings."""
    copied = "" if view.size_bytes is None else f" · {size_words(view.size_bytes)}"
    names = {LINK: "Link · no extra space", COPY: f"Copy{copied}", NO_IMAGES: "Annotations only"}
    if view.has_address:  # what is fetched makes room for others
        del names[LINK]
    if need is None or not need.image_count:
        return names
    missing, size = counted(need.image_count, "image"), size_words(need.estimated_bytes)
    return {DOWNLOAD: f"Download · {missing} · about {size}", **names}
