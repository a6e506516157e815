"""How do the pictures come along: as hard links, as copies, or not at all?

An export holds files and never symbolic links: tools refuse those that lead out of the folder, and they dangle when
the dataset moves. A file is checked where it arrives, so that nothing can be put in its place between the look and
the copy: what is no regular file or no image is taken out again.
"""

import os
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from cocomine.coco.dataset import Split
from cocomine.coco.image_file import is_image_file
from cocomine.exporting.plan import found_sentence

BLOCK_BYTES = 1 << 20
NO_FOLLOWING = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Brought(StrEnum):
    """What became of a picture."""

    LINKED = "linked"
    COPIED = "copied"
    MISSING = "missing"
    LEADS_OUT = "leads out"
    """of the image folder, by a link"""
    UNREADABLE = "unreadable"
    NO_IMAGE = "no image"

    @property
    def is_there(self) -> bool:
        """Whether the export holds it."""
        return self in (Brought.LINKED, Brought.COPIED)


NOT_BROUGHT = {
    Brought.MISSING: "Images without a file",
    Brought.LEADS_OUT: "Image files that are links out of their folder, which were not followed",
    Brought.UNREADABLE: "Image files that cannot be read",
    Brought.NO_IMAGE: "Files that are no images, which were left out",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that an export was to hold.

    Attributes:
        path: its place in the export, from the folder on.
        source: the file that it came from; None where there is none.
    """

    split: str
    path: str
    source: Path | None
    brought: Brought


def real_picture(split: Split, image_index: int) -> Path | None:
    """Return the file itself that a picture is, links resolved and then judged; None where it may not be used."""
    path, folder = split.image_path(image_index), split.image_folder
    if path is None or folder is None:
        return None
    real = Path(os.path.realpath(path))
    return (
        real if any(real.is_relative_to(os.path.realpath(each)) for each in (folder, *split.linked_folders)) else None
    )


def bring_picture(source: Path | None, target: Path, *, way: str) -> Brought:
    """Put one picture into the export.

    Args:
        source: the picture; None where there is none.
        target: its place in the export; its folder exists, the picture does not.
        way: "link", which copies where the disk or the system allows no hard link, or "copy".

    Raises:
        OSError: the target cannot be written.
    """
    if source is None:
        return Brought.MISSING
    brought = Brought.LINKED if way == "link" and _hard_linked(source, target) else _copied(source, target)
    if target.exists() and not (brought.is_there and is_image_file(target)):
        brought = Brought.NO_IMAGE if brought.is_there and os.access(target, os.R_OK) else Brought.UNREADABLE
        target.unlink()
    return brought


def brought_sentences(pictures: Sequence[Picture]) -> list[str]:
    """Return how many pictures came along and how; and why others did not, with the first of them."""
    counts = Counter(picture.brought for picture in pictures)
    there = counts[Brought.LINKED] + counts[Brought.COPIED]
    told = [found_sentence(there, len(pictures))]
    for brought, reason in NOT_BROUGHT.items():
        alike = [picture.path for picture in pictures if picture.brought is brought]
        if alike:
            told.append(f"{reason}: {len(alike):,} ({', '.join(alike[:3])}{', …' if len(alike) > 3 else ''})")
    return told


def can_link(source: Path, folder: Path) -> bool:
    """Return whether a file and a folder, which need not be there yet, are on one disk, as hard links must be."""
    place = next(each for each in (folder, *folder.parents) if each.exists())
    return source.stat().st_dev == place.stat().st_dev


def _hard_linked(source: Path, target: Path) -> bool:
    follows = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}
    try:
        os.link(source, target, **follows)
    except OSError:  # another disk, a system without hard links, somebody else's file; or a link that is there
        return False
    if stat.S_ISREG(target.lstat().st_mode):
        return True
    target.unlink()
    return False


def _copied(source: Path, target: Path) -> Brought:
    """Copy a regular file, of which no error is told as one of the target."""
    try:
        file = os.open(source, os.O_RDONLY | NO_FOLLOWING)
    except FileNotFoundError:
        return Brought.MISSING
    except OSError:
        return Brought.UNREADABLE
    with os.fdopen(file, "rb") as reading:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return Brought.NO_IMAGE
        with target.open("xb") as writing:
            while (block := _next_block(reading)) is not None:
                if not block:
                    return Brought.COPIED
                writing.write(block)
    return Brought.UNREADABLE


def _next_block(file: BinaryIO) -> bytes | None:
    """Return what comes next, nothing at the end; None where the disk of the source does not give it."""
    try:
        return file.read(BLOCK_BYTES)
    except OSError:
        return None
