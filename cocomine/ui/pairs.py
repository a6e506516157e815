"""A pair of categories in a dialog: its sentence, and the images that hold both."""

import streamlit as st

from cocomine.charts.look import Figure
from cocomine.charts.pairs import pair_map
from cocomine.mining.interference import PairTable
from cocomine.mining.pair_order import strongest_pairs
from cocomine.mining.pair_words import pair_sentence
from cocomine.mining.selection import Mode, Selection
from cocomine.ui.cached import BY_STAMP, Opened, pairs_of, subset_of
from cocomine.ui.gallery import gallery, images_of
from cocomine.ui.tables import pair_rows

SHOWN = "shown_pair"
LONGEST_TABLE = 200


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


def strongest_table(table: PairTable) -> None:
    """Show the pairs furthest from chance with their numbers."""
    pairs = strongest_pairs(table)[:LONGEST_TABLE]
    st.markdown("**The pairs furthest from chance**")
    if not any(table.cautious_lift[pair] != 1 for pair in pairs[:1]):
        st.caption("No pair is further from chance than luck alone may bring it.")
    st.dataframe(pair_rows(table, pairs), hide_index=True, height=420, alt="Strongest pairs")


def show_when_new(opened: Opened, pair: tuple[int, int] | None) -> None:
    """Open the dialog for a pair that was just clicked; Streamlit reports a click on every run until the next one."""
    is_new = pair is not None and pair != st.session_state.get(SHOWN)
    st.session_state[SHOWN] = pair
    if pair is not None and is_new:
        pair_dialog(opened, *pair)
