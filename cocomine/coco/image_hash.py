"""What does an image look like, in 64 bits that a smaller or newly saved copy shares?

The image is reduced to 9 x 8 gray pixels, each the mean of its part of the image. A bit says whether a pixel is
brighter than the one at its left: eight bits for each row. Lighter or darker as a whole, scaled, compressed or without
colour, an image keeps nearly all of them; mirrored, turned or cut, it does not.

Source: N. Krawetz, Kind of Like That (2013), "dHash",
https://www.hackerfactor.com/blog/index.php?/archives/529-Kind-of-Like-That.html.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cocomine.coco.image_file import read_image
from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage
from cocomine.system.jobs import Progress
from cocomine.system.worker_pool import WorkerPool, images_lost, worker_count

COLUMNS, ROWS = 9, 8
DECODED = Size(height=16 * ROWS, width=16 * COLUMNS)
"""An image may be decoded at this size, which is many times faster: its means are nearly the same."""
READ_AT_ONCE = 64
"""Between two looks at whether the work was cancelled."""
LEAST_FILES = 512
"""So many files are worth the second in which another process begins."""
Hashes = NDArray[np.uint64]


def image_hash(path: Path) -> int:
    """Return the 64 bits of an image, the first one highest.

    Raises:
        UnreadableImage: it is missing, damaged, no image, or too large.
    """
    gray = read_image(path, at_least=DECODED).convert("F").resize((COLUMNS, ROWS), Image.Resampling.BOX)
    is_brighter = np.diff(np.asarray(gray), axis=1) > 0  # (8, 8)
    return int.from_bytes(np.packbits(is_brighter).tobytes(), "big")


def image_hashes(
    paths: Sequence[Path | None], progress: Progress, *, workers: int | None = None
) -> tuple[int | None, ...]:
    """Return the 64 bits of each image, (n,); None where there is no file or it cannot be read.

    Args:
        paths: of the files; None where there is none.
        progress: gets how many files are done of how many.
        workers: how many processes share the work; None takes what the files are worth. The bits are the same.

    Raises:
        DatasetError: one of the processes died.
    """
    batches = [paths[start : start + READ_AT_ONCE] for start in range(0, len(paths), READ_AT_ONCE)]
    progress(0, len(paths))
    with WorkerPool(workers or worker_count(len(paths), LEAST_FILES), lost=images_lost) as pool:
        found = pool.results(_hashes, batches, lambda done: progress(min(done * READ_AT_ONCE, len(paths)), len(paths)))
    return tuple(bits for batch in found for bits in batch)


def _hashes(paths: Sequence[Path | None]) -> list[int | None]:
    return list(map(_hash_or_none, paths))


def _hash_or_none(path: Path | None) -> int | None:
    try:
        return None if path is None else image_hash(path)
    except UnreadableImage:
        return None
