"""Where does an export go: is the folder ours to write to, and is there room?

Said before anything is written. A folder with other files or another export is never touched; one click takes a new
name beside it.
"""

from functools import partial
from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.layout import MANIFEST, RECIPE
from cocomine.exporting.planning.plan import found_bytes, plan_export
from cocomine.exporting.staging import free_name, refuse_foreign
from cocomine.exporting.writing import needed_space
from cocomine.mining.selection.recipe import Recipe, recipe_text
from cocomine.system.file_names import name_flaw
from cocomine.system.space import free_bytes
from cocomine.system.typed_path import typed_path
from cocomine.ui.folders import walk
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.export_settings import FOLDER, LIBRARY, NAME, OTHER_FOLDER, PLACE
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import DATASETS, View
from cocomine.wording import plain, size_words

PLACE_NAMES = {LIBRARY: "CocoMine library", OTHER_FOLDER: "Another folder"}
WALK = "export-walk"


def destination(default: Path) -> Path | None:
    """Ask where the export goes, and return the folder; None where it is not known yet, which is said.

    Args:
        default: in the library, named after the recipe.
    """
    st.header("Destination")
    place = st.radio(
        "Destination",
        list(PLACE_NAMES),
        format_func=PLACE_NAMES.__getitem__,
        horizontal=True,
        label_visibility="collapsed",
        key=PLACE,
        persist_state="session",
    )
    return _in_library(default) if place == LIBRARY else _elsewhere(default)


def _in_library(default: Path) -> Path | None:
    name = st.session_state.get(NAME, "").strip()
    st.text_input("Name", placeholder=default.name, **shared_value("export-as", name, partial(_take, NAME)))
    if name and (flaw := "has a / in it" if "/" in name else name_flaw(name)):
        st.error(f"The name {plain(repr(name))} {plain(flaw)}. Choose another.", icon=":material/folder_off:")
        return None
    return default.with_name(name or default.name)


def _elsewhere(default: Path) -> Path | None:
    folder = st.session_state.get(FOLDER, "")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Folder",
            placeholder="A new or empty folder",
            **shared_value("export-to", folder, partial(_take, FOLDER)),
        )
        if st.button("Browse …", icon=":material/search:", key="export-browse"):
            _browse(default)
    if not folder.strip():
        st.caption("Type a folder, or browse for one.")
        return None
    return typed_path(folder)


@st.dialog("Choose a folder", width="large")
def _browse(default: Path) -> None:
    """Let the person walk to the folder in which the export's own will be."""
    folder, _ = walk(WALK, starts=[default.parent])
    place = folder / default.name
    label, icon = "Export into this folder", ":material/check:"
    if st.button(label, type="primary", icon=icon, on_click=_take, args=(FOLDER, str(place))):
        st.rerun()
    st.caption(f"The export will be in {plain(str(place))}")


def destination_checks(view: View, recipe: Recipe, folder: Path) -> bool:
    """Show what keeps an export out of a folder, and how much room it needs there; return whether it can be written.

    Raises:
        CocomineError: nothing can be said of the folder, for reasons that its message names.
    """
    if refusal := _refusal(_files_in(folder), recipe):
        st.error(plain(refusal), icon=":material/folder_off:")
        new = free_name(folder)
        label, key = f"Use a new name: {new.name}", "new-name"
        st.button(label, icon=":material/drive_file_rename_outline:", on_click=_take_new, args=(new,), key=key)
        return False
    need, free = _need(view, recipe, folder), free_bytes(folder)
    words = f"Needs about {size_words(need)}; {size_words(free)} are free."
    if need > free:
        st.error(f"{words} Free some space, or choose a folder on another disk.", icon=":material/hard_drive:")
        return False
    st.caption(words)
    return True


def _take(key: str, text: str) -> None:
    st.session_state[key] = text


def _take_new(folder: Path) -> None:
    """Set the page to a folder, by its name where it is in the library."""
    in_library = st.session_state.get(PLACE, LIBRARY) == LIBRARY
    _take(NAME, folder.name) if in_library else _take(FOLDER, str(folder))


def _files_in(folder: Path) -> Files:
    return files_of(folder, [folder, folder / MANIFEST, folder / RECIPE])


@cached(same_files)
def _refusal(files: Files, recipe: Recipe) -> str:
    """Return why a folder is not ours to write an export into, "" where it is; manifests are large, so it is kept."""
    try:
        refuse_foreign(files.root, recipe_text(recipe))
    except CocomineError as error:
        return str(error)
    return ""


def _as_it_is(view: View) -> View:
    return view


@cached(_as_it_is, most=DATASETS)
def _need(view: View, recipe: Recipe, folder: Path) -> int:
    plan = plan_export(view.dataset, recipe)
    return needed_space(plan, folder, found_bytes(plan))
