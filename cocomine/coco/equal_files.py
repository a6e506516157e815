"""Which image files are equal, byte for byte, under several names?

Files of equal size whose last bytes are equal are compared by their SHA-256; nearly all others are told apart by one
short read. Images that were scaled or saved again are not found.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path

from cocomine.system.files import file_sha256
from cocomine.system.jobs import Progress

LAST_BYTES = 4096
"""The end of a photograph's file is like no other's; its head is what the same camera always writes."""


def equal_files(paths: Sequence[Path | None], progress: Progress) -> tuple[tuple[int, ...], ...]:
    """Return the sets of equal files, by position, each rising and of two at least.

    Args:
        paths: of the files, (n,); None, where there is none, is equal to none, nor is an empty one.
        progress: gets how many of the files that may have an equal are done of how many.

    Raises:
        OSError: a file is gone, or cannot be read.
    """
    found = {place: path for place, path in enumerate(paths) if path is not None}
    sizes = {place: path.stat().st_size for place, path in found.items()}
    sets = _alike([[place for place, size in sizes.items() if size]], sizes.__getitem__)
    places = [place for each in sets for place in each]
    last_bytes = {}
    for done, place in enumerate(places):
        progress(done, len(places))
        last_bytes[place] = _last_bytes(found[place])
    progress(len(places), len(places))
    sets = _alike(_alike(sets, last_bytes.__getitem__), lambda place: file_sha256(found[place]))
    return tuple(map(tuple, sets))


def _alike(sets: Iterable[list[int]], key_of: Callable[[int], Hashable]) -> list[list[int]]:
    """Return those of each set that share a key with another one, in sets of their own."""
    alike = []
    for places in sets:
        by_key: defaultdict[Hashable, list[int]] = defaultdict(list)
        for place in places:
            by_key[key_of(place)].append(place)
        alike += [each for each in by_key.values() if len(each) > 1]
    return alike


def _last_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - LAST_BYTES, 0))
        return file.read()
