"""What is in a folder, when any of its entries may be a trap?

A loop of links, a link to nowhere, a file that vanishes while the folder is read and a folder that nobody may enter
are each told by themselves: they never end the listing, and never hide the entries beside them.
"""

import os
from collections.abc import Callable
from pathlib import Path

Entry = os.DirEntry[str]


def file_names(folder: Path | str, *, ending: str = "") -> list[str]:
    """Return the names of the files in a folder, sorted; links to files are files.

    Args:
        ending: of the names, in small letters; capital ones are the same.

    Raises:
        OSError: the folder itself cannot be read.
    """
    return _names(folder, lambda entry: entry.name.lower().endswith(ending) and is_file(entry))


def names_in(folder: Path | str) -> list[str]:
    """Return the names of the files in a folder, sorted; none where it cannot be read."""
    try:
        return file_names(folder)
    except (OSError, ValueError):  # not there, not ours to read, or with a NUL in its name
        return []


def folder_names(folder: Path | str) -> list[str]:
    """Return the names of the folders in a folder, sorted, without hidden ones; links to folders are folders.

    Raises:
        OSError: the folder itself cannot be read.
    """
    return _names(folder, lambda entry: not entry.name.startswith(".") and is_folder(entry))


def is_file(entry: Entry | Path) -> bool:
    """Return whether an entry is a file or leads to one; what cannot be told is none."""
    try:
        return entry.is_file()
    except (OSError, ValueError):  # a loop of links; longer than the system allows, or with a NUL
        return False


def is_folder(entry: Entry | Path) -> bool:
    """Return whether an entry is a folder or leads to one; what cannot be told is none."""
    try:
        return entry.is_dir()
    except (OSError, ValueError):
        return False


def is_there(path: Path) -> bool:
    """Return whether something is at a path; what cannot be told is not there."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _names(folder: Path | str, is_wanted: Callable[[Entry], bool]) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if is_wanted(entry))
