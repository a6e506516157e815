"""The images taken out by hand, with their reasons: looked at again, explained and put back.

Ticking and explaining run this panel alone; what changes the subset runs the page again, for its counts and for the
viewer to be told.

A field whose value is set here gets a new key: a browser that is behind sends the old value with the next click, and
that must not pass for something the person typed. The panel must keep its place on the page from run to run: Streamlit
1.67 finds a fragment again by that alone, and would drop what was typed while the page ran.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from cocomine.exclusions.edits import LONGEST_REASON, explained, put_back
from cocomine.exclusions.session import ExclusionList
from cocomine.mining.selection.selection import ImageKey
from cocomine.ui.gallery.gallery import page_of
from cocomine.ui.session import state
from cocomine.ui.session.cached import Opened, picture_of
from cocomine.wording import plain

IMAGES_PER_PAGE = 12
LONGEST_LISTING = 12
NARROWEST_CARD_PX = 380
PICTURE_SIDE_PX = 112
OPENED_SIDE_PX = 480
"""Larger than on the page, for who opens the picture."""
TICKED = "taken-out-ticked"
TICKS_SET = "taken-out-ticks-set"
FIELDS = "taken-out-fields"
SHARED_REASON = "taken-out-reason"
TOLD = "taken-out-told"
"""The trouble that the top of the page tells of."""
TEACHING = """Take out an image whose picture or masks are bad: under **FiftyOne** tick it there and take out what is
ticked; in the **Gallery** and under **Training masks** choose *take out*. It then counts nowhere and is not
exported, and it waits here, where you can say why or put it back. Your files stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the images on the list are: in the splits in view, in other splits, or not in this dataset."""

    in_view: tuple[ImageKey, ...]
    hidden: tuple[ImageKey, ...]
    missing: tuple[ImageKey, ...]


def exclusions_trouble() -> None:
    """Say what is wrong with the open dataset's list, where something is; for the top of every page."""
    trouble = st.session_state[TOLD] = state.exclusions().trouble if state.dataset_path() else None
    with st.container():  # there or not, the rest of the page keeps its place
        if trouble is not None:
            st.error(plain(trouble), icon=":material/error:")


@st.fragment
def exclusions_panel(opened: Opened, images: Collection[ImageKey], classes: tuple[str, ...] | None) -> None:
    """Show the images taken out of the open dataset, and let them be explained and put back.

    Args:
        opened: the dataset.
        images: what the selection takes, those taken out included.
        classes: classes whose masks are drawn; None draws all.
    """
    listed = state.exclusions()
    if listed.trouble != st.session_state.get(TOLD):
        st.rerun()  # the top of the page says what is wrong
    with st.container(border=True, key="taken-out"):
        _head(listed)
        if not listed.images:
            st.caption(TEACHING)
            return
        _note_unasked(listed.images, images)
        if len(listed.images) > 1:
            _together(listed.images)
        places = places_of(opened, tuple(listed.reasons))
        shown: Sequence[ImageKey] = places.in_view
        if len(shown) > IMAGES_PER_PAGE:
            shown = page_of(shown, IMAGES_PER_PAGE, key="taken-out-page")
        cards = st.grid("auto", min_column_width=NARROWEST_CARD_PX, gap="medium", vertical_alignment="center")
        for image in shown:
            with cards.cell():
                _card(opened, image, listed.reasons[image], classes)
        _note_absent(places.hidden, "in splits that are not in view", "hidden", "Put these back")
        _note_absent(
            places.missing, "not in this dataset, so nothing is taken away for them", "missing", "Take off the list"
        )


def places_of(opened: Opened, images: Sequence[ImageKey]) -> Places:
    """Return where images are, each group in the order given."""
    ids = {split.name: split.images.ids for split in opened.dataset.splits}
    known = {
        (name, image_id)
        for name, held in ids.items()
        for image_id in np.intersect1d(held, [number for split, number in images if split == name]).tolist()
    }
    hidden = {image for image in images if image[0] not in ids} if state.splits() else set()
    return Places(
        in_view=tuple(image for image in images if image in known),
        hidden=tuple(image for image in images if image in hidden),
        missing=tuple(image for image in images if image not in known | hidden),
    )


def _head(listed: ExclusionList) -> None:
    count = len(listed.images)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Taken out by hand: {_images(count) if count else 'no image yet'}**", width="stretch")
        if st.button("Undo", key="taken-out-undo", icon=":material/undo:", disabled=not listed.can_undo):
            state.undo_exclusion()
            st.rerun()
        if st.button("Redo", key="taken-out-redo", icon=":material/redo:", disabled=not listed.can_redo):
            state.redo_exclusion()
            st.rerun()
        if count and st.button("Put all back", key="taken-out-back", icon=":material/settings_backup_restore:"):
            _put_back(listed.images)


def _note_unasked(out: Collection[ImageKey], images: Collection[ImageKey]) -> None:
    fitting = sum(image in out for image in images)
    if fitting < len(out):
        st.caption(
            f"{fitting:,} of them would be in your subset. The others do not fit the present choice of classes; they "
            "stay taken out for when they do."
        )


def _together(out: Collection[ImageKey]) -> None:
    """Offer what can be done with all ticked images at once."""
    ticked = _ticked()
    with st.container(horizontal=True, vertical_alignment="center"):
        all_ticked = len(ticked) == len(out)
        st.button(
            "Untick all" if all_ticked else f"Tick all {len(out):,}",
            key="taken-out-all",
            icon=":material/check_box_outline_blank:" if all_ticked else ":material/select_check_box:",
            on_click=_tick,
            args=(frozenset() if all_ticked else frozenset(out),),
        )
        st.text_input(
            "Reason for the ticked",
            max_chars=LONGEST_REASON,
            placeholder="one reason for all that are ticked",
            label_visibility="collapsed",
            key=SHARED_REASON,
            width=320,
        )
        st.button(
            "Give this reason",
            key="taken-out-explain",
            icon=":material/edit_note:",
            on_click=_explain_ticked,
            disabled=not ticked,
        )
        label = f"Put {len(ticked):,} back" if ticked else "Put the ticked back"
        if st.button(label, key="taken-out-back-ticked", icon=":material/undo:", disabled=not ticked):
            _put_back(ticked)


def _card(opened: Opened, image: ImageKey, reason: str, classes: tuple[str, ...] | None) -> None:
    image_id = image[1]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width=PICTURE_SIDE_PX, horizontal_alignment="center"):
            _picture(opened, image, classes)
        with st.container(width="stretch", gap="xsmall"):
            _tick_and_put_back(image)
            st.text_input(
                f"Reason for image {image_id}",
                reason,
                max_chars=LONGEST_REASON,
                placeholder="why?",
                label_visibility="collapsed",
                key=(key := _reason_key(image, reason)),
                on_change=_explain,
                args=(image, key),
            )


def _picture(opened: Opened, image: ImageKey, classes: tuple[str, ...] | None) -> None:
    picture = picture_of(opened, image, longest_px=OPENED_SIDE_PX, classes=classes)
    if picture is None:
        st.caption("The picture is missing on disk or unreadable.")
        return
    size = opened.dataset.image(image).size
    share = size.width / max(*size, 1)
    st.image(picture, width=max(1, round(PICTURE_SIDE_PX * share)), alt=f"image {image[1]}")


def _tick_and_put_back(image: ImageKey) -> None:
    split_name, image_id = image
    tick = f"taken-out-tick-{split_name}-{image_id}-{st.session_state.get(TICKS_SET, 0)}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        name = plain(f"{image_id} · {split_name}")
        st.checkbox(name, image in _ticked(), key=tick, on_change=_toggle_ticked, args=(image,))
        back = f"taken-out-back-{split_name}-{image_id}"
        if st.button("Put back", key=back, icon=":material/undo:", type="tertiary"):
            _put_back((image,))


def _note_absent(images: Sequence[ImageKey], where: str, name: str, button: str) -> None:
    if not images:
        return
    listed = ", ".join(f"{image_id} ({split})" for split, image_id in images[:LONGEST_LISTING])
    more = f" and {len(images) - LONGEST_LISTING:,} more" if len(images) > LONGEST_LISTING else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        told = f"{_images(len(images))} {'is' if len(images) == 1 else 'are'} {where}"
        st.caption(f":material/info: {told}: {plain(listed)}{more}", width="stretch")
        if st.button(button, key=f"taken-out-{name}", icon=":material/playlist_remove:"):
            _put_back(images)


def _put_back(images: Collection[ImageKey]) -> None:
    state.change_exclusions(partial(put_back, images=images))
    _tick(_ticked())  # those that are still on the list
    st.rerun()


def _ticked() -> frozenset[ImageKey]:
    """Return the ticked images of the open dataset that are still on the list."""
    path, ticked = st.session_state.get(TICKED, (None, frozenset()))
    return ticked & state.excluded() if path == state.dataset_path() else frozenset()


def _toggle_ticked(image: ImageKey) -> None:
    st.session_state[TICKED] = (state.dataset_path(), _ticked() ^ {image})


def _tick(images: frozenset[ImageKey]) -> None:
    """Let these images be ticked and no other."""
    st.session_state[TICKED] = (state.dataset_path(), images)
    st.session_state[TICKS_SET] = st.session_state.get(TICKS_SET, 0) + 1


def _reason_key(image: ImageKey, reason: str) -> str:
    """Return the key of the field for a reason: another one whenever it is to hold another."""
    fields = st.session_state.setdefault(FIELDS, {})
    known, count = fields.get(image, (reason, 0))
    fields[image] = (reason, count + (known != reason))
    return f"taken-out-why-{image[0]}-{image[1]}-{fields[image][1]}"


def _explain(image: ImageKey, key: str) -> None:
    typed = st.session_state[key]
    state.change_exclusions(partial(explained, images=(image,), reason=typed), viewer_knows=True)
    st.session_state[FIELDS][image] = (typed, st.session_state[FIELDS][image][1])  # what the field holds by now


def _explain_ticked() -> None:
    edit = partial(explained, images=_ticked(), reason=st.session_state[SHARED_REASON])
    state.change_exclusions(edit, viewer_knows=True)
    st.session_state[SHARED_REASON] = ""
    _tick(frozenset())


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"
