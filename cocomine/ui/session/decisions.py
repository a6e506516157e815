"""What a class's own page does to the selection: each decision is one step that can be undone."""

import streamlit as st

from cocomine.mining.selection.selection import Selection
from cocomine.mining.statistics.categories import CategoryStatistics
from cocomine.ui.session import state
from cocomine.wording import plain

TOLD = "told_decision"


def decide(chosen: Selection, told: str) -> None:
    """Make this the selection in one step that can be undone, close the dialog, and have `tell` say what was done.

    A toast of this run would be lost: `st.rerun` throws away what the browser has not fetched yet.
    """
    state.choose(chosen)
    st.session_state[TOLD] = told
    st.rerun()


def tell() -> None:
    """Say what the last decision did, once; a toast of a run that ends in the next one is lost."""
    told = st.session_state.pop(TOLD, None)
    if told is not None:
        st.toast(plain(told), icon=":material/check:")


def key_of(category: CategoryStatistics, what: str) -> str:
    """Return the key of a widget on the page of a class."""
    return f"class-{category.id}-{what}"
