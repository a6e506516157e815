"""What a class's own page does to the selection: each decision is one step that can be undone."""

import streamlit as st

from cocomine.mining.selection.selection import Selection
from cocomine.mining.statistics.categories import CategoryStatistics
from cocomine.ui.session import state
from cocomine.wording import plain

MESSAGE = "pending_toast"


def apply_and_close(selection: Selection, message: str) -> None:
    """Make this the selection in one step that can be undone, close the dialog, and run the page again.

    Args:
        selection: the new one.
        message: says what was done, on the page that then appears: a toast of this run would be lost, since `st.rerun`
            throws away what the browser has not fetched yet.
    """
    state.choose(selection)
    st.session_state[MESSAGE] = message
    st.rerun()


def show_pending_toast() -> None:
    """Say what the last decision did, once."""
    message = st.session_state.pop(MESSAGE, None)
    if message is not None:
        st.toast(plain(message), icon=":material/check:")


def key_of(category: CategoryStatistics, what: str) -> str:
    """Return the key of a widget on the page of a class."""
    return f"class-{category.id}-{what}"
