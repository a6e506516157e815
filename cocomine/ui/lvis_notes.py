"""Notes for datasets that are not exhaustively labelled (LVIS): only some classes were annotated in each image."""

import streamlit as st

from cocomine.mining.selection.selection import Mode, unexamined_image_count
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import View, of_subset
from cocomine.wording import counted

ICON = ":material/visibility_off:"


def pairs_note(view: View) -> None:
    """Say in which images pairs are compared."""
    if view.dataset.is_federated:
        st.info(
            "This dataset is not exhaustively labelled (LVIS): each pair is compared in the images where both classes "
            "were annotated. Grey = not enough images where both classes were annotated.",
            icon=ICON,
        )


def excluding_note(view: View) -> None:
    """Say what excluding a class guarantees, and for how many of the subset's images it does not."""
    chosen = view.selection
    if not view.dataset.is_federated:
        return
    subset = view.subset
    if not chosen.excluded_classes or not subset.image_count:
        st.caption(
            f"{ICON} Excluding a class removes the images where it is labelled. This dataset is not exhaustively "
            "labelled (LVIS), so unlabelled objects of it may remain."
        )
    elif count := _unchecked(view, chosen.excluded_classes):
        st.caption(
            f"{ICON} In **{count:,}** of {counted(subset.image_count, 'image')} an excluded class was not annotated, "
            "so it may be present."
        )
    else:
        st.caption(f"{ICON} In all of these images the excluded classes were checked by annotators and are absent.")


def only_note(view: View) -> None:
    """Say what "only selected classes" guarantees, and for how many of the subset's images it does not."""
    chosen = view.selection
    if not view.dataset.is_federated:
        return
    subset = view.subset
    others = tuple(name for name in view.dataset.category_names if name not in chosen.classes)
    if chosen.mode is not Mode.ONLY or not subset.image_count:
        st.caption(
            f"{ICON} “Only selected classes” means that no other class is labelled. This dataset is not exhaustively "
            "labelled (LVIS), so unlabelled objects may be present."
        )
    elif count := _unchecked(view, others):
        st.caption(
            f"{ICON} In **{count:,}** of {counted(subset.image_count, 'image')} some other class was not annotated, so "
            "it may be present."
        )


@cached(of_subset, most=16)
def _unchecked(view: View, names: tuple[str, ...]) -> int:
    return unexamined_image_count(view.subset, names)
