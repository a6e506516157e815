"""The widgets of the Choose page; each is set from the selection and changes it through a callback."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.selection import Mode, Others
from cocomine.ui.session import state
from cocomine.wording import counted

MODES = {
    Mode.ANY: ("Any selected class", "at least one of them"),
    Mode.ALL: ("All selected classes", "every one of them in the same image"),
    Mode.ONLY: ("Only selected classes", "at least one of them and no other labelled class"),
}
OTHERS = {
    Others.BACKGROUND: (
        "Background",
        "Their pixels are labelled background (as in the paper).",
    ),
    Others.KEEP: ("Keep as own classes", "Each stays a class of its own, which the network learns as well."),
    Others.MERGE: (
        "Merge into “other”",
        "Their pixels become one class: the network learns that an object is there, not which.",
    ),
    Others.IGNORE: (
        "Ignore (255)",
        "Their pixels count neither in training nor in evaluation (255 in the training masks).",
    ),
}
INCLUDED, EXCLUDED, MODE, POLICY = "included_classes", "excluded_classes", "selected_mode", "selected_others"


def clear() -> None:
    """Empty the selection; it can be undone."""
    state.choose(replace(state.selection(), classes=(), excluded_classes=()))


def included_classes(dataset: Dataset, image_counts: Mapping[str, int]) -> None:
    """Show the included classes in the order of their labels, and offer all others in a search box."""
    st.session_state[INCLUDED] = list(state.selection().classes)
    st.multiselect(
        "Included classes (label order)",
        [name for name in dataset.category_names if name not in state.selection().excluded_classes],
        format_func=lambda name: f"{name} · {counted(image_counts[name], 'image')}",
        key=INCLUDED,
        on_change=_include,
        placeholder="Type to search",
        help="The number of images of the whole dataset that contain the class",
    )


def excluded_classes(price: Mapping[str, int]) -> None:
    """Offer the classes to exclude, those that remove most images first.

    A number behind each name would change with the selection. Streamlit 1.67 sends a chosen option as the text that was
    on the screen, so that a click made while new numbers come in would name something that is not there.
    """
    chosen = state.selection()
    st.session_state[EXCLUDED] = list(chosen.excluded_classes)
    st.multiselect(
        "Excluded classes",
        [*chosen.excluded_classes, *sorted(price, key=lambda name: -price[name])],
        key=EXCLUDED,
        on_change=_exclude,
        placeholder="Add a class to exclude",
        help="Images with an excluded class are left out. The classes that remove most images come first; how many is "
        "listed under “Other classes in these images”",
        disabled=not chosen.classes,
    )


def mode_choice(counts: Mapping[Mode, int]) -> None:
    """Offer the three modes, each with the number of images it gives."""
    st.session_state[MODE] = state.selection().mode
    st.radio(
        "Keep images containing",
        list(MODES),
        format_func=lambda mode: MODES[mode][0],
        captions=[
            f"**{counts[mode]:,}** {'image' if counts[mode] == 1 else 'images'} · {caption}"
            for mode, (_, caption) in MODES.items()
        ],
        key=MODE,
        on_change=_set_mode,
    )


def others_choice() -> None:
    """Offer what becomes of the unselected classes."""
    st.session_state[POLICY] = state.selection().others
    st.selectbox(
        "Unselected classes",
        list(OTHERS),
        format_func=lambda policy: OTHERS[policy][0],
        key=POLICY,
        on_change=_set_others,
    )
    st.caption(OTHERS[state.selection().others][1])


def others_sentence(count: int) -> str:
    """Return what happens to so many objects of unselected classes."""
    become = {
        Others.BACKGROUND: ("becomes background", "become background"),
        Others.KEEP: ("is kept as its own class", "are kept as their own classes"),
        Others.MERGE: ("is merged into “other”", "are merged into “other”"),
        Others.IGNORE: ("is ignored", "are ignored"),
    }[state.selection().others]
    return f"{counted(count, 'object')} of unselected classes {become[count != 1]}."


def _include() -> None:
    chosen, shown = state.selection(), list(st.session_state[INCLUDED])
    excluded = tuple(name for name in chosen.excluded_classes if name not in shown)
    state.choose(replace(chosen, classes=tuple(shown), excluded_classes=excluded))


def _exclude() -> None:
    state.choose(replace(state.selection(), excluded_classes=tuple(st.session_state[EXCLUDED])))


def _set_mode() -> None:
    state.choose(replace(state.selection(), mode=st.session_state[MODE]))


def _set_others() -> None:
    state.choose(replace(state.selection(), others=st.session_state[POLICY]))
