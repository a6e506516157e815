"""What would overlap and contact be if every object filled its box? The first estimate, known at once.

It takes boxes for masks and reads no segmentation; `overlap` has the measure itself. Pairs of boxes are found by
a sweep: from left to right, each box is compared with the next one, then with the one after that and so on,
until one begins further right than it ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cocomine.coco.arrays import Floats, Ints
from cocomine.coco.dataset import Dataset, Split
from cocomine.mining.interference.mask_overlap import OverlapTable, shares

PAIRS_AT_ONCE = 1 << 20
"""So many pairs are summed up together."""
LARGEST_PX = 1e9
"""Coordinates beyond are a mistake in the file, and their products are no numbers any more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Boxes:
    """Boxes image by image and in each from left to right, (b,)."""

    image_index: Ints
    category_index: Ints
    left: Floats
    top: Floats
    right: Floats
    bottom: Floats

    def __len__(self) -> int:
        return len(self.left)


def overlap_from_boxes(dataset: Dataset) -> OverlapTable:
    """Estimate overlap and contact from the boxes of all objects but crowd regions.

    With a over the boxes of class i, b over those of class j in the same image, both with their outlines ∂:

    * overlap[i, j] = Σ_a Σ_b area(a ∩ b) / Σ_a area(a), at most 1
    * contact[i, j] = Σ_a Σ_b length(∂a ∩ b) / Σ_a length(∂a), at most 1

    Both come out too high, as a box is larger than its object, most of all where that is slanted, branched or
    hollow, and as pixels in several boxes of class j count for each. How well the order of the pairs agrees with that
    from masks is in docs/decisions/007.
    """
    k = len(dataset.categories)
    areas, lengths = np.zeros(k), np.zeros(k)
    common, inside = np.zeros((k, k)), np.zeros((k, k))
    image_count = 0
    for split in dataset.splits:
        boxes = _boxes(split)
        width, height = boxes.right - boxes.left, boxes.bottom - boxes.top
        areas += np.bincount(boxes.category_index, width * height, minlength=k)
        lengths += np.bincount(boxes.category_index, 2 * (width + height), minlength=k)
        image_count += len(np.unique(boxes.image_index))
        for first, second in _meeting(boxes):
            more_common, more_inside = _pair_sums(boxes, first, second, k)
            common += more_common
            inside += more_inside
    return OverlapTable(
        names=dataset.category_names,
        from_masks=False,
        image_count=image_count,
        size_px=None,
        overlap=shares(common, areas),
        contact=shares(inside, lengths),
    )


def _boxes(split: Split) -> _Boxes:
    """Return the boxes that have an area and are no crowd region's."""
    columns = split.annotations
    boxes = np.asarray(columns.boxes_xywh)
    has_area = (boxes[:, 2] > 0) & (boxes[:, 3] > 0) & (np.abs(boxes) <= LARGEST_PX).all(axis=1)
    rows = np.flatnonzero(has_area & ~columns.is_crowd)
    rows = rows[np.lexsort((boxes[rows, 0], columns.image_index[rows]))]
    left, top, width, height = boxes[rows].T.copy()
    return _Boxes(
        image_index=columns.image_index[rows],
        category_index=columns.category_index[rows],
        left=left,
        top=top,
        right=left + width,
        bottom=top + height,
    )


def _meeting(boxes: _Boxes) -> Iterator[tuple[Ints, Ints]]:
    """Yield the positions of all pairs of boxes of two classes that overlap or touch, many at once."""
    found: list[tuple[Ints, Ints]] = []
    first, distance = np.arange(len(boxes)), 0
    while len(first):
        distance += 1
        first = first[: np.searchsorted(first, len(boxes) - distance)]
        second = first + distance
        is_near = boxes.image_index[first] == boxes.image_index[second]
        is_near &= boxes.left[second] <= boxes.right[first]
        first, second = first[is_near], second[is_near]
        meets = boxes.category_index[first] != boxes.category_index[second]
        meets &= (boxes.top[second] <= boxes.bottom[first]) & (boxes.top[first] <= boxes.bottom[second])
        found.append((first[meets], second[meets]))
        if sum(len(each) for each, _ in found) >= PAIRS_AT_ONCE:
            yield _joined(found)
            found = []
    if found:
        yield _joined(found)


def _joined(found: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    return np.concatenate([first for first, _ in found]), np.concatenate([second for _, second in found])


def _pair_sums(boxes: _Boxes, first: Ints, second: Ints, k: int) -> tuple[Floats, Floats]:
    """Return Σ area(a ∩ b) and Σ length(∂a ∩ b) over pairs that meet, by the classes of a and b, (k, k) each."""
    left, right = boxes.left[second], np.minimum(boxes.right[first], boxes.right[second])
    top = np.maximum(boxes.top[first], boxes.top[second])
    bottom = np.minimum(boxes.bottom[first], boxes.bottom[second])
    width, height = right - left, bottom - top
    common, inside = np.zeros(k * k), np.zeros(k * k)
    for a, b in ((first, second), (second, first)):
        pair = boxes.category_index[a] * k + boxes.category_index[b]
        upright = (boxes.left[a] == left).astype(float) + (boxes.right[a] == right)  # sides of a that cross b
        level = (boxes.top[a] == top).astype(float) + (boxes.bottom[a] == bottom)
        common += np.bincount(pair, width * height, minlength=k * k)
        inside += np.bincount(pair, upright * height + level * width, minlength=k * k)
    return common.reshape(k, k), inside.reshape(k, k)
