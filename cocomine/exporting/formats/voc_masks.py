"""Which class and which object does each pixel show, as Pascal VOC stores it?

Two palette PNGs of the image's own size, painted as label maps are: in `SegmentationClass` the class, from 1 on, in
`SegmentationObject` the number of the object, from 1 on, in the order of the XML. 255 is void: crowd regions and
ignored classes, and objects without an entry in the XML or beyond the 254 that have a number. VOC's rim of void pixels
around each object is not drawn, since COCO does not say where an object's border is uncertain. The colours are VOC's.

Source: the Development Kit of 2012, and its VOClabelcolormap.m
"""

from collections.abc import Iterable, Mapping

import numpy as np

from cocomine.coco.masks import Shape, native_mask
from cocomine.coco.paint_order import largest_first
from cocomine.coco.size import Size
from cocomine.labels.label_map import LabelMap, label_of
from cocomine.labels.table import IGNORED_LABEL, LabelTable

LARGEST_MAP_PX = 1 << 27
"""An image that is said to be larger has no masks: its maps would take gigabytes."""


def voc_masks(
    shapes: Iterable[Shape], table: LabelTable, *, native: Size, numbers: Mapping[int, int]
) -> tuple[LabelMap, LabelMap]:
    """Return the class and the object of every pixel, (height, width) each.

    Args:
        shapes: the annotations of an image, of classes that the table names or ignored.
        native: the image's own size.
        numbers: of the objects in the XML, from 1 on, by annotation id.
    """
    labels = table.label_of_category
    classes, objects, crowd = (np.zeros(native, dtype=np.uint8, order="F") for _ in range(3))
    for shape in largest_first(shapes, native):
        mask = native_mask(shape.segmentation, native)
        if shape.is_crowd:
            np.copyto(crowd, IGNORED_LABEL, where=mask)
            continue
        label = label_of(shape, labels) or 0
        np.copyto(classes, label, where=mask)
        number = IGNORED_LABEL if label == IGNORED_LABEL else numbers.get(shape.annotation_id, IGNORED_LABEL)
        np.copyto(objects, min(number, IGNORED_LABEL), where=mask)
    np.copyto(crowd, 0, where=classes > 0)
    return np.ascontiguousarray(classes | crowd), np.ascontiguousarray(objects | crowd)


def voc_palette() -> bytes:
    """Return VOC's 256 RGB triples: the bits of a value, by threes, from the highest bit of red, green and blue."""
    values = np.arange(256)
    colours = np.zeros((256, 3), dtype=np.uint8)
    for bit in range(8):
        for channel in range(3):
            colours[:, channel] |= (((values >> (3 * bit + channel)) & 1) << (7 - bit)).astype(np.uint8)
    return colours.tobytes()


def voc_label_colours(table: LabelTable) -> str:
    """Return `labelmap.txt`, by which Datumaro and CVAT know classes that are not VOC's own, and what void is."""
    palette = np.frombuffer(voc_palette(), dtype=np.uint8).reshape(-1, 3)
    names = {each.label: each.name for each in table.labels}
    names[IGNORED_LABEL] = "void" if "ignored" in names.values() else "ignored"
    rows = [f"{name}:{','.join(map(str, palette[label].tolist()))}::" for label, name in names.items()]
    return "\n".join(["# label:color_rgb:parts:actions", *rows]) + "\n"
