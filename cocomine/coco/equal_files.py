"""Which images of a split are the same file under several names?

Files of equal size whose last bytes are equal are compared by their SHA-256; nearly all others are told apart by one
short read. Images that were scaled or saved again are not found.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Split
from cocomine.coco.images_on_disk import image_file_bytes
from cocomine.system.files import file_sha256

LAST_BYTES = 4096
"""The end of a photograph's file is like no other's; its head is what the same camera always writes."""


def equal_files(split: Split, image_index: Ints) -> tuple[tuple[int, ...], ...]:
    """Return the ids of images whose files are equal, byte for byte, set by set; a missing file is equal to none.

    Args:
        image_index: positions of the images to compare, (n,).

    Raises:
        OSError: a file is there and cannot be read.
    """
    sizes = dict(zip(image_index.tolist(), image_file_bytes(split)[image_index].tolist(), strict=True))
    paths = {index: split.image_at(index).path for index, size in sizes.items() if size}
    found = {index: path for index, path in paths.items() if path is not None}
    sets = _alike([list(found)], sizes.__getitem__)
    sets = _alike(sets, lambda index: _last_bytes(found[index]))
    sets = _alike(sets, lambda index: file_sha256(found[index]))
    return tuple(tuple(int(split.images.ids[index]) for index in indices) for indices in sets)


def _alike(sets: Iterable[list[int]], key_of: Callable[[int], Hashable]) -> list[list[int]]:
    """Return those of each set that share a key with another one, in sets of their own."""
    alike = []
    for indices in sets:
        by_key: defaultdict[Hashable, list[int]] = defaultdict(list)
        for index in indices:
            by_key[key_of(index)].append(index)
        alike += [each for each in by_key.values() if len(each) > 1]
    return alike


def _last_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - LAST_BYTES, 0))
        return file.read()
