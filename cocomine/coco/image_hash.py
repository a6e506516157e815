"""What does an image look like, in 64 bits that a smaller or newly saved copy shares?

The image is reduced to 9 x 8 gray pixels, each the mean of its part of the image. A bit says whether a pixel is
brighter than the one at its left: eight bits for each row. Lighter or darker as a whole, scaled, compressed or without
colour, an image keeps nearly all of them; mirrored, turned or cut, it does not.

Source: N. Krawetz, Kind of Like That (2013), "dHash",
https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cocomine.coco.image_file import read_image
from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage
from cocomine.system.jobs import Progress

COLUMNS, ROWS = 9, 8
DECODED = Size(height=16 * ROWS, width=16 * COLUMNS)
"""An image may be decoded at this size, which is many times faster: its means are nearly the same."""
THREADS = 4
READ_AT_ONCE = 64
"""Between two looks at whether the work was cancelled."""
Hashes = NDArray[np.uint64]


def image_hash(path: Path) -> int:
    """Return the 64 bits of an image, the first one highest.

    Raises:
        UnreadableImage: it is missing, damaged, no image, or too large.
    """
    gray = read_image(path, at_least=DECODED).convert("F").resize((COLUMNS, ROWS), Image.Resampling.BOX)
    is_brighter = np.diff(np.asarray(gray), axis=1) > 0  # (8, 8)
    return int.from_bytes(np.packbits(is_brighter).tobytes(), "big")


def image_hashes(paths: Sequence[Path | None], progress: Progress) -> tuple[int | None, ...]:
    """Return the 64 bits of each image, (n,); None where there is no file or it cannot be read.

    Args:
        paths: of the files; None where there is none.
        progress: gets how many files are done of how many.
    """
    found: list[int | None] = []
    with ThreadPoolExecutor(THREADS) as threads:
        for start in range(0, len(paths), READ_AT_ONCE):
            progress(start, len(paths))
            found += threads.map(_hash_or_none, paths[start : start + READ_AT_ONCE])
    progress(len(paths), len(paths))
    return tuple(found)


def _hash_or_none(path: Path | None) -> int | None:
    try:
        return None if path is None else image_hash(path)
    except UnreadableImage:
        return None
