"""What a person has to know where only some classes were looked for in each image (LVIS); elsewhere nothing is said."""

import streamlit as st

from cocomine.mining.selection.selection import ImageKey, Mode, Selection, unchecked_image_count
from cocomine.ui.session import state
from cocomine.ui.session.cached import BY_STAMP, Opened, subset_of

ICON = ":material/visibility_off:"


def pairs_note(opened: Opened) -> None:
    """Say in which images pairs are compared."""
    if opened.dataset.is_federated:
        st.info(
            "In each image of this dataset only some classes were looked for, so a class that is not marked may be "
            "there all the same. Each pair is compared only in the images where both were looked for; grey pairs "
            "cannot be told.",
            icon=ICON,
        )


def forbidding_note(opened: Opened) -> None:
    """Say what forbidding a class can promise, and for how many of the subset's images it cannot."""
    chosen = state.selection()
    if not opened.dataset.is_federated:
        return
    subset = subset_of(opened, chosen, state.excluded())
    if not chosen.forbidden or not subset.image_count:
        st.caption(
            f"{ICON} Forbidding a class takes out the images where it is marked. In this dataset only some classes "
            "were looked for in each image, so it may be in others all the same."
        )
    elif count := _unchecked(opened, chosen, state.excluded(), chosen.forbidden):
        st.caption(
            f"{ICON} In **{count:,}** of these {subset.image_count:,} images a class that you forbid was not looked "
            "for, so it may be there all the same."
        )
    else:
        st.caption(f"{ICON} In all of these images the classes that you forbid were looked for and not found.")


def only_note(opened: Opened) -> None:
    """Say what "only them" can promise, and for how many of the subset's images it cannot."""
    chosen = state.selection()
    if not opened.dataset.is_federated:
        return
    subset = subset_of(opened, chosen, state.excluded())
    others = tuple(name for name in opened.dataset.category_names if name not in chosen.classes)
    if chosen.mode is not Mode.ONLY or not subset.image_count:
        st.caption(
            f"{ICON} “Only them” means that no other class is marked. In this dataset only some classes were looked "
            "for in each image, so others may be there all the same."
        )
    elif count := _unchecked(opened, chosen, state.excluded(), others):
        st.caption(
            f"{ICON} In **{count:,}** of these {subset.image_count:,} images some other class was not looked for, so "
            "it may be there all the same."
        )


@st.cache_resource(max_entries=16, hash_funcs=BY_STAMP, show_spinner=False)
def _unchecked(opened: Opened, selection: Selection, excluded: frozenset[ImageKey], names: tuple[str, ...]) -> int:
    return unchecked_image_count(subset_of(opened, selection, excluded), names)
