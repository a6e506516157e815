"""The widgets of the Choose page; each is set from the selection and changes it through a callback."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection import Mode, Others, Selection, Subset
from cocomine.ui import state

LARGEST_PICKER = 300
"""Categories above which only the search is offered."""
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
    state.choose(Selection(mode=state.selection().mode, others=state.selection().others))


def supercategories(dataset: Dataset, ordered: Callable[[Sequence[str]], list[int]]) -> list[str]:
    """Return the supercategories in order, each once."""
    names = [category.supercategory for category in dataset.categories]
    return list(dict.fromkeys(names[index] for index in ordered(names)))


def class_search(dataset: Dataset, image_counts: Mapping[str, int]) -> None:
    """Offer all classes in one search box."""
    st.session_state[WANTED] = list(state.selection().classes)
    st.multiselect(
        "Classes you want",
        [name for name in dataset.category_names if name not in state.selection().forbidden],
        format_func=lambda name: f"{name} · {image_counts[name]:,}",
        key=WANTED,
        on_change=_want_from,
        args=(WANTED, None),
        placeholder="Type to search",
        help="The number is how many images have the class",
    )


def supercategory_pills(dataset: Dataset, supercategory: str, image_counts: Mapping[str, int]) -> None:
    """Offer the classes of one supercategory to click."""
    names = [c.name for c in dataset.categories if c.supercategory == supercategory]
    key = f"pills-{supercategory}"
    st.session_state[key] = [name for name in names if name in state.selection().classes]
    st.pills(
        supercategory,
        names,
        selection_mode="multi",
        format_func=lambda name: f"{name} :small[:gray[{image_counts[name]:,}]]",
        key=key,
        on_change=_want_from,
        args=(key, tuple(names)),
        wrap=True,
    )


def forbidden_search(price: Mapping[str, int]) -> None:
    """Offer the classes that no image may contain, the costliest first."""
    chosen = state.selection()
    st.session_state[FORBIDDEN] = list(chosen.forbidden)
    st.multiselect(
        "Classes no image may have",
        [*chosen.forbidden, *sorted(price, key=lambda name: -price[name])],
        format_func=lambda name: f"{name} · −{price[name]:,} images" if name in price else name,
        key=FORBIDDEN,
        on_change=_forbid,
        placeholder="Forbid a class",
        help="The number is how many images you would lose",
        disabled=not chosen.classes,
    )


def mode_choice(counts: Mapping[Mode, int]) -> None:
    """Offer the three modes, each with the images it would give."""
    st.session_state[MODE] = state.selection().mode
    st.radio(
        "Take images that have …",
        list(MODES),
        format_func=lambda mode: f"{MODES[mode][0]} · **{counts[mode]:,}** images",
        captions=[caption for _, caption in MODES.values()],
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


def others_sentence(subset: Subset) -> str:
    """Return what happens to the objects that were not picked, in numbers."""
    count = subset.other_instance_count
    becomes = {
        Others.BACKGROUND: "become background",
        Others.KEEP: "stay classes of their own",
        Others.MERGE: "become “other”",
        Others.IGNORE: "are ignored",
    }
    return f"{count:,} labelled objects of other classes in these images {becomes[subset.selection.others]}."


def nothing_fits(selection: Selection, counts: Mapping[Mode, int]) -> str:
    """Return why the selection is empty and which mode has images."""
    best = max(counts, key=lambda mode: counts[mode])
    if counts[best]:
        return f"No image fits. “{MODES[best][0]}” would give {counts[best]:,} images."
    if selection.forbidden:
        return "No image fits any mode. Allow one of the forbidden classes."
    return "No image has these classes. Pick others."


def _want_from(key: str, group: tuple[str, ...] | None) -> None:
    """Take over what a widget shows: of one group, or of all classes."""
    chosen, shown = state.selection(), list(st.session_state[key])
    kept = [name for name in chosen.classes if name in shown or (group is not None and name not in group)]
    wanted = (*kept, *(name for name in shown if name not in kept))
    state.choose(
        replace(chosen, classes=wanted, forbidden=tuple(name for name in chosen.forbidden if name not in wanted))
    )


def _forbid() -> None:
    state.choose(replace(state.selection(), forbidden=tuple(st.session_state[FORBIDDEN])))


def _set_mode() -> None:
    state.choose(replace(state.selection(), mode=st.session_state[MODE]))


def _set_others() -> None:
    state.choose(replace(state.selection(), others=st.session_state[POLICY]))
