"""A walk through the folders of the computer that CocoMine runs on, for dialogs in which a folder is chosen."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

import streamlit as st

from cocomine.errors import DatasetError
from cocomine.system.folders import file_names, folder_names, is_folder
from cocomine.system.typed_path import typed_path
from cocomine.ui.session.shared_value import shared_value
from cocomine.wording import counted, plain, printable

MOST_SHOWN = 300
"""Entries of one kind that are shown; a folder with more is entered by its path."""


def walk(key: str, *, starts: Iterable[Path], ending: str = "") -> tuple[Path, Path | None]:
    """Show a folder: its path in a field, the way up, and what is in it.

    Args:
        key: of the walk; it goes on where it was left.
        starts: where it may begin, the best first; the first that is a folder is taken.
        ending: of the files that can be chosen; without, none is shown.

    Returns:
        The folder that is shown, and the file that was clicked.
    """
    folder = _folder(key, starts)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button("Up", icon=":material/arrow_upward:", disabled=folder.parent == folder, key=f"{key}-up"):
            _go(key, folder.parent)
        field = shared_value(f"{key}-path", printable(folder), partial(_go_to_typed, key))
        st.text_input("Folder", label_visibility="collapsed", **field)
    trouble = st.session_state.pop(f"{key}-trouble", None)
    if trouble:
        st.warning(plain(trouble), icon=":material/error:")
    try:
        folders, files = folder_names(folder), file_names(folder)
    except OSError as error:
        st.error(f"{plain(printable(folder))} cannot be read ({error.strerror}). Go up, or choose another folder.")
        return folder, None
    with st.container(height=300):
        choosable = [name for name in files if ending and name.endswith(ending)]
        if not folders and not choosable:
            st.caption(f"No folders in here, {counted(len(files), 'file')}{', none to choose' if ending else ''}.")
        return folder, _entries(key, folder, _nameable(folders), _nameable(choosable))


def _entries(key: str, folder: Path, folders: list[str], files: list[str]) -> Path | None:
    for name in folders[:MOST_SHOWN]:
        if st.button(plain(name), key=f"{key}-folder-{name}", icon=":material/folder:", type="tertiary"):
            _go(key, folder / name)
    chosen = None
    for name in files[:MOST_SHOWN]:
        if st.button(plain(name), key=f"{key}-file-{name}", icon=":material/data_object:", type="tertiary"):
            chosen = folder / name
    more = max(0, len(folders) - MOST_SHOWN) + max(0, len(files) - MOST_SHOWN)
    if more:
        st.caption(f"{more:,} more are not shown. Type the path of one above.")
    return chosen


def _nameable(names: list[str]) -> list[str]:
    """Return the names that can be shown and sent; one that is not UTF-8 can only be opened on the command line."""
    return [name for name in names if printable(name) == name]


def _folder(key: str, starts: Iterable[Path]) -> Path:
    left = st.session_state.get(key)
    candidates = (*([Path(left)] if left else []), *starts, *filter(_has_folders, (Path.home(), Path.cwd())), Path("/"))
    return next(filter(is_folder, candidates), Path.cwd())


def _has_folders(folder: Path) -> bool:
    """Return whether a folder has others in it: a walk that begins in one without would seem to have no way on."""
    try:
        return bool(folder_names(folder))
    except OSError:
        return False


def _go_to_typed(key: str, text: str) -> None:
    try:
        folder = typed_path(text)
    except DatasetError as error:
        st.session_state[f"{key}-trouble"] = str(error)
        return
    if is_folder(folder):
        st.session_state[key] = str(folder)
    else:
        st.session_state[f"{key}-trouble"] = f"{folder}: there is no such folder. Check the spelling."


def _go(key: str, folder: Path) -> None:
    st.session_state[key] = str(folder)
    st.rerun(scope="fragment")
