"""Which pixels does each annotation of an image cover, without a mask of the image's size for each?

A mask is made of spans: pixels that follow each other when the image is read column by column, as COCO's run-length
codes do. There are some hundred of them where a mask has hundreds of thousands of pixels.

Source: https://cocodataset.org/#format-data (RLE)
"""

from collections.abc import Sequence

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.masks import Segmentation, polygons_code, polygons_of, sound_runs
from cocomine.coco.run_lengths import read_runs
from cocomine.coco.size import Size

LARGEST_SPANS_PX = 1 << 29
"""A larger image may have a run that is longer than any is read."""


def mask_spans(segmentations: Sequence[Segmentation], native: Size) -> list[Ints]:
    """Return the pixels of each mask as `native_mask` has them, as rising [start, stop) column by column, (n, 2).

    Args:
        native: the image's own size, of at most `LARGEST_SPANS_PX`.
    """
    runs: list[Ints] = [np.zeros(0, dtype=np.int64)] * len(segmentations)
    codes: dict[int, bytes] = {}
    for position, segmentation in enumerate(segmentations):
        if isinstance(segmentation, dict):
            runs[position] = np.array(sound_runs(segmentation, native), dtype=np.int64)
        elif (code := polygons_code(polygons_of(segmentation), native)) is not None:
            codes[position] = code["counts"]
    for position, read in zip(codes, read_runs([*codes.values()]) if codes else (), strict=True):
        runs[position] = read
    return [_covered(each) for each in runs]


def _covered(runs: Ints) -> Ints:
    """Return where every other run begins and ends; the first covers nothing."""
    ends = np.cumsum(runs)
    return ends[: len(ends) // 2 * 2].reshape(-1, 2)
