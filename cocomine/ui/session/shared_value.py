"""Widgets for values that other parts of the app change too.

A browser sends the values of all its widgets with every click. One that has not drawn a new value yet sends the former
one, which Streamlit takes for an edit: the click after a change made elsewhere would take that change back. So a value
that comes from elsewhere gets a widget of its own, and what is still sent for the one before changes nothing.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st


def shared_value(name: str, value: object, change: Callable[[Any], None]) -> dict[str, Any]:
    """Return the arguments `key`, `on_change` and `args` of a widget that shows a value and changes it.

    The key stays the same while the value is what the person set in that widget, which so keeps its focus.

    Args:
        name: of the widget, the same in every run.
        value: as the widget gives it.
        change: called with the new value when the person sets another.
    """
    number = st.session_state.get(_current(name), 0)
    if st.session_state.get(f"{name}-{number}", _NOT_DRAWN) != value:
        number = st.session_state[_current(name)] = number + 1
    st.session_state[f"{name}-{number}"] = value  # in each run: what an interrupted one said may not have arrived
    return {"key": f"{name}-{number}", "on_change": _edited, "args": (name, number, change)}


def _edited(name: str, number: int, change: Callable[[Any], None]) -> None:
    if number == st.session_state[_current(name)]:
        change(st.session_state[f"{name}-{number}"])


def _current(name: str) -> str:
    return f"{name}-current"


_NOT_DRAWN = object()
