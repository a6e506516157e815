"""Which pictures of a split are on disk, and how many bytes do they take?

A folder is listed once, which is many times faster than asking for each file.
"""

import os
from pathlib import Path, PurePosixPath

import numpy as np

from cocomine.coco.dataset import Ints, Split


def picture_bytes(split: Split) -> Ints:
    """Return the size of each image's file in bytes, 0 where it is missing, (n,).

    A name with a folder in it is asked for by itself.
    """
    if split.image_folder is None or not split.image_folder.is_dir():
        return np.zeros(len(split.images), dtype=np.int64)
    with os.scandir(split.image_folder) as entries:
        sizes = {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
    names = split.images.file_names
    return np.array([sizes.get(name) or _asked_for(split, index) for index, name in enumerate(names)], dtype=np.int64)


def missing_pictures(split: Split) -> Ints:
    """Return the positions of the images whose picture is not in the image folder, rising.

    A name that leads out of the folder counts as missing.
    """
    if split.image_folder is None:
        return np.arange(len(split.images))
    root = os.path.normpath(split.image_folder)
    files = {root: _files_in(root)}
    missing = []
    for index, name in enumerate(split.images.file_names):
        if name in files[root]:
            continue
        folder, last = os.path.split(os.path.normpath(Path(root, name)))
        if folder not in files:
            files[folder] = _files_in(folder) if _is_inside(folder, root) else frozenset()
        if last not in files[folder]:
            missing.append(index)
    return np.array(missing, dtype=np.int64)


def picture_folders(split: Split) -> tuple[Path, ...]:
    """Return the image folder and the folders in it that file names mention; a new file changes the time of one."""
    if split.image_folder is None:
        return ()
    root = os.path.normpath(split.image_folder)
    mentioned = {name.rpartition("/")[0] for name in split.images.file_names if "/" in name}
    folders = {os.path.normpath(Path(root, place)) for place in mentioned}
    return tuple(Path(place) for place in sorted({root, *(each for each in folders if _is_inside(each, root))}))


def _is_inside(folder: str, root: str) -> bool:
    return Path(folder).is_relative_to(root)


def _files_in(folder: str) -> frozenset[str]:
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_file())
    except (OSError, ValueError):  # not there, or with a NUL in its name
        return frozenset()


def _asked_for(split: Split, index: int) -> int:
    if len(PurePosixPath(split.images.file_names[index]).parts) < 2:
        return 0
    path = split.image_path(index)
    return path.stat().st_size if path else 0
