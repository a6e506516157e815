"""Which file does a name mean below a folder, out of which no name leads?"""

import os
from collections.abc import Sequence
from pathlib import Path

from cocomine.system.folders import names_in


def file_in(folder: Path, file_name: str) -> Path | None:
    """Return where a file is, or None if it is missing or its name leads out of the folder; links are followed."""
    # As text, not as paths: hundreds of names are tried while a dataset opens.
    inside = os.path.abspath(folder)  # noqa: PTH100
    path = os.path.abspath(os.path.join(inside, file_name))  # noqa: PTH100, PTH118
    is_below = path.startswith(os.path.join(inside, ""))  # noqa: PTH118
    return Path(path) if is_below and os.path.isfile(path) else None  # noqa: PTH113


def names_below(folder: Path, below: str) -> list[str]:
    """Return the names of the files in a folder below another, or none where it is outside."""
    inside = Path(os.path.normpath(folder / below))
    return names_in(inside) if inside.is_relative_to(os.path.normpath(folder)) else []


def image_in(folder: Path, file_name: str, *, linked_folders: Sequence[Path] = ()) -> Path | None:
    """Return where an image file is, or None if it is missing or leads out of the folder, by its name or by a link.

    Args:
        folder: may be a link itself.
        file_name: below the folder.
        linked_folders: where links below the folder may lead as well.
    """
    path = file_in(folder, file_name)
    if path is None:
        return None
    inside = Path(os.path.abspath(folder))  # noqa: PTH100 - resolved, a link would be another folder
    below = [path, *path.parents][: len(path.parts) - len(inside.parts)]
    if not any(each.is_symlink() for each in below):
        return path
    target = Path(os.path.realpath(path))
    allowed = any(target.is_relative_to(os.path.realpath(each)) for each in (folder, *linked_folders))
    return path if allowed else None
