"""A pair of categories in a dialog: its sentence, and the images that hold both."""

import streamlit as st

from cocomine.charts.look import Figure
from cocomine.charts.pairs import pair_map
from cocomine.mining.interference import pair_sentence
from cocomine.mining.selection import Mode, Selection
from cocomine.ui.cached import BY_STAMP, Opened, pairs_of, subset_of
from cocomine.ui.gallery import gallery, images_of

SHOWN = "shown_pair"


@st.cache_resource(max_entries=16, hash_funcs=BY_STAMP, show_spinner=False)
def map_of(opened: Opened, measure: str, order: tuple[int, ...], theme: str) -> Figure:
    """Return the heat map of the dataset's pairs, see `pair_map`; it is shared, so nobody may change it."""
    return pair_map(pairs_of(opened), measure=measure, order=order, theme=theme)


@st.dialog("Images with both", width="large")
def pair_dialog(opened: Opened, first_index: int, second_index: int) -> None:
    """Show a pair of categories, given by their positions."""
    names = opened.dataset.category_names
    both = tuple(dict.fromkeys((names[first_index], names[second_index])))
    st.markdown(f"**{pair_sentence(pairs_of(opened), first_index, second_index)}**")
    gallery(
        opened,
        images_of(subset_of(opened, Selection(classes=both, mode=Mode.ALL), frozenset())),
        key="pair",
        classes=both,
    )


def show_when_new(opened: Opened, pair: tuple[int, int] | None) -> None:
    """Open the dialog for a pair that was just clicked; Streamlit reports a click on every run until the next one."""
    is_new = pair is not None and pair != st.session_state.get(SHOWN)
    st.session_state[SHOWN] = pair
    if pair is not None and is_new:
        pair_dialog(opened, *pair)
