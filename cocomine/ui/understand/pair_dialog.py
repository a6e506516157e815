"""A pair of categories in a dialog: its sentences, the images that hold both, and what to do about the two."""

import streamlit as st

from cocomine.mining.interference.co_occurrence import Measure
from cocomine.mining.interference.pair_measure import PairMeasure, pair_measure
from cocomine.mining.interference.sentences import interval_sentence, measure_sentence, pair_sentence
from cocomine.mining.selection.editing import with_classes, with_excluded
from cocomine.mining.selection.selection import Selection
from cocomine.ui.gallery.gallery import gallery, images_with
from cocomine.ui.session import state
from cocomine.ui.session.decisions import apply_and_close
from cocomine.ui.session.view import View
from cocomine.wording import plain, shortened

LONGEST_NAME = 24
UNDO = "Undo on the page Choose."


@st.dialog("Images with both", width="large", icon=":material/join_inner:")
def pair_dialog(view: View, measured: PairMeasure, pair: tuple[int, int]) -> None:
    """Show a pair of two categories, given by their positions, and what the measure that is in view says of it."""
    table = measured.table
    both = (table.names[pair[0]], table.names[pair[1]])
    st.markdown(f"**{plain(pair_sentence(table, *pair))}**")
    st.text("\n".join(_sentences(measured, pair)))
    _actions(both)
    gallery(view, images_with(view, both), key="pair", classes=both)


def _sentences(measured: PairMeasure, pair: tuple[int, int]) -> list[str]:
    back = (pair[1], pair[0])
    shares = pair_measure(measured.table, Measure.CONDITIONAL)
    sentences = [
        interval_sentence(measured.table, *pair),
        measure_sentence(shares, *pair),
        measure_sentence(shares, *back),
    ]
    if measured.measure not in (Measure.LIFT, Measure.COUNTS, Measure.CONDITIONAL):
        sentences += [
            measure_sentence(measured, *pair),
            measure_sentence(measured, *back) if measured.is_directed else "",
        ]
    return [sentence for sentence in sentences if sentence]


def _actions(both: tuple[str, str]) -> None:
    """Offer to include both, or one without the other; each is one step that can be undone."""
    chosen, (first, second) = state.selection(), both
    with st.container(horizontal=True, vertical_alignment="center"):
        if set(both) <= set(chosen.classes):
            st.badge("Both included", icon=":material/check:", color="primary")
        elif st.button("Include both", icon=":material/add:", type="primary", key="pair-both"):
            apply_and_close(with_classes(chosen, both), f"{first} and {second} included. {UNDO}")
        for kept, dropped, key in ((first, second, "pair-first"), (second, first, "pair-second")):
            _exclude_button(chosen, kept, dropped, key=key)


def _exclude_button(chosen: Selection, kept: str, dropped: str, *, key: str) -> None:
    if kept in chosen.classes and dropped in chosen.excluded_classes:
        st.badge(f"{_short(kept)} included, {_short(dropped)} excluded", icon=":material/check:", color="primary")
        return
    is_included = kept in chosen.classes
    label = f"Exclude {_short(dropped)}" if is_included else f"Include {_short(kept)}, exclude {_short(dropped)}"
    hint = f"Selects the images with {plain(kept)} that do not contain {plain(dropped)}"
    if st.button(label, icon=":material/block:", key=key, help=hint):
        message = f"{kept} included, {dropped} excluded. {UNDO}"
        apply_and_close(with_excluded(with_classes(chosen, [kept]), [dropped]), message)


def _short(name: str) -> str:
    return plain(shortened(name, LONGEST_NAME))
