"""Which boxes of a group cover nearly the same?

Boxes are sorted by group and left edge. Two boxes can only overlap so much if
their left edges are near, so each is compared with the next ones in that order
until the edge is too far. On real files that is a handful of comparisons a box.
"""

import numpy as np

from cocomine.coco.dataset import Bools, Floats, Ints

LEFT_BITS = 24
HALF_RANGE_PX = 2.0**19
STEPS_PER_PX = 2.0 ** (LEFT_BITS - 20)
FARTHEST = 2000
"""Neighbours a box is compared with at most: a file of a million equal boxes must not take hours."""


def repeated_boxes(groups: Ints, boxes_xywh: Floats, *, iou: float) -> Ints:
    """Return the positions of the boxes that repeat an earlier one of their group, rising.

    Args:
        groups: a number for each box, in [0, 2**38), (m,).
        boxes_xywh: finite, with positive sides, (m, 4).
        iou: at least 0.9; boxes with a larger overlap are the same.
    """
    left, width = boxes_xywh[:, 0], boxes_xywh[:, 2]
    key = groups << LEFT_BITS | _steps(left)
    order = np.argsort(key)
    # an overlap above `iou` needs left edges nearer than (1 - iou) of the width; the rest is room for rounding
    limit = (groups << LEFT_BITS | _steps(left + (1.01 - iou) * width))[order]
    key = key[order]
    repeated = np.zeros(len(groups), dtype=bool)
    active = np.arange(len(groups))
    for distance in range(1, FARTHEST):
        active = active[: np.searchsorted(active, len(groups) - distance)]
        active = active[key[active + distance] <= limit[active]]
        if not len(active):
            break
        first, second = order[active], order[active + distance]
        same = _overlap_more(boxes_xywh[first], boxes_xywh[second], iou)
        repeated[np.maximum(first[same], second[same])] = True
    return np.flatnonzero(repeated)


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
