"""How many bytes do the pictures of a split take?"""

import os
from pathlib import PurePosixPath

import numpy as np

from cocomine.coco.dataset import Ints, Split


def picture_bytes(split: Split) -> Ints:
    """Return the size of each image's file in bytes, 0 where it is missing, (n,).

    The image folder is listed once, which is many times faster than asking for each file; a name with a folder
    in it is asked for by itself.
    """
    if split.image_folder is None:
        return np.zeros(len(split.images), dtype=np.int64)
    with os.scandir(split.image_folder) as entries:
        sizes = {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
    names = split.images.file_names
    return np.array([sizes.get(name) or _asked_for(split, index) for index, name in enumerate(names)], dtype=np.int64)


def _asked_for(split: Split, index: int) -> int:
    if len(PurePosixPath(split.images.file_names[index]).parts) < 2:
        return 0
    path = split.image_path(index)
    return path.stat().st_size if path else 0
