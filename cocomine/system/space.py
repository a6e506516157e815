"""Is there room for what is to be written, and what is said where there is none?

A message names the target. The system's own error names the source of a copy, a temporary file, or nothing.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cocomine.errors import StorageError
from cocomine.wording import size_words

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""The disk, the person's share of it, or the largest file that it takes."""
_RESERVE = "reserve"
_RESERVED_BYTES = 1 << 16
DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


def free_bytes(folder: Path) -> int:
    """Return how much may still be written to a folder that need not be there yet.

    Raises:
        StorageError: nothing on the way to it can be looked at.
    """
    for path in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(path).free
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise storage_error(folder, error) from error
    raise StorageError(f"{folder}: there is no such disk. Choose a folder that is there.")


def require_space(folder: Path, need_bytes: int, what: str) -> None:
    """Refuse long work that a folder has no room for.

    Args:
        folder: where it will be written; it need not be there yet.
        need_bytes: how much will be written.
        what: what that is, as the beginning of a sentence: "The export".

    Raises:
        StorageError: less than that is free.
    """
    free = free_bytes(folder)
    if free < need_bytes:
        raise StorageError(
            f"{folder}: {what} needs about {size_words(need_bytes)}, and {size_words(free)} are free there: "
            f"{size_words(need_bytes - free)} are missing. Free some space, or choose a folder on another disk."
        )


@contextmanager
def writing_to(target: Path, *, need_bytes: int | None = None) -> Iterator[None]:
    """Turn what the system says while the block writes into a sentence about the target.

    Args:
        target: what is written, under the name that it will have.
        need_bytes: how much that is, if it is known.

    Raises:
        StorageError: it could not be written.
    """
    try:
        yield
    except OSError as error:
        raise storage_error(target, error, need_bytes=need_bytes) from error


def storage_error(target: Path, error: OSError, *, need_bytes: int | None = None) -> StorageError:
    """Return what to tell a person of whom the system did not take what was to be written."""
    if error.errno in FULL:
        return StorageError(f"{target}: cannot be written, {_how_full(target, error, need_bytes)}")
    if error.errno in DENIED:
        return StorageError(f"{target}: may not be written ({error.strerror}). Choose a folder you may write to.")
    return StorageError(
        f"{target}: cannot be written ({error.strerror or error}). Choose another folder that you may write to."
    )


def _how_full(target: Path, error: OSError, need_bytes: int | None) -> str:
    if error.errno == errno.EFBIG:
        return "the file would grow larger than this disk or account allows. Choose a folder on another disk."
    whose = "your share of the disk" if error.errno == errno.EDQUOT else "the disk"
    free = free_bytes(target.parent)
    if free and not _has_room_for_files(target.parent):
        return "the disk takes no more files, whatever their size. Delete some, or choose a folder on another disk."
    sentence = f"{whose} is full: {size_words(free)} are free there now"
    if need_bytes is not None and need_bytes > free:
        sentence += f", about {size_words(need_bytes)} are needed, and {size_words(need_bytes - free)} are missing"
    return f"{sentence}. Free some space, or choose a folder on another disk."


def _has_room_for_files(folder: Path) -> bool:
    """Return whether a disk that counts its files takes another one."""
    path = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    found = os.statvfs(path) if hasattr(os, "statvfs") else None
    return found is None or not found.f_files or found.f_favail > 0


@contextmanager
def kept_space(folder: Path) -> Iterator[None]:
    """Hold some space of a folder's disk while the block runs, so that its end can be written on a full one."""
    path = folder / _RESERVE
    try:
        with writing_to(path, need_bytes=_RESERVED_BYTES), path.open("wb") as file:
            file.write(os.urandom(_RESERVED_BYTES))  # zeros could be stored as nothing
        yield
    finally:
        path.unlink(missing_ok=True)
