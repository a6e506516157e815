"""A selection as a small file: saved for later or a colleague, and loaded again."""

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.errors import SelectionError
from cocomine.mining.selection.serialisation import known_part, selection_from_text, selection_text
from cocomine.ui.session import state
from cocomine.wording import plain

UPLOADED, WARNINGS = "uploaded_selection", "warnings_of_uploaded_selection"
LARGEST_FILE_MB = 1


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
    chosen, st.session_state[WARNINGS] = known_part(asked, dataset)
    state.choose(chosen)
