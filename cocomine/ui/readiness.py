"""What speaks against training on the subset, said beside its numbers before it hurts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from cocomine.mining.choices import without
from cocomine.mining.readiness import Caution, Concern, cautions, split_contents
from cocomine.mining.selection import ImageKey, Others, Selection
from cocomine.ui import state
from cocomine.ui.cached import BY_STAMP, Opened
from cocomine.ui.counting import pool_of
from cocomine.ui.plain_text import plain

MOST_IN_LABEL = 2
"""So many classes are named on a button."""


def readiness_notes(opened: Opened) -> None:
    """Show, beside the counts of the present selection, what speaks against training on it, if anything does."""
    contents = _contents_of(opened, replace(state.selection(), others=Others.BACKGROUND), state.excluded())
    if not sum(entry["image_count"] for entry in contents):
        return  # there is other help
    is_divided, least = len(contents) == 1, state.constraints().images_per_class
    found = cautions(contents, least_images=least, is_divided=is_divided)
    if found:
        with st.container(border=True, key="readiness", gap="xsmall"):
            for caution in found:
                st.markdown(f":orange[:material/warning:] {plain(caution.sentence)}")


def checks(found: Sequence[Caution]) -> None:
    """Show what speaks against training, each in a row with what would mend it."""
    for number, caution in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center", key=f"check-{number}"):
            st.markdown(f":orange[:material/warning:] {plain(caution.sentence)}")
            _remedy(caution, number)


def _remedy(caution: Caution, number: int) -> None:
    """Offer the one click that mends it, where there is one."""
    chosen = state.selection()
    if caution.concern is Concern.TOO_FEW and caution.least_images is not None:
        wish = replace(state.constraints(), images_per_class=caution.least_images)
        st.button(f"Lower to {caution.least_images:,}", key=f"lower-{number}", on_click=state.ask_for, args=(wish,))
    if caution.classes and len(caution.classes) < len(chosen.classes):
        few = len(caution.classes) <= MOST_IN_LABEL
        named = " and ".join(caution.classes) if few else f"{len(caution.classes):,} classes"
        left = without(chosen, caution.classes)
        st.button(f"Leave out {plain(named)}", key=f"leave-out-{number}", on_click=state.choose, args=(left,))


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def _contents_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> list[dict[str, Any]]:
    return split_contents(pool_of(opened, excluded), selection)
