"""Which image files of a split are on disk, which lead out of its folder, and how many bytes do they take?

A folder is listed once, which is many times faster than asking for each file; only entries that are links are looked
at one by one. `DatasetImage.path` follows the same rule for a single file.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import Split
from cocomine.system.folders import Entry, is_file

FOLLOWED_LINKS = 200
"""Links of which it is told where they lead."""
LEADS_OUT = -1
"""Stands for the size of a file that is reached by a link out of the image folder."""


class FileState(IntEnum):
    """Whether an image's file can be used."""

    MISSING = 0
    THERE = 1
    LEADS_OUT = 2
    """By a link, out of the image folder and of the folders that the person named."""


def file_states(split: Split) -> NDArray[np.uint8]:
    """Return the `FileState` of each image, (n,). A name that leads out of the folder by itself counts as missing.

    An address is taken at its word: whether an image is there shows when it is fetched.
    """
    if split.address is not None:
        names = split.images.file_names
        is_below = (split.address.has(name) for name in names)
        return np.where(np.fromiter(is_below, dtype=bool, count=len(names)), FileState.THERE, FileState.MISSING)
    sizes = _sizes(split, _no_size)
    states = np.full(len(sizes), FileState.THERE, dtype=np.uint8)
    states[np.isnan(sizes)] = FileState.MISSING
    states[sizes == LEADS_OUT] = FileState.LEADS_OUT
    return states


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCount:
    """How many images of a split are on disk.

    Attributes:
        links_to: folders, outside the image folder, to which links lead that are not followed.
        address: from where the images are fetched, "" where they are on this computer.
        kept: of those at an address, how many were fetched and are still here.
    """

    split: str
    folder: Path | None
    total: int
    there: int
    links_to: tuple[Path, ...]
    address: str = ""
    kept: int = 0


def image_count(split: Split) -> ImageCount:
    """Return how many images of a split are on disk, and where links lead that are not followed."""
    states = file_states(split)
    return ImageCount(
        split=split.name,
        folder=split.image_folder,
        total=len(states),
        there=int(np.count_nonzero(states == FileState.THERE)),
        links_to=_places_outside(split, np.flatnonzero(states == FileState.LEADS_OUT)),
        address="" if split.address is None else split.address.address,
        kept=0 if split.address is None else int(np.count_nonzero(image_file_bytes(split))),
    )


def _places_outside(split: Split, positions: Ints) -> tuple[Path, ...]:
    """Return the folders to which the first of these images' links lead."""
    folder, names = split.image_folder or Path(), split.names_on_disk()
    paths = [os.path.realpath(folder / names[index]) for index in positions[:FOLLOWED_LINKS].tolist()]
    return tuple(sorted({Path(path).parent for path in paths}))


def image_file_bytes(split: Split) -> Ints:
    """Return the size of each image's file in bytes, 0 where there is none that can be used, (n,)."""
    return np.maximum(np.nan_to_num(_sizes(split, _size)), 0).astype(np.int64)


def usable_images(split: Split) -> Bools:
    """Return which images have a file that can be used, or fetched, (n,)."""
    return file_states(split) == FileState.THERE if split.address is not None else image_file_bytes(split) > 0


def missing_images(split: Split) -> Ints:
    """Return the positions of the images without a file that can be used, rising."""
    return np.flatnonzero(file_states(split) != FileState.THERE)


def folders_with_images(split: Split) -> tuple[Path, ...]:
    """Return the image folder and the folders in it that file names mention; a new file changes the time of one."""
    if split.image_folder is None:
        return ()
    root = os.path.normpath(split.image_folder)
    if split.address is not None:
        return (Path(root),)
    mentioned = {name.rpartition("/")[0] for name in split.names_on_disk() if "/" in name}
    folders = {os.path.normpath(Path(root, each)) for each in mentioned}
    return tuple(Path(folder) for folder in sorted({root, *(each for each in folders if _is_below(each, root))}))


def _sizes(split: Split, size_of: Callable[[Entry], int]) -> NDArray[np.float64]:
    """Return what `size_of` says of each image's file, `LEADS_OUT`, or NaN where it is missing, (n,)."""
    sizes = np.full(len(split.images), np.nan)
    if split.image_folder is None:
        return sizes
    listings = _Listings(split, size_of)
    top = listings.of(listings.root)
    for index, name in enumerate(split.names_on_disk()):
        found = top.get(name)
        if found is None:
            folder, last = os.path.split(os.path.normpath(Path(listings.root, name)))
            found = listings.of(folder).get(last)
        if found is not None:
            sizes[index] = found
    return sizes


class _Listings:
    """The folders of a split's images, each listed once."""

    def __init__(self, split: Split, size_of: Callable[[Entry], int]) -> None:
        self.root = os.path.normpath(split.image_folder or "")
        self._size_of = size_of
        self._allowed = [os.path.realpath(self.root), *map(os.path.realpath, split.linked_folders)]
        self._listed: dict[str, dict[str, int]] = {}
        self._realpath = cache(os.path.realpath)

    def of(self, folder: str) -> dict[str, int]:
        """Return the files of a folder by name; none for one outside the image folder."""
        if folder not in self._listed:
            self._listed[folder] = self._files_in(folder) if _is_below(folder, self.root) else {}
        return self._listed[folder]

    def _files_in(self, folder: str) -> dict[str, int]:
        found: dict[str, int] = {}
        try:
            is_inside = self._is_allowed(os.path.realpath(folder))
            with os.scandir(folder) as entries:
                for entry in filter(is_file, entries):
                    stays = self._link_stays(entry.path) if entry.is_symlink() else is_inside
                    found[entry.name] = self._size_of(entry) if stays else LEADS_OUT
        except (OSError, ValueError):  # not there, not ours to read, or with a NUL in its name
            return found
        return found

    def _link_stays(self, link: str) -> bool:
        """Return whether a link leads to where it may; a folder that many links name is resolved once."""
        try:
            folder, name = os.path.split(os.path.join(os.path.split(link)[0], os.readlink(link)))  # noqa: PTH115, PTH118
            target = os.path.join(self._realpath(folder), name)  # noqa: PTH118 - a Path for each takes twice the time
            is_plain = name not in {"", ".", ".."} and not os.path.islink(target)  # noqa: PTH114
            return self._is_allowed(target if is_plain else os.path.realpath(target))
        except OSError:  # gone meanwhile
            return False

    def _is_allowed(self, path: str) -> bool:
        return any(_is_below(path, folder) for folder in self._allowed)


def _no_size(_: Entry) -> int:
    return 0


def _size(entry: Entry) -> int:
    try:
        return entry.stat().st_size
    except OSError:  # gone meanwhile
        return 0


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
