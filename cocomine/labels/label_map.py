"""Which class does each pixel get?

Objects are painted by falling area, so that the smaller one is on top; see `coco.mask_area` for which area that is. A
crowd region is 255 where no object is painted. The order of the annotations in the file does not matter. A category
that the table does not name draws nothing.

Scaled maps come from scaled polygons, not from shrunken masks: seven times
faster, and closer to the area-majority label of full-resolution masks.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.mask_spans import mask_spans
from cocomine.coco.masks import Shape
from cocomine.coco.paint_order import painting_orders
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
    (labels,) = label_maps([shapes], label_of_category, natives=[native], sizes=[size])
    return labels


def label_maps(
    images: Iterable[Iterable[Shape]],
    label_of_category: Mapping[int, int],
    *,
    natives: Sequence[Size],
    sizes: Sequence[Size],
) -> list[LabelMap]:
    """Return the label maps of many images: where they are small, one by one would take three times as long.

    Args:
        images: the shapes of each.
        label_of_category: mask value by category id; others draw nothing.
        natives: the own size of each image.
        sizes: of the maps.
    """
    drawn = [[shape for shape in shapes if label_of(shape, label_of_category) is not None] for shapes in images]
    return ordered_label_maps(painting_orders(drawn, natives), label_of_category, natives=natives, sizes=sizes)


def ordered_label_maps(
    images: Sequence[Sequence[Shape]],
    label_of_category: Mapping[int, int],
    *,
    natives: Sequence[Size],
    sizes: Sequence[Size],
) -> list[LabelMap]:
    """Return the same for shapes that all draw something, those of each image in the order of `painting_order`."""
    shapes = [shape for each in images for shape in each]
    places = [place for place, each in enumerate(images) for _ in each]
    spans = mask_spans(
        [shape.segmentation for shape in shapes],
        natives=[natives[place] for place in places],
        sizes=[sizes[place] for place in places],
    )
    maps = spans.painted(painted_labels(shapes, label_of_category), places, sizes)
    return [np.ascontiguousarray(columns.T) for columns in maps]


def label_of(shape: Shape, label_of_category: Mapping[int, int]) -> int | None:
    """Return the mask value of a shape; None where it draws nothing."""
    return IGNORED_LABEL if shape.is_ignored else label_of_category.get(shape.category_id)


def painted_labels(shapes: Iterable[Shape], label_of_category: Mapping[int, int]) -> list[int]:
    """Return the mask value of shapes that all draw something."""
    return [
        IGNORED_LABEL if shape.is_crowd or shape.is_ignored else label_of_category[shape.category_id]
        for shape in shapes
    ]


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
