"""How do image files come into an export: as hard links, as copies, as symbolic links, or not at all?

An export holds files, and symbolic links only on request: tools refuse those that lead out of the folder, and they
dangle when the dataset moves. They lead to the file itself, with no other link on the way. A file is checked where it
arrives, so that nothing can be put in its place between the look and the copy: what is no regular file or no image is
removed again.
"""

import os
import shutil
import stat
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.dataset import Split
from cocomine.coco.image_file import is_image_file
from cocomine.coco.images_on_disk import FileState, file_states
from cocomine.exporting.planning.plan import found_sentence
from cocomine.mining.selection.recipe import SYMLINK

if sys.platform == "linux":
    import fcntl

BLOCK_BYTES = 1 << 20
FICLONE = 0x40049409
"""Linux: give one file the blocks of another."""
NO_FOLLOWING = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Placement(StrEnum):
    """What became of an image file."""

    LINKED = "linked"
    COPIED = "copied"
    SYMLINKED = "symlinked"
    MISSING = "missing"
    LEADS_OUT = "leads out"
    """of the image folder, by a link"""
    UNREADABLE = "unreadable"
    NO_IMAGE = "no image"

    @property
    def is_there(self) -> bool:
        """Whether the export holds it."""
        return self in (Placement.LINKED, Placement.COPIED, Placement.SYMLINKED)


NOT_PLACED = {
    Placement.MISSING: "Images without a file",
    Placement.LEADS_OUT: "Image files that are links out of their folder, which were not followed",
    Placement.UNREADABLE: "Image files that cannot be read",
    Placement.NO_IMAGE: "Files that are no images, which were not exported",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedImage:
    """An image file that an export was to hold.

    Attributes:
        path: in the export, relative to its folder.
        source: the file that it came from; None where there is none.
        others: the same file in other layouts, relative to the export's folder.
        fetched_sha256: of a source that was fetched, which may have made room for others by now; else "".
    """

    split: str
    path: str
    source: Path | None
    placement: Placement
    others: tuple[str, ...] = ()
    fetched_sha256: str = ""


class ImageSources:
    """The files of a split's images that may come into an export: links resolved, and then judged."""

    def __init__(self, split: Split) -> None:
        folders = split.linked_folders if split.image_folder is None else (split.image_folder, *split.linked_folders)
        self._split, self._root = split, os.path.normpath(split.image_folder or "")
        self._allowed = tuple(Path(os.path.realpath(each)) for each in folders)
        self._real_folder = cache(self._judged)

    def file_of(self, index: int) -> Path | None:
        """Return an image's own file; None where there is none that may be used."""
        image = self._split.image_at(index)
        name = self._split.found_names.get(index) or image.file_name
        looked_for = os.path.normpath(os.path.join(self._root, name))  # noqa: PTH118 - a Path takes twice the time
        if looked_for.startswith(f"{self._root}{os.sep}"):
            folder, last = os.path.split(looked_for)
            real = self._real_folder(folder)
            if real is not None and _is_regular(f"{real}/{last}"):
                return Path(f"{real}/{last}")
        path = image.path  # a link, or nothing
        return None if path is None else self._judged(path)

    def leads_out(self, index: int) -> bool:
        """Return whether an image is reached by a link out of the image folder."""
        return bool(self._states[index] == FileState.LEADS_OUT)

    @cached_property
    def _states(self) -> NDArray[np.uint8]:
        return file_states(self._split)

    def _judged(self, path: str | Path) -> Path | None:
        """Return where a path leads; None where no image may be."""
        real = Path(os.path.realpath(path))
        return real if any(real.is_relative_to(each) for each in self._allowed) else None


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):  # not there, or no name of a file
        return False


def place_image(source: Path | None, target: Path, *, mode: str) -> Placement:
    """Put one image file into the export.

    Args:
        source: the file; None where there is none.
        target: its path in the export; the folder exists.
        mode: "link", which copies where the disk or the system allows no hard link, "copy" or "symlink".

    Raises:
        FileExistsError: there is a file; it stays.
        OSError: the target cannot be written.
    """
    if source is None:
        return Placement.MISSING
    if mode == SYMLINK:
        placement = _symlinked(source, target)
    else:
        placement = Placement.LINKED if mode == "link" and _hard_linked(source, target) else _copied(source, target)
    if placement.is_there and not is_image_file(target):
        placement = Placement.NO_IMAGE if os.access(target, os.R_OK) else Placement.UNREADABLE
        target.unlink()
    return placement


def place_again(path: Path, target: Path, placement: Placement) -> None:
    """Put a file of the export at another place in it: the same file where the disk allows hard links, else a copy.

    Args:
        placement: of the first; a symbolic link becomes another one to the same file.

    Raises:
        FileExistsError: there is a file; it stays.
        OSError: the target cannot be written.
    """
    if placement is Placement.SYMLINKED:
        target.symlink_to(path.readlink())
    elif not _hard_linked(path, target):
        target.touch(exist_ok=False)
        shutil.copyfile(path, target)


def placement_sentences(images: Sequence[PlacedImage]) -> list[str]:
    """Return how many image files are in the export, and why others are not, with the first of them."""
    counts = Counter(each.placement for each in images)
    there = sum(count for placement, count in counts.items() if placement.is_there)
    sentences = [found_sentence(there, len(images))]
    for placement, reason in NOT_PLACED.items():
        alike = [each.path for each in images if each.placement is placement]
        if alike:
            sentences.append(f"{reason}: {len(alike):,} ({', '.join(alike[:3])}{', …' if len(alike) > 3 else ''})")
    return sentences


def can_link(source: Path, folder: Path) -> bool:
    """Return whether a file and a folder, which need not be there yet, are on one disk, as hard links must be."""
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    return source.stat().st_dev == existing.stat().st_dev


def can_share(folder: Path) -> bool:
    """Return whether the disk of a folder, which need not be there yet, lets several names have one file."""
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with TemporaryDirectory(dir=existing, prefix=".cocomine-") as place:
            file = Path(place, "one")
            file.touch()
            return _hard_linked(file, file.with_name("other"))
    except OSError:  # what keeps us from writing here is told where it is written
        return False


def _hard_linked(source: Path, target: Path) -> bool:
    follows = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}
    try:
        os.link(source, target, **follows)
    except FileExistsError:
        raise
    except OSError:  # another disk, a system without hard links, somebody else's file; or a link that is there
        return False
    if stat.S_ISREG(target.lstat().st_mode):
        return True
    target.unlink()
    return False


def _symlinked(source: Path, target: Path) -> Placement:
    """Let a name lead to a regular file by its path from the root on."""
    try:
        mode = source.lstat().st_mode
    except FileNotFoundError:
        return Placement.MISSING
    except OSError:
        return Placement.UNREADABLE
    if not stat.S_ISREG(mode):
        return Placement.UNREADABLE if stat.S_ISLNK(mode) else Placement.NO_IMAGE
    target.symlink_to(source)
    return Placement.SYMLINKED


def _copied(source: Path, target: Path) -> Placement:
    """Copy a regular file, whose errors are not reported as the target's."""
    try:
        file = os.open(source, os.O_RDONLY | NO_FOLLOWING)
    except FileNotFoundError:
        return Placement.MISSING
    except OSError:
        return Placement.UNREADABLE
    with os.fdopen(file, "rb") as reading:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return Placement.NO_IMAGE
        with target.open("xb") as writing:
            if _shares_blocks(reading, writing):
                return Placement.COPIED
            while (block := _next_block(reading)) is not None:
                if not block:
                    return Placement.COPIED
                writing.write(block)
    target.unlink()
    return Placement.UNREADABLE


def _shares_blocks(reading: BinaryIO, writing: BinaryIO) -> bool:
    """Make a copy that shares its blocks on the disk until one of the two is changed; return whether that is possible.

    Source: https://man7.org/linux/man-pages/man2/FICLONE.2const.html (Btrfs, XFS, bcachefs, overlayfs on them)
    """
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(writing.fileno(), FICLONE, reading.fileno())
    except OSError:  # another disk, or a file system that cannot
        return False
    return True


def _next_block(file: BinaryIO) -> bytes | None:
    """Return what comes next, nothing at the end; None where the disk of the source does not give it."""
    try:
        return file.read(BLOCK_BYTES)
    except OSError:
        return None
