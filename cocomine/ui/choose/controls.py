"""The widgets of the Choose page; each is set from the selection and changes it through a callback."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.selection import Mode, Others
from cocomine.ui.session import state
from cocomine.wording import counted

MODES = {
    Mode.ANY: ("Any of them", "at least one of your classes"),
    Mode.ALL: ("All of them", "every one of your classes in the same image"),
    Mode.ONLY: ("Only them", "your classes and no other labelled class"),
}
OTHERS = {
    Others.BACKGROUND: (
        "Background",
        "Their labels are left out, as in the paper: the network learns to see them as nothing.",
    ),
    Others.KEEP: ("Kept", "Each stays a class of its own, and the network learns them too."),
    Others.MERGE: ("One class “other”", "The network learns that something is there, but not what."),
    Others.IGNORE: ("Ignored", "Their pixels count neither in training nor in the result (255 in the label maps)."),
}
WANTED, FORBIDDEN, MODE, POLICY = "wanted_classes", "forbidden_classes", "chosen_mode", "chosen_others"


def clear() -> None:
    """Empty the selection; it can be undone."""
    state.choose(replace(state.selection(), classes=(), forbidden=()))


def class_search(dataset: Dataset, image_counts: Mapping[str, int]) -> None:
    """Show the wanted classes in the order of their labels, and offer all others in a search box."""
    st.session_state[WANTED] = list(state.selection().classes)
    st.multiselect(
        "Classes you want, in the order of their labels",
        [name for name in dataset.category_names if name not in state.selection().forbidden],
        format_func=lambda name: f"{name} · {counted(image_counts[name], 'image')}",
        key=WANTED,
        on_change=_want,
        placeholder="Type to search",
        help="The number is how many images of the dataset have the class, whatever else is chosen",
    )


def forbidden_search(price: Mapping[str, int]) -> None:
    """Offer the classes that no image may contain, the costliest first.

    A number behind each name would change with the selection. Streamlit 1.67 sends a chosen option as the text that was
    on the screen, so that a click made while new numbers come in would name something that is not there.
    """
    chosen = state.selection()
    st.session_state[FORBIDDEN] = list(chosen.forbidden)
    st.multiselect(
        "Classes no image may have",
        [*chosen.forbidden, *sorted(price, key=lambda name: -price[name])],
        key=FORBIDDEN,
        on_change=_forbid,
        placeholder="Forbid a class",
        help="Those that cost most images come first; how many stands under “Who else is in these images”",
        disabled=not chosen.classes,
    )


def mode_choice(counts: Mapping[Mode, int]) -> None:
    """Offer the three modes, each with the images it would give."""
    st.session_state[MODE] = state.selection().mode
    st.radio(
        "Take images that have …",
        list(MODES),
        format_func=lambda mode: MODES[mode][0],
        captions=[f"**{counts[mode]:,}** images · {caption}" for mode, (_, caption) in MODES.items()],
        key=MODE,
        on_change=_set_mode,
    )


def others_choice() -> None:
    """Offer what becomes of the other classes."""
    st.session_state[POLICY] = state.selection().others
    st.selectbox(
        "The other classes in these images become …",
        list(OTHERS),
        format_func=lambda policy: OTHERS[policy][0],
        key=POLICY,
        on_change=_set_others,
    )
    st.caption(OTHERS[state.selection().others][1])


def others_sentence(count: int) -> str:
    """Return what happens to so many objects that were not picked."""
    become = {
        Others.BACKGROUND: ("becomes background", "become background"),
        Others.KEEP: ("stays a class of its own", "stay classes of their own"),
        Others.MERGE: ("becomes “other”", "become “other”"),
        Others.IGNORE: ("is ignored", "are ignored"),
    }[state.selection().others]
    return f"{counted(count, 'labelled object')} of other classes in these images {become[count != 1]}."


def _want() -> None:
    chosen, shown = state.selection(), list(st.session_state[WANTED])
    forbidden = tuple(name for name in chosen.forbidden if name not in shown)
    state.choose(replace(chosen, classes=tuple(shown), forbidden=forbidden))


def _forbid() -> None:
    state.choose(replace(state.selection(), forbidden=tuple(st.session_state[FORBIDDEN])))


def _set_mode() -> None:
    state.choose(replace(state.selection(), mode=st.session_state[MODE]))


def _set_others() -> None:
    state.choose(replace(state.selection(), others=st.session_state[POLICY]))
