"""How does an export go away, so that one wrong click loses nothing?

It is renamed into the trash of the workspace, whole and at once, and comes back from there until the trash is emptied.
What is lost for good is said before: bytes that are really freed, since a file that has another name elsewhere, such as
the dataset's own image behind a hard link, frees none. A folder that holds files of a person is not taken at all. No
link is followed: it is counted and removed as a link.
"""

import os
import re
import shutil
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cocomine.errors import CocomineError, ExportError
from cocomine.exporting.layout import MANIFEST
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.reading import list_exports, read_recipe
from cocomine.mining.selection.recipe import SYMLINK
from cocomine.system.trash import name_before, place_in_trash
from cocomine.wording import counted

LEFT_BY_PROGRAMS = re.compile(r"(?:.*/)?(?:\.DS_Store|Thumbs\.db|desktop\.ini|[^/]+\.cache)\Z")
"""Files that file managers and Ultralytics leave beside others, and make again when they are gone."""
MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderContents:
    """What lies in the folder of an export.

    Attributes:
        file_count: files and links of all kinds.
        size_bytes: of all files.
        freed_bytes: of those that have no other name outside the folder.
        foreign: files that the export did not write, from the folder on, sorted.
    """

    file_count: int
    size_bytes: int
    freed_bytes: int
    foreign: tuple[str, ...]


def contents_of(folder: Path) -> FolderContents:
    """Return what lies in the folder of an export, counted file by file.

    Raises:
        ExportError: it is no export, or cannot be looked into.
    """
    ours = {str(entry["path"]) for entry in read_manifest(folder)["files"]} | {MANIFEST}
    may_be_ours = _is_file_or_link if _holds_links(folder) else stat.S_ISREG
    found, names, sizes, foreign = 0, Counter[tuple[int, int]](), dict[tuple[int, int], tuple[int, int]](), []
    try:
        for path, info in _files_in(folder):
            found += 1
            names[info.st_dev, info.st_ino] += 1
            sizes[info.st_dev, info.st_ino] = info.st_size, info.st_nlink
            name = path.relative_to(folder).as_posix()
            if (name not in ours or not may_be_ours(info.st_mode)) and not LEFT_BY_PROGRAMS.match(name):
                foreign.append(name)
    except OSError as error:
        raise ExportError(
            f"{folder}: cannot be looked into ({error.strerror}). Delete it in a file manager."
        ) from error
    return FolderContents(
        file_count=found,
        size_bytes=sum(sizes[file][0] * count for file, count in names.items()),
        freed_bytes=sum(size for file, (size, name_count) in sizes.items() if name_count <= names[file]),
        foreign=tuple(sorted(foreign)),
    )


def _holds_links(folder: Path) -> bool:
    """Return whether the images of an export are symbolic links, as its recipe says."""
    try:
        return read_recipe(folder).images == SYMLINK
    except CocomineError:
        return False


def _is_file_or_link(mode: int) -> bool:
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def foreign_sentence(folder: Path, foreign: tuple[str, ...]) -> str:
    """Return that a folder is not deleted, and for whose files."""
    named = ", ".join(foreign[:MOST_NAMED]) + (", …" if len(foreign) > MOST_NAMED else "")
    return (
        f"{folder} also holds {counted(len(foreign), 'file')} that the export did not write ({named}). "
        f"Move {'it' if len(foreign) == 1 else 'them'} to another folder, then delete the export."
    )


def move_to_trash(folder: Path, trash: Path) -> Path:
    """Rename the folder of an export into the trash, and return where it is now.

    Raises:
        ExportError: it is no export, a link, holds files of a person, or is on another disk than the trash.
    """
    if folder.is_symlink():
        raise ExportError(f"{folder}: this is a link. Delete it in a file manager; what it leads to stays.")
    if foreign := contents_of(folder).foreign:
        raise ExportError(foreign_sentence(folder, foreign))
    target = place_in_trash(trash, folder.name)
    try:
        trash.mkdir(parents=True, exist_ok=True)
        folder.rename(target)
    except OSError as error:
        raise ExportError(
            f"{folder}: cannot be moved to the trash, {trash} ({error.strerror}). Delete it in a file manager."
        ) from error
    return target


def restore(folder: Path, exports: Path) -> Path:
    """Rename an export from the trash back to where it was, and return where that is.

    Raises:
        ExportError: something else has its name now, or it cannot be renamed.
    """
    target = exports / name_before(folder)
    if os.path.lexists(target):
        raise ExportError(f"{target}: another export has this name now. Delete that first, then restore this one.")
    try:
        exports.mkdir(parents=True, exist_ok=True)
        folder.rename(target)
    except OSError as error:
        raise ExportError(f"{folder}: cannot be restored ({error.strerror}). Move it to {exports} yourself.") from error
    return target


def trashed_exports(trash: Path) -> list[Path]:
    """Return the exports in the trash, the newest first; what else lies there is not ours."""
    sound, damaged = list_exports(trash)
    folders = [*(entry.folder for entry in sound), *(each.folder for each in damaged)]
    return [folder for folder in folders if not folder.is_symlink()]


def trash_contents(trash: Path) -> FolderContents:
    """Return what all exports in the trash hold together; one that is damaged counts as nothing."""
    contents = [held for folder in trashed_exports(trash) if (held := _contents_or_none(folder)) is not None]
    return FolderContents(
        file_count=sum(held.file_count for held in contents),
        size_bytes=sum(held.size_bytes for held in contents),
        freed_bytes=sum(held.freed_bytes for held in contents),
        foreign=tuple(name for held in contents for name in held.foreign),
    )


def empty_trash(trash: Path) -> list[str]:
    """Delete the exports in the trash for good; return a sentence for each that stays, because of whose files."""
    stay = []
    for folder in trashed_exports(trash):
        held = _contents_or_none(folder)
        if held is None or held.foreign:
            reason = foreign_sentence(folder, held.foreign) if held else f"{folder} is damaged. Delete it by hand."
            stay.append(reason)
            continue
        try:
            shutil.rmtree(folder)
        except OSError as error:
            stay.append(f"{folder}: cannot be deleted ({error.strerror}). Delete it in a file manager.")
    return stay


def _contents_or_none(folder: Path) -> FolderContents | None:
    try:
        return contents_of(folder)
    except CocomineError:
        return None


def _files_in(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield what is no folder, with what the system says of it, and of a link of the link itself."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            yield from _files_in(Path(entry.path))
        else:
            yield Path(entry.path), os.lstat(entry.path)
