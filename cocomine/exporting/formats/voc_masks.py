"""Which class and which object does each pixel show, as Pascal VOC stores it?

Two palette PNGs of the image's own size, painted as label maps are: in `SegmentationClass` the class, from 1 on, in
`SegmentationObject` the number of the object, from 1 on, in the order of the XML. 255 is void: crowd regions and
ignored classes, and objects without an entry in the XML or beyond the 254 that have a number. VOC's rim of void pixels
around each object is not drawn, since COCO does not say where an object's border is uncertain. The colours are VOC's.

Source: the Development Kit of 2012, and its VOClabelcolormap.m
"""

import re
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from cocomine.coco.mask_spans import mask_spans
from cocomine.coco.masks import Shape
from cocomine.coco.size import Size
from cocomine.labels.label_map import label_of
from cocomine.labels.map_runs import MapRuns, runs_of_rows
from cocomine.labels.table import IGNORED_LABEL, MAXIMUM_LABEL, LabelTable

LARGEST_MAP_PX = 1 << 27
"""An image that is said to be larger has no masks: its maps would take gigabytes."""
NOT_IN_LINE = re.compile(r"\A#|[:\r\n]")


def is_drawable(size: Size) -> bool:
    """Return whether an image is small enough for masks."""
    return size.pixel_count <= LARGEST_MAP_PX


def has_value_for_each(table: LabelTable) -> bool:
    """Return whether a mask has a value for every class."""
    return len(table.labels) - 1 <= MAXIMUM_LABEL


def voc_masks(
    shapes: Sequence[Shape], table: LabelTable, *, native: Size, numbers: Mapping[int, int]
) -> tuple[MapRuns, MapRuns]:
    """Return the class and the object of every pixel.

    They are painted as one, with a value of its own for each pair of the two that there is.

    Args:
        shapes: the annotations of an image, of classes that the table names or ignored, as `painting_order` has them.
        native: the image's own size, which is drawable.
        numbers: of the objects in the XML, from 1 on, by annotation id.
    """
    labels = table.label_of_category
    pairs = [_class_and_object(shape, labels, numbers) for shape in shapes]
    values = {pair: value for value, pair in enumerate(dict.fromkeys([(0, 0), *pairs]))}
    segmentations, sizes = [shape.segmentation for shape in shapes], [native] * len(shapes)
    spans, kind = mask_spans(segmentations, natives=sizes, sizes=sizes), np.uint8 if len(values) <= 256 else np.uint16
    (columns,) = spans.painted([values[pair] for pair in pairs], [0] * len(shapes), [native], kind)
    rows = cv2.copyMakeBorder(cv2.transpose(columns), 0, 0, 1, 0, cv2.BORDER_CONSTANT, value=0)
    painted = runs_of_rows(np.asarray(rows, dtype=kind))
    classes, objects = np.array(list(values), dtype=np.uint8).T
    return painted.replaced(classes), painted.replaced(objects)


def _class_and_object(shape: Shape, labels: Mapping[int, int], numbers: Mapping[int, int]) -> tuple[int, int]:
    label = IGNORED_LABEL if shape.is_crowd else label_of(shape, labels)
    if label is None or label == IGNORED_LABEL:
        return IGNORED_LABEL, IGNORED_LABEL
    return label, min(numbers.get(shape.annotation_id, IGNORED_LABEL), IGNORED_LABEL)


def voc_palette() -> bytes:
    """Return VOC's 256 RGB triples: the bits of a value, by threes, from the highest bit of red, green and blue."""
    values = np.arange(256)
    colours = np.zeros((256, 3), dtype=np.uint8)
    for bit in range(8):
        for channel in range(3):
            colours[:, channel] |= (((values >> (3 * bit + channel)) & 1) << (7 - bit)).astype(np.uint8)
    return colours.tobytes()


def voc_line_name(name: str) -> str:
    """Return what a class is called in `labelmap.txt`, where a colon ends a name, a break its line, and # is a note."""
    return NOT_IN_LINE.sub("_", name)


def voc_label_colours(table: LabelTable) -> str:
    """Return `labelmap.txt`, by which Datumaro and CVAT know classes that are not VOC's own, and what void is."""
    palette = np.frombuffer(voc_palette(), dtype=np.uint8).reshape(-1, 3)
    names = {each.label: voc_line_name(each.name) for each in table.labels}
    names[IGNORED_LABEL] = "void" if "ignored" in names.values() else "ignored"
    rows = [f"{name}:{','.join(map(str, palette[label].tolist()))}::" for label, name in names.items()]
    return "\n".join(["# label:color_rgb:parts:actions", *rows]) + "\n"
