"""A widget's value that is kept in the session may be none of what is offered now; Streamlit would not take it."""

from collections.abc import Collection

import streamlit as st


def keep_if_offered(key: str, options: Collection[object]) -> None:
    """Forget the value of a widget where it is none of its options any more."""
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]
