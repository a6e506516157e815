"""The excluded images, with their reasons: looked at again, annotated with a reason and restored.

Selecting and giving reasons run this panel alone; what changes the subset runs the page again, for its counts and for
the viewer.

A field whose value is set here gets a new key: a browser that is behind sends the old value with the next click, and
that must not pass for something the person typed. The panel must keep its place on the page from run to run: Streamlit
1.67 finds a fragment again by that alone, and would drop what was typed while the page ran.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from cocomine.coco.dataset import ImageKey
from cocomine.exclusions.edits import LONGEST_REASON, annotate, restore
from cocomine.exclusions.history import ExclusionList
from cocomine.ui.gallery.annotated_image import annotated_image
from cocomine.ui.gallery.fetching import fetch_beside
from cocomine.ui.gallery.gallery import page_of
from cocomine.ui.session import state
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import View
from cocomine.wording import counted, plain

IMAGES_PER_PAGE = 12
LONGEST_LISTING = 12
NARROWEST_CARD_PX = 380
IMAGE_SIDE_PX = 112
OPENED_SIDE_PX = 480
"""Larger than on the page, for when the image is opened."""
SELECTED = "excluded-selected"
SHARED_REASON = "excluded-shared-reason"
TROUBLE = "excluded-trouble"
"""The trouble that the top of the page shows."""
TEACHING = """Exclude images that are bad or badly annotated: choose *exclude* in the **Gallery** and under
**Training masks**, or select images in **FiftyOne** and exclude them there. Excluded images are not counted or
exported. Restore them here at any time; your files stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageGroups:
    """Where the images on the list are: in the splits in view, in other splits, or not in this dataset."""

    in_view: tuple[ImageKey, ...]
    hidden: tuple[ImageKey, ...]
    missing: tuple[ImageKey, ...]


def exclusions_trouble() -> None:
    """Show what is wrong with the open dataset's list, where something is; for the top of every page."""
    trouble = st.session_state[TROUBLE] = state.exclusions().trouble if state.dataset_path() else None
    with st.container():  # there or not, the rest of the page keeps its place
        if trouble is not None:
            st.error(plain(trouble), icon=":material/error:")


@st.fragment
def exclusions_panel(view: View, images: Collection[ImageKey], classes: tuple[str, ...] | None) -> None:
    """Show the excluded images of the open dataset, and let them have a reason and be restored.

    Args:
        images: those of the selection, the excluded ones included.
        classes: classes whose masks are drawn; None draws all.
    """
    listed = state.exclusions()
    if listed.trouble != st.session_state.get(TROUBLE):
        st.rerun()  # the top of the page says what is wrong
    with st.container(border=True, key="excluded"):
        _head(listed)
        if not listed.images:
            st.caption(TEACHING)
            return
        _note_unselected(listed.images, images)
        if len(listed.images) > 1:
            _together(listed.images)
        groups = image_groups(view, tuple(listed.reasons))
        shown: Sequence[ImageKey] = groups.in_view
        if len(shown) > IMAGES_PER_PAGE:
            shown = page_of(shown, IMAGES_PER_PAGE, key="excluded-page")
        is_coming = fetch_beside(view, shown)
        cards = st.grid("auto", min_column_width=NARROWEST_CARD_PX, gap="medium", vertical_alignment="center")
        for image in shown:
            with cards.cell():
                _card(view, image, listed.reasons[image], classes, is_coming=is_coming)
        _note_absent(groups.hidden, "in splits that are not in view", "hidden", "Restore these")
        _note_absent(groups.missing, "not in this dataset, so they change nothing", "missing", "Remove from the list")


def image_groups(view: View, images: Sequence[ImageKey]) -> ImageGroups:
    """Return where images are, each group in the order given."""
    ids = {split.name: split.images.ids for split in view.dataset.splits}
    in_view = {
        (name, image_id)
        for name, held in ids.items()
        for image_id in np.intersect1d(held, [number for split, number in images if split == name]).tolist()
    }
    hidden = {image for image in images if image[0] not in ids} if state.splits() else set()
    return ImageGroups(
        in_view=tuple(image for image in images if image in in_view),
        hidden=tuple(image for image in images if image in hidden),
        missing=tuple(image for image in images if image not in in_view | hidden),
    )


def _head(listed: ExclusionList) -> None:
    count = len(listed.images)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Excluded images: {f'{count:,}' if count else 'none'}**", width="stretch")
        with st.container(horizontal=True, width="content"):
            if st.button("Undo", key="excluded-undo", icon=":material/undo:", disabled=not listed.can_undo):
                state.undo_exclusion()
                st.rerun()
            if st.button("Redo", key="excluded-redo", icon=":material/redo:", disabled=not listed.can_redo):
                state.redo_exclusion()
                st.rerun()
            if count and st.button("Restore all", key="excluded-restore", icon=":material/settings_backup_restore:"):
                _restore(listed.images)


def _note_unselected(excluded: Collection[ImageKey], images: Collection[ImageKey]) -> None:
    count = sum(image in excluded for image in images)
    if count < len(excluded):
        st.caption(
            f"{count:,} of them match the present selection. The others do not; they stay excluded for when they do."
        )


def _together(excluded: Collection[ImageKey]) -> None:
    """Offer what can be done with all selected images at once."""
    selected = _selected()
    with st.container(horizontal=True, vertical_alignment="center"):
        all_selected = len(selected) == len(excluded)
        st.button(
            "Clear selection" if all_selected else f"Select all {len(excluded):,}",
            key="excluded-all",
            icon=":material/check_box_outline_blank:" if all_selected else ":material/select_check_box:",
            on_click=_select,
            args=(frozenset() if all_selected else frozenset(excluded),),
        )
        st.text_input(
            "Reason for the selected images",
            max_chars=LONGEST_REASON,
            placeholder="Reason for the selected images",
            label_visibility="collapsed",
            key=SHARED_REASON,
            width=320,
        )
        st.button(
            "Set reason",
            key="excluded-set-reason",
            icon=":material/edit_note:",
            on_click=_set_reason_of_selected,
            disabled=not selected,
        )
        label = f"Restore {len(selected):,} selected" if selected else "Restore selected"
        if st.button(label, key="excluded-restore-selected", icon=":material/undo:", disabled=not selected):
            _restore(selected)


def _card(view: View, image: ImageKey, reason: str, classes: tuple[str, ...] | None, *, is_coming: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width=IMAGE_SIDE_PX, horizontal_alignment="center"):
            _image(view, image, classes, is_coming=is_coming)
        with st.container(width="stretch", gap="xsmall"):
            _select_and_restore(image)
            st.text_input(
                f"Reason for image {image[1]}",
                max_chars=LONGEST_REASON,
                placeholder="Reason (optional)",
                label_visibility="collapsed",
                **shared_value(f"excluded-reason-{image[0]}-{image[1]}", reason, partial(_set_reason, image)),
            )


def _image(view: View, image: ImageKey, classes: tuple[str, ...] | None, *, is_coming: bool) -> None:
    jpeg = annotated_image(view, image, longest_px=OPENED_SIDE_PX, classes=classes)
    if jpeg is None:
        st.caption("On its way …" if is_coming else "The image file is missing or cannot be read.")
        return
    size = view.dataset.image(image).size
    share = size.width / max(*size, 1)
    st.image(jpeg, width=max(1, round(IMAGE_SIDE_PX * share)), alt=f"image {image[1]}")


def _select_and_restore(image: ImageKey) -> None:
    split_name, image_id = image
    box = shared_value(f"excluded-select-{split_name}-{image_id}", image in _selected(), partial(_select_one, image))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        name = plain(f"{image_id} · {split_name}")
        st.checkbox(name, **box)
        restore_key = f"excluded-restore-{split_name}-{image_id}"
        if st.button("Restore", key=restore_key, icon=":material/undo:", type="tertiary"):
            _restore((image,))


def _note_absent(images: Sequence[ImageKey], where: str, name: str, button: str) -> None:
    if not images:
        return
    listed = ", ".join(f"{image_id} ({split})" for split, image_id in images[:LONGEST_LISTING])
    more = f" and {len(images) - LONGEST_LISTING:,} more" if len(images) > LONGEST_LISTING else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        sentence = f"{counted(len(images), 'image')} {'is' if len(images) == 1 else 'are'} {where}"
        st.caption(f":material/info: {sentence}: {plain(listed)}{more}", width="stretch")
        if st.button(button, key=f"excluded-{name}", icon=":material/playlist_remove:"):
            _restore(images)


def _restore(images: Collection[ImageKey]) -> None:
    state.change_exclusions(partial(restore, images=images))
    _select(_selected())  # those that are still on the list
    st.rerun()


def _selected() -> frozenset[ImageKey]:
    """Return the selected images of the open dataset that are still on the list."""
    path, selected = st.session_state.get(SELECTED, (None, frozenset()))
    return selected & state.excluded() if path == state.dataset_path() else frozenset()


def _select_one(image: ImageKey, is_selected: bool) -> None:
    _select(_selected() | {image} if is_selected else _selected() - {image})


def _select(images: frozenset[ImageKey]) -> None:
    """Let these images be selected and no other."""
    st.session_state[SELECTED] = (state.dataset_path(), images)


def _set_reason(image: ImageKey, reason: str) -> None:
    state.change_exclusions(partial(annotate, images=(image,), reason=reason), viewer_knows=True)


def _set_reason_of_selected() -> None:
    edit = partial(annotate, images=_selected(), reason=st.session_state[SHARED_REASON])
    state.change_exclusions(edit, viewer_knows=True)
    st.session_state[SHARED_REASON] = ""
    _select(frozenset())
