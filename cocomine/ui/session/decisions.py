"""What a class's own page does to the selection: each decision is one step that can be undone."""

import streamlit as st

from cocomine.mining.selection.selection import Selection
from cocomine.mining.statistics.categories import CategoryStatistics
from cocomine.ui.session import state
from cocomine.wording import plain

MESSAGE = "pending_toast"


def decide(selection: Selection, message: str) -> None:
    """Make this the selection in one step that can be undone; the next run says what was done."""
    state.choose(selection)
    st.session_state[MESSAGE] = message


def apply_and_close(selection: Selection, message: str) -> None:
    """Decide in a dialog, which closes, and run the page again.

    The message is said by that run: a toast of this one would be lost, since `st.rerun` throws away what the browser
    has not fetched yet.
    """
    decide(selection, message)
    st.rerun()


def show_pending_toast() -> None:
    """Say what the last decision did, once."""
    message = st.session_state.pop(MESSAGE, None)
    if message is not None:
        st.toast(plain(message), icon=":material/check:")


def key_of(category: CategoryStatistics, what: str) -> str:
    """Return the key of a widget on the page of a class."""
    return f"class-{category.id}-{what}"
