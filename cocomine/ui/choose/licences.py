"""Which licences may the images of the subset have?"""

from dataclasses import replace

import streamlit as st

from cocomine.mining.selection.licences import licence_counts, licences_allowing
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import DATASETS, View, of_dataset
from cocomine.wording import counted

LICENCES = "selected_licences"


@cached(of_dataset, most=DATASETS)
def _licences_of(view: View) -> tuple[dict[str, int], dict[str, tuple[str, ...]]]:
    """Return the images of each licence, and the licences that allow each use."""
    dataset = view.dataset
    uses = {
        "Commercial use": licences_allowing(dataset, commercial=True),
        "Commercial use and changes": licences_allowing(dataset, commercial=True, changes=True),
    }
    return licence_counts(dataset), uses


def licence_choice(view: View) -> None:
    """Offer the licences to keep; nothing where all images have the same."""
    counts, uses = _licences_of(view)
    chosen = state.selection().licences
    if len(counts) < 2 and chosen is None:
        return
    with st.popover(_label(chosen, uses), icon=":material/license:"):
        st.caption("Only images with a selected licence are kept; without a selection, all are.")
        with st.container(horizontal=True):
            st.button("Any licence", on_click=_set, args=(None,), disabled=chosen is None)
            for use, names in uses.items():
                st.button(use, on_click=_set, args=(names,), disabled=not names or chosen == names)
        st.session_state[LICENCES] = [name for name in chosen or () if name in counts]
        st.multiselect(
            "Licences",
            list(counts),
            format_func=lambda name: f"{name} · {counted(counts[name], 'image')}",
            key=LICENCES,
            on_change=_set_from_widget,
            placeholder="Any licence" if chosen is None else "No licence: no image is kept",
        )
        st.caption("What a licence allows is derived from its URL, such as “by-nc”. This is not legal advice.")


def _label(chosen: tuple[str, ...] | None, uses: dict[str, tuple[str, ...]]) -> str:
    if chosen is None:
        return "Any licence"
    named = next((use for use, names in uses.items() if names == chosen), None)
    return named or counted(len(chosen), "licence")


def _set(names: tuple[str, ...] | None) -> None:
    state.choose(replace(state.selection(), licences=names))


def _set_from_widget() -> None:
    _set(tuple(st.session_state[LICENCES]) or None)
