"""The widgets of the Choose page: classes, mode, other classes, licences, and the selection as a file.

Each shows the selection, and changes it through a callback.
"""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.errors import SelectionError
from cocomine.mining.selection.licences import licence_counts, licences_allowing
from cocomine.mining.selection.selection import Mode, Others
from cocomine.mining.selection.serialisation import selection_from_text, selection_text, without_unknown_names
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import DATASETS, View, of_dataset
from cocomine.wording import MODE_CAPTIONS, MODE_NAMES, POLICY_CAPTIONS, POLICY_NAMES, POLICY_OUTCOMES, counted, plain

INCLUDED, EXCLUDED, MODE, POLICY = "included_classes", "excluded_classes", "selected_mode", "selected_others"
LICENCES = "selected_licences"
UPLOADED, WARNINGS = "uploaded_selection", "warnings_of_uploaded_selection"
LARGEST_FILE_MB = 1


def clear() -> None:
    """Empty the selection; it can be undone."""
    state.choose(replace(state.selection(), classes=(), excluded_classes=()))


def included_classes(dataset: Dataset, image_counts: Mapping[str, int]) -> None:
    """Show the included classes in the order of their labels, and offer all others in a search box."""
    st.multiselect(
        "Included classes (label order)",
        [name for name in dataset.category_names if name not in state.selection().excluded_classes],
        format_func=lambda name: f"{name} · {counted(image_counts[name], 'image')}",
        **shared_value(INCLUDED, list(state.selection().classes), _include),
        placeholder="Type to search",
        help="The number of images of the whole dataset that contain the class",
    )


def excluded_classes(price: Mapping[str, int]) -> None:
    """Offer the classes to exclude, those that remove most images first.

    A number behind each name would change with the selection. Streamlit 1.67 sends a chosen option as the text that was
    on the screen, so that a click made while new numbers come in would name something that is not there.
    """
    chosen = state.selection()
    st.multiselect(
        "Excluded classes",
        [*chosen.excluded_classes, *sorted(price, key=lambda name: -price[name])],
        **shared_value(EXCLUDED, list(chosen.excluded_classes), _exclude),
        placeholder="Add a class to exclude",
        help="Images with an excluded class are left out. The classes that remove most images come first; how many is "
        "listed under “Other classes in these images”",
        disabled=not chosen.classes,
    )


def mode_choice(counts: Mapping[Mode, int]) -> None:
    """Offer the three modes, each with the number of images it gives."""
    st.radio(
        "Keep images containing",
        list(Mode),
        format_func=MODE_NAMES.__getitem__,
        captions=[
            f"**{counts[mode]:,}** {'image' if counts[mode] == 1 else 'images'} · {MODE_CAPTIONS[mode]}"
            for mode in Mode
        ],
        **shared_value(MODE, state.selection().mode, _set_mode),
    )


def others_choice() -> None:
    """Offer what becomes of the unselected classes."""
    st.selectbox(
        "Unselected classes",
        list(Others),
        format_func=POLICY_NAMES.__getitem__,
        **shared_value(POLICY, state.selection().others, _set_others),
    )
    st.caption(POLICY_CAPTIONS[state.selection().others])


def others_sentence(count: int) -> str:
    """Return what happens to so many objects of unselected classes."""
    one, several = POLICY_OUTCOMES[state.selection().others]
    return f"{counted(count, 'object')} of unselected classes {one if count == 1 else several}."


def _include(names: list[str]) -> None:
    chosen = state.selection()
    excluded = tuple(name for name in chosen.excluded_classes if name not in names)
    state.choose(replace(chosen, classes=tuple(names), excluded_classes=excluded))


def _exclude(names: list[str]) -> None:
    state.choose(replace(state.selection(), excluded_classes=tuple(names)))


def _set_mode(mode: Mode) -> None:
    state.choose(replace(state.selection(), mode=mode))


def _set_others(others: Others) -> None:
    state.choose(replace(state.selection(), others=others))


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
        st.multiselect(
            "Licences",
            list(counts),
            format_func=lambda name: f"{name} · {counted(counts[name], 'image')}",
            **shared_value(LICENCES, [name for name in chosen or () if name in counts], _set_listed),
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


def _set_listed(names: list[str]) -> None:
    _set(tuple(names) or None)


def selection_file(dataset: Dataset) -> None:
    """Offer to save the selection and to load one; what a file names and the dataset lacks is reported."""
    with st.popover("File", icon=":material/description:", help="Save this selection, or load one"):
        st.download_button(
            "Save selection",
            lambda: selection_text(state.selection()),
            file_name="selection.yaml",
            mime="application/yaml",
            icon=":material/download:",
            on_click="ignore",
            disabled=not state.selection().classes,
        )
        st.file_uploader(
            "Load selection",
            type=["yaml", "yml"],
            key=UPLOADED,
            on_change=_load,
            args=(dataset,),
            max_upload_size=LARGEST_FILE_MB,
            help="A file saved here, or the recipe.yaml of an export",
        )
        for sentence in st.session_state.get(WARNINGS, ()):
            st.warning(plain(sentence), icon=":material/warning:")


def _load(dataset: Dataset) -> None:
    file = st.session_state[UPLOADED]
    st.session_state[WARNINGS] = []
    if file is None:
        return
    try:
        asked = selection_from_text(file.getvalue().decode("utf-8"))
    except UnicodeDecodeError:
        st.session_state[WARNINGS] = [
            f"{file.name} is not a text file. Load a selection.yaml or recipe.yaml that CocoMine saved."
        ]
        return
    except SelectionError as error:
        st.session_state[WARNINGS] = [f"{file.name}: {error}"]
        return
    chosen, st.session_state[WARNINGS] = without_unknown_names(asked, dataset)
    state.choose(chosen)
