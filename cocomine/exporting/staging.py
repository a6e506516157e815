"""How does an export folder appear whole, and what becomes of the one that is there?

It is written beside its target, in the hidden folder `.<name>.cocomine-part`, and takes its name when it is complete.
Until then the target is as it was: empty, absent, or an earlier export of the same recipe. Files that a person put into
that one come along. A killed export leaves its hidden folder, which the next one beside it clears away; but not one of
somebody else, where others write too, as in /tmp: what looks like an old export in it may be a link.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO

from cocomine.errors import CocomineError, ExportError
from cocomine.exporting.layout import MANIFEST, OUR_FILES, OUR_FOLDERS, RECIPE, UNFINISHED
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.writer_note import writer_words
from cocomine.mining.selection.recipe import recipe_from_text, recipe_text, without_places
from cocomine.system.locks import try_lock

SUFFIX = ".cocomine-part"
LOCK, NEW, OLD = "lock", "new", "old"


@contextmanager
def staging_folder(folder: Path, recipe: str) -> Iterator[Path]:
    """Yield a new folder that takes the place of another if the block ends well, and leaves no trace if it does not.

    Args:
        folder: new, empty, or an earlier export of the same recipe; links resolved.

    Raises:
        ExportError: the folder is not ours to write to, or another export into it is being written.
        OSError: the system does not let us.
    """
    refuse_foreign(folder, recipe)
    folder.parent.mkdir(parents=True, exist_ok=True)
    clear_killed(folder.parent)
    part = folder.with_name(f".{folder.name}{SUFFIX}")
    part.mkdir(mode=0o700, exist_ok=True)
    if not is_own_folder(part):
        raise ExportError(f"{part}: this is not yours. Choose another folder, or have it removed.")
    with _locked(part) as is_ours:
        if not is_ours:
            raise ExportError(
                f"{folder}: another export into this folder is being written{writer_words(part)}. "
                "Wait for it, or choose another folder."
            )
        try:
            (part / NEW).mkdir()
            yield part / NEW
            if folder.exists():
                folder.rename(part / OLD)
            (part / NEW).rename(folder)
        finally:
            _clear(part, folder)


def clear_killed(parent: Path) -> None:
    """Bring back what killed exports in a folder had taken away, and remove what they left there.

    Raises:
        OSError: the system does not let us.
    """
    for left in filter(is_own_folder, parent.glob(f".*{SUFFIX}")):
        with _locked(left) as is_ours:
            if is_ours:
                _clear(left, left.with_name(left.name.removeprefix(".").removesuffix(SUFFIX)))


def free_name(folder: Path) -> Path:
    """Return the folder itself, or the first of `folder-2`, `folder-3` and so on, where nothing is."""
    names = chain([folder.name], (f"{folder.name}-{number}" for number in count(2)))
    return next(path for path in map(folder.with_name, names) if not os.path.lexists(path))


def refuse_foreign(folder: Path, recipe: str) -> None:
    """Refuse a folder that is not ours to write to.

    Raises:
        ExportError: it is a file, a disk's root, or a folder with other files or another export.
    """
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise ExportError(
            f"{folder}: this is {'a file' if folder.is_file() else 'no folder'}. Choose a new or empty folder."
        )
    if os.path.ismount(folder):
        raise ExportError(
            f"{folder}: this is the root of a disk. Choose a new folder in it, such as {folder / 'export'}."
        )
    if not any(folder.iterdir()):
        return
    is_complete = _is_export(folder)
    if not is_complete and not (folder / UNFINISHED).is_file():
        raise ExportError(f"{folder}: the folder holds other files. Choose a new or empty folder.")
    if is_complete and not _is_recipe(folder / RECIPE, recipe):
        raise ExportError(f"{folder}: the folder holds another export. Choose a new folder; exports are never mixed.")


def _is_recipe(path: Path, recipe: str) -> bool:
    """Return whether a file holds this recipe, in the words of this version or of a former one."""
    try:
        return recipe_text(without_places(recipe_from_text(path.read_text(encoding="utf-8")))) == recipe
    except (OSError, UnicodeDecodeError, CocomineError):
        return False


def is_own_folder(path: Path) -> bool:
    """Return whether a path is a folder of this user's, and no link to one."""
    try:
        found = path.lstat()
    except FileNotFoundError:  # cleared by another export meanwhile
        return False
    return stat.S_ISDIR(found.st_mode) and (os.name != "posix" or found.st_uid == os.geteuid())


@contextmanager
def _locked(part: Path) -> Iterator[bool]:
    """Hold the lock of a hidden folder, or yield False: somebody works in it, or it is gone."""
    try:
        file = (part / LOCK).open("ab")
    except (FileNotFoundError, NotADirectoryError):
        yield False
        return
    with file:
        yield try_lock(file) and _is_there(file, part / LOCK)


def _is_there(file: BinaryIO, path: Path) -> bool:
    """Return whether a lock is still the one that others find; who ends removes it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _clear(part: Path, folder: Path) -> None:
    """Bring back the old export, or what a person put into it if a new one took its place; then remove the rest."""
    old = part / OLD
    if old.is_dir():
        if folder.exists():
            _carry_over(old, folder)
        else:
            old.rename(folder)
    shutil.rmtree(part, ignore_errors=True)


def _carry_over(old: Path, folder: Path) -> None:
    ours = _our_files(old)
    for path in sorted(old.rglob("*")):
        target = folder / path.relative_to(old)
        if not path.is_dir() and path not in ours and not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)


def _our_files(folder: Path) -> set[Path]:
    """Return the files of an export that we wrote; of one that never was complete all that could be ours."""
    try:
        return {folder / entry["path"] for entry in read_manifest(folder)["files"]} | {folder / MANIFEST}
    except ExportError:
        tops = (*OUR_FOLDERS, *OUR_FILES, UNFINISHED)
        return {path for path in folder.rglob("*") if path.relative_to(folder).parts[0].partition(".part-")[0] in tops}


def _is_export(folder: Path) -> bool:
    try:
        read_manifest(folder)
    except ExportError:
        return False
    return True
