"""A grid of images with boxes and masks, page by page."""

from collections.abc import Sequence

import streamlit as st

from cocomine.mining.selection import ImageKey, Subset
from cocomine.preview.drawing import Style
from cocomine.ui import state
from cocomine.ui.cached import Opened, picture_of

PICTURES_PER_PAGE = 12


def gallery(
    opened: Opened,
    images: Sequence[ImageKey],
    *,
    key: str,
    classes: tuple[str, ...] | None,
    can_exclude: bool = False,
) -> None:
    """Show images with a switch for boxes, masks and names, and pages.

    Args:
        opened: the dataset.
        images: what to show, in order.
        key: prefix of the widgets' keys; one for each gallery.
        classes: classes whose shapes are drawn; None draws all.
        can_exclude: offer under each picture to take it out of the subset.
    """
    if not images:
        st.info("There is no image to show here.", icon=":material/image_not_supported:")
        return
    layers = st.pills(
        "Show",
        ["masks", "boxes", "names"],
        default=["masks", "boxes"],
        selection_mode="multi",
        key=f"{key}-layers",
        label_visibility="collapsed",
    )
    shown = page_of(images, PICTURES_PER_PAGE, key=f"{key}-page")
    style = Style(masks="masks" in layers, boxes="boxes" in layers, names="names" in layers)
    grid = st.grid("auto", min_column_width=180, gap="small")
    missing = 0
    for split_name, image_id in shown:
        picture = picture_of(opened, split_name, image_id, style, classes)
        if picture is None:
            missing += 1
            continue
        with grid.cell():
            st.image(picture, caption=f"{image_id} · {split_name}", width="stretch", alt=f"image {image_id}")
            if can_exclude:
                exclusion_box((split_name, image_id), key=key)
    if missing:
        st.caption(f":material/warning: {missing} pictures of this page are missing on disk or unreadable.")


def exclusion_box(image: ImageKey, *, key: str) -> None:
    """Offer to take an image out of the subset, or to put it back."""
    name = f"{key}-exclude-{image[0]}-{image[1]}"
    st.session_state[name] = image in state.excluded()
    st.checkbox("take out of the subset", key=name, on_change=state.toggle_excluded, args=(image,))


def images_of(subset: Subset) -> list[ImageKey]:
    """Return the images of a subset, split by split."""
    return [
        (part.split.name, int(image_id))
        for part in subset.parts
        for image_id in part.split.images.ids[part.image_index]
    ]


def page_of(images: Sequence[ImageKey], per_page: int, *, key: str) -> list[ImageKey]:
    """Return one page of images; where there are several, offer the others and say which these are."""
    with st.container(horizontal=True, vertical_alignment="center"):
        page = st.pagination(-(-len(images) // per_page), key=key) if len(images) > per_page else 1
        first = (page - 1) * per_page
        st.caption(f"{first + 1:,} to {min(first + per_page, len(images)):,} of {len(images):,} images")
    return list(images[first : first + per_page])
