"""Which class does each pixel get?

Objects are painted by falling area, so that the smaller one is on top; see `coco.mask_area` for which area that is. A
crowd region is 255 where no object is painted. The order of the annotations in the file does not matter. A category
that the table does not name draws nothing.

Scaled maps come from scaled polygons, not from shrunken masks: seven times
faster, and closer to the area-majority label of full-resolution masks.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.masks import Mask, Shape, scaled_mask
from cocomine.coco.paint_order import painting_order
from cocomine.coco.size import Size
from cocomine.colours import IGNORED
from cocomine.labels.table import IGNORED_LABEL, LabelTable

LabelMap = NDArray[np.uint8]
MOST_ABSENT = 12
"""So many selected classes that a map does not have are still in its legend."""


def label_map(shapes: Iterable[Shape], label_of_category: Mapping[int, int], *, native: Size, size: Size) -> LabelMap:
    """Return the label of every pixel, (height, width).

    Args:
        label_of_category: mask value by category id; others draw nothing.
        native: the image's own size, in which the shapes are given.
    """
    drawn = [shape for shape in shapes if label_of(shape, label_of_category) is not None]
    return ordered_label_map(painting_order(drawn, native), label_of_category, native=native, size=size)


def ordered_label_map(
    shapes: Iterable[Shape], label_of_category: Mapping[int, int], *, native: Size, size: Size
) -> LabelMap:
    """Return the same for shapes that all draw something, in the order of `painting_order`."""
    masks = ((shape, scaled_mask(shape.segmentation, native=native, size=size)) for shape in shapes)
    return painted(masks, label_of_category, size=size)


def label_of(shape: Shape, label_of_category: Mapping[int, int]) -> int | None:
    """Return the mask value of a shape; None where it draws nothing."""
    return IGNORED_LABEL if shape.is_ignored else label_of_category.get(shape.category_id)


def painted(masks: Iterable[tuple[Shape, Mask]], label_of_category: Mapping[int, int], *, size: Size) -> LabelMap:
    """Return the label of every pixel, (height, width).

    Args:
        masks: each shape with its mask at the map's size, in the order of `painting_order`.
    """
    labels = np.zeros(size, dtype=np.uint8, order="F")  # as masks are decoded
    for shape, mask in masks:
        is_ignored = shape.is_crowd or shape.is_ignored
        np.copyto(labels, IGNORED_LABEL if is_ignored else label_of_category[shape.category_id], where=mask)
    return np.ascontiguousarray(labels)


def legend_rows(table: LabelTable, labels: LabelMap) -> list[tuple[int, str, str, int]]:
    """Return value, name, colour and pixels of what a map shows, and of selected classes that it could show.

    Background and ignored are always listed.
    """
    counts = np.bincount(labels.ravel(), minlength=IGNORED_LABEL + 1).tolist()
    absent = [each.label for each in table.labels if each.selected and not counts[each.label]][:MOST_ABSENT]
    rows = [
        (each.label, each.name, each.colour, counts[each.label])
        for each in table.labels
        if counts[each.label] or each.label in absent or not each.label
    ]
    return [*rows, (IGNORED_LABEL, "ignored", IGNORED, counts[IGNORED_LABEL])]
