"""What did the last click on what can be deleted do? The next run of the page tells it, once, with a way back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.wording import plain

RESTORE_ICON = ":material/restore_from_trash:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was done, or why it could not be.

    Attributes:
        deleted: the folder that was deleted and may come back; None where nothing was.
    """

    sentence: str
    is_done: bool = True
    deleted: Path | None = None


def say(key: str, said: Said) -> None:
    """Let the next run of the page tell it."""
    st.session_state[key] = said


@contextmanager
def said_where_it_fails(key: str) -> Iterator[None]:
    """Let the next run of the page tell why the work in the block could not be done."""
    try:
        yield
    except CocomineError as error:
        say(key, Said(sentence=str(error), is_done=False))


def close_if_said(key: str) -> None:
    """Close a dialog whose button was clicked: the page says what came of it."""
    if key in st.session_state:
        st.rerun()


def said_once(key: str, restore: Callable[[Path], None] | None = None) -> None:
    """Tell, once, what the last click did, and offer to undo a deletion."""
    said: Said | None = st.session_state.pop(key, None)
    if said is None:
        return
    if not said.is_done:
        st.error(plain(said.sentence), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(plain(said.sentence), icon=":material/check:")
        if said.deleted is not None and restore is not None:
            st.button("Restore", icon=RESTORE_ICON, key=f"{key}-restore", on_click=restore, args=(said.deleted,))
