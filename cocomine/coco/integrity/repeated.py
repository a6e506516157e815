"""Which objects stand twice in their image, with nearly the same box and the same class?

Images are taken range by range, since objects of two images are never compared: memory is that of the largest range.
"""

from collections.abc import Iterator

import numpy as np

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.columns import Annotations

SAME_IOU = 0.95
BOXES_AT_ONCE = 1 << 20
LEFT_BITS = 24
HALF_RANGE_PX = 2.0**19
STEPS_PER_PX = 2.0 ** (LEFT_BITS - 20)
FARTHEST = 2000
"""Neighbours a box is compared with at most: a file of a million equal boxes must not take hours."""


def repeated_objects(columns: Annotations, is_object: Bools) -> Bools:
    """Return which annotations repeat an earlier one of their image and category, (m,).

    Args:
        is_object: which of them are compared; their boxes are finite, with positive sides, (m,).
    """
    category_count = int(columns.category_index.max(initial=0)) + 1
    is_repeated = np.zeros(len(columns), dtype=bool)
    for of_images in _range_by_range(columns.image_index):
        at = of_images[is_object[of_images]]
        groups = columns.image_index[at] * category_count + columns.category_index[at]
        is_repeated[at[repeated_boxes(groups, columns.boxes_xywh[at], iou=SAME_IOU)]] = True
    return is_repeated


def _range_by_range(image_index: Ints) -> Iterator[Ints]:
    """Yield the positions of the annotations of a range of images, rising, and so of each range.

    A range ends with the image that fills it, so that it has hardly more than `BOXES_AT_ONCE`.
    """
    counts = np.bincount(image_index)
    ranges = (np.cumsum(counts) - counts) // BOXES_AT_ONCE  # (images,)
    range_count = int(ranges.max(initial=0)) + 1
    range_of_each = ranges.astype(np.min_scalar_type(range_count))[image_index]  # small, since it is read so often
    for number in range(range_count):
        yield np.flatnonzero(range_of_each == number)


def repeated_boxes(groups: Ints, boxes_xywh: Floats, *, iou: float) -> Ints:
    """Return the positions of the boxes that repeat an earlier one of their group, rising.

    Args:
        groups: a number for each box, in [0, 2**38), (m,).
        boxes_xywh: finite, with positive sides, (m, 4).
        iou: at least 0.9; boxes with a larger overlap are the same.
    """
    left, width = boxes_xywh[:, 0], boxes_xywh[:, 2]
    key = groups << LEFT_BITS | _steps(left)
    order = _stable_order(key)
    # an overlap above `iou` needs left edges nearer than (1 - iou) of the width; the rest is room for rounding
    limit = (groups << LEFT_BITS | _steps(left + (1.01 - iou) * width))[order]
    key = key[order]
    repeated = np.zeros(len(groups), dtype=bool)
    active = np.flatnonzero(key[1:] <= limit[:-1])
    for distance in range(1, FARTHEST):
        active = active[: np.searchsorted(active, len(groups) - distance)]
        active = active[key[active + distance] <= limit[active]]
        if not len(active):
            break
        first, second = order[active], order[active + distance]
        same = _overlap_more(boxes_xywh[first], boxes_xywh[second], iou)
        repeated[np.maximum(first[same], second[same])] = True
    return np.flatnonzero(repeated)


def _stable_order(key: Ints) -> Ints:
    """Return what sorts the keys, equal ones in the order in which they stand.

    It decides which of more than `FARTHEST` equal boxes are compared. Few keys are equal, and numpy's stable sort
    takes several times as long as its other one.
    """
    order = np.argsort(key)
    rising = key[order]
    is_same = rising[1:] == rising[:-1]
    tied = np.flatnonzero(np.append(is_same, False) | np.append(False, is_same))
    order[tied] = order[tied][np.lexsort((order[tied], rising[tied]))]
    return order


def _steps(left: Floats) -> Ints:
    """Return left edges as whole steps that fit the bits, in the same order."""
    within = np.clip(left, -HALF_RANGE_PX, HALF_RANGE_PX - 1) + HALF_RANGE_PX
    return (within * STEPS_PER_PX).astype(np.int64)


def _overlap_more(first: Floats, second: Floats, iou: float) -> Bools:
    """Return which pairs of boxes have a larger intersection over union."""
    start = np.maximum(first[:, :2], second[:, :2])
    stop = np.minimum(first[:, :2] + first[:, 2:], second[:, :2] + second[:, 2:])
    common = np.clip(stop - start, 0, None).prod(axis=1)
    return np.asarray(common > iou * (first[:, 2:].prod(axis=1) + second[:, 2:].prod(axis=1) - common))
