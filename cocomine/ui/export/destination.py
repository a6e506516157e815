"""Where does an export go: is the folder ours to write to, and is there room?

Said before anything is written. A folder with other files or another export is never touched; one click takes a new
name beside it.
"""

from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.layout import MANIFEST, RECIPE
from cocomine.exporting.planning.plan import found_bytes, plan_export
from cocomine.exporting.staging import free_name, refuse_foreign
from cocomine.exporting.writing import needed_space
from cocomine.mining.selection.recipe import Recipe, recipe_text
from cocomine.system.space import free_bytes
from cocomine.system.typed_path import typed_path
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import DATASETS, View
from cocomine.wording import plain, size_words

FOLDER = "export_folder"


def folder_field(default: Path) -> Path:
    """Show the field for the folder, and return what is in it; the default where it is empty."""
    named = st.session_state.get(FOLDER, "")
    st.text_input(
        "Folder",
        placeholder=str(default),
        help="Leave it empty for a folder in CocoMine's own workspace",
        **shared_value("export-to", named, _take),
    )
    return typed_path(named) if named.strip() else default


def destination_checks(view: View, recipe: Recipe, folder: Path) -> bool:
    """Show what keeps an export out of a folder, and how much room it needs there; return whether it can be written.

    Raises:
        CocomineError: nothing can be said of the folder, for reasons that its message names.
    """
    if refusal := _refusal(_files_in(folder), recipe):
        st.error(plain(refusal), icon=":material/folder_off:")
        new = free_name(folder)
        label = f"Use a new name: {new.name}"
        st.button(label, icon=":material/drive_file_rename_outline:", on_click=_take, args=(str(new),), key="new-name")
        return False
    need, free = _need(view, recipe, folder), free_bytes(folder)
    words = f"Needs about {size_words(need)}; {size_words(free)} are free."
    if need > free:
        st.error(f"{words} Free some space, or choose a folder on another disk.", icon=":material/hard_drive:")
        return False
    st.caption(words)
    return True


def _take(folder: str) -> None:
    st.session_state[FOLDER] = folder


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
