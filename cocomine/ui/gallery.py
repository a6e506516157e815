"""A grid of images with boxes and masks, page by page."""

from collections.abc import Sequence

import streamlit as st

from cocomine.mining.selection import ImageKey, Subset
from cocomine.preview.drawing import Style
from cocomine.ui.cached import Opened, picture_of


def gallery(
    opened: Opened, images: Sequence[ImageKey], *, key: str, classes: tuple[str, ...] | None, per_page: int = 12
) -> None:
    """Show images with a switch for boxes, masks and names, and pages.

    Args:
        opened: the dataset.
        images: what to show, in order.
        key: prefix of the widgets' keys; one for each gallery.
        classes: classes whose shapes are drawn; None draws all.
        per_page: pictures shown at once.
    """
    if not images:
        st.info("There is no image to show here.", icon=":material/image_not_supported:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        layers = st.pills(
            "Show",
            ["masks", "boxes", "names"],
            default=["masks", "boxes"],
            selection_mode="multi",
            key=f"{key}-layers",
            label_visibility="collapsed",
        )
        shown = page_of(images, per_page, key=f"{key}-page")
    style = Style(masks="masks" in layers, boxes="boxes" in layers, names="names" in layers)
    missing = 0
    with st.grid("auto", min_column_width=250, gap="small"):
        for split_name, image_id in shown:
            picture = picture_of(opened, split_name, image_id, style, classes)
            if picture is None:
                missing += 1
            else:
                st.image(picture, caption=f"{image_id} · {split_name}", width="stretch", alt=f"image {image_id}")
    if missing:
        st.caption(f":material/warning: {missing} pictures of this page are missing on disk or unreadable.")


def images_of(subset: Subset) -> list[ImageKey]:
    """Return the images of a subset, split by split."""
    return [
        (part.split.name, int(image_id))
        for part in subset.parts
        for image_id in part.split.images.ids[part.image_index]
    ]


def page_of(images: Sequence[ImageKey], per_page: int, *, key: str) -> list[ImageKey]:
    """Return one page of images; where there are several, offer the others and say which these are."""
    page = st.pagination(-(-len(images) // per_page), key=key) if len(images) > per_page else 1
    first = (page - 1) * per_page
    st.caption(f"{first + 1:,} to {min(first + per_page, len(images)):,} of {len(images):,} images")
    return list(images[first : first + per_page])
