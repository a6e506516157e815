"""What a class's own page does to the selection: each decision is one step that can be undone."""

import re
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from cocomine.mining.selection import Selection
from cocomine.mining.statistics import CategoryStatistics
from cocomine.ui import state

TOLD = "told_decision"
MARKDOWN = re.compile(r"([\\`*_\[\](){}:$~<>#|!])")


def without(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection in which these classes are neither wanted nor forbidden."""
    return replace(
        chosen,
        classes=tuple(name for name in chosen.classes if name not in names),
        forbidden=tuple(name for name in chosen.forbidden if name not in names),
    )


def wanting(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection that wants these classes too; those it wanted keep their places."""
    new = [name for name in names if name not in chosen.classes]
    free = without(chosen, new)
    return replace(free, classes=(*free.classes, *new))


def forbidding(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection that forbids these classes too, wanted or not before."""
    new = [name for name in names if name not in chosen.forbidden]
    free = without(chosen, new)
    return replace(free, forbidden=(*free.forbidden, *new))


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


def plain(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return MARKDOWN.sub(r"\\\1", text)


def shortened(text: str, longest: int) -> str:
    """Return text in one line, of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def key_of(category: CategoryStatistics, what: str) -> str:
    """Return the key of a widget on the page of a class."""
    return f"class-{category.id}-{what}"
