"""How is an image annotated in Pascal VOC?

One XML file per image with a box for each object, in whole pixels that count from 1, both ends belonging to the box:
every pixel that COCO's box touches. Boxes are clipped to the image; boxes of which nothing is left have no entry, nor
have crowd regions and ignored classes. There are no masks in it, so `segmented` is 0.

Source: M. Everingham and J. Winn, The PASCAL Visual Object Classes Challenge
2012 Development Kit (the top left pixel is (1, 1); readers take 1 off)
"""

import math
import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from cocomine.coco.masks import Shape
from cocomine.coco.size import Size
from cocomine.labels.table import LabelTable

NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that no XML file may hold, not even escaped."""


def voc_annotation(shapes: Iterable[Shape], table: LabelTable, *, image_path: str, native: Size) -> str:
    """Return the XML of one image.

    Args:
        image_path: in the export, `images/<split>/<name>`.
        native: the image's own size, in which the boxes are given.
    """
    names = [label.name for label in table.labels[1:]]
    classes = table.class_index_of_category
    root = ET.Element("annotation")
    folder, _, name = image_path.rpartition("/")
    _add(root, folder=folder, filename=name)
    _add(ET.SubElement(root, "source"), database="mined by CocoMine, see ATTRIBUTION.csv")
    _add(ET.SubElement(root, "size"), width=native.width, height=native.height, depth=3)
    _add(root, segmented=0)
    for shape in shapes:
        box = pixel_box(shape.box_xywh, native)
        if box is None or shape.is_crowd or shape.is_ignored or shape.category_id not in classes:
            continue
        entry = ET.SubElement(root, "object")
        _add(entry, name=names[classes[shape.category_id]], pose="Unspecified", truncated=0, difficult=0)
        _add(ET.SubElement(entry, "bndbox"), **dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)))
    ET.indent(root, "\t")
    return ET.tostring(root, encoding="unicode") + "\n"


def pixel_box(box_xywh: tuple[float, float, float, float], native: Size) -> tuple[int, int, int, int] | None:
    """Return the first and last column and row that a box touches, counted from 1: xmin, ymin, xmax, ymax.

    Args:
        box_xywh: left, top, width, height in pixels.
        native: the image's own size.

    Returns:
        None where nothing of the box is in the image, or it is missing.
    """
    left, top, width, height = box_xywh
    if not (width > 0 and height > 0 and all(map(math.isfinite, box_xywh))):
        return None
    xmin, xmax = _touched(left, width, native.width)
    ymin, ymax = _touched(top, height, native.height)
    return (xmin, ymin, xmax, ymax) if xmin <= xmax and ymin <= ymax else None


def _touched(start: float, length: float, limit: int) -> tuple[int, int]:
    """Return the first and last pixel of a span; sums are rounded, so that 0.1 + 0.2 ends where 0.3 does."""
    return max(math.floor(round(start, 6)) + 1, 1), math.ceil(round(min(start + length, limit), 6))


def _add(parent: ET.Element, **texts: str | int) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = NOT_IN_XML.sub("\ufffd", str(text))
