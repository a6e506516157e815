"""How is an image annotated in Pascal VOC?

One XML file per image with a box for each object, in whole pixels that count from 1, both ends belonging to the box:
every pixel that COCO's box touches; an object without one has that of its outline. Boxes are clipped to the image;
boxes of which nothing is left have no entry, nor have crowd regions and ignored classes. The masks are in files of
their own (`voc_masks`); where an image has none of them, `segmented` is 0.

Source: M. Everingham and J. Winn, The PASCAL Visual Object Classes Challenge
2012 Development Kit (the top left pixel is (1, 1); readers take 1 off)
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

import numpy as np

from cocomine.coco.masks import Shape
from cocomine.coco.size import Size
from cocomine.exporting.formats.yolo_outlines import outline_of
from cocomine.labels.table import LabelTable

PixelBox = tuple[int, int, int, int]
BoxXywh = tuple[float, float, float, float]
MOST_OBJECTS = 254
"""That have a number in a mask of objects."""
LOSSES = {
    "nothing": "left out, with no box in the image",
    "no_mask": "without a mask, so a box alone",
    "no_number": f"beyond the {MOST_OBJECTS} of an image that its mask can number, void in it",
    "crowd": "left out as crowd regions, void in the masks",
    "ignored": "left out, as they are ignored, void in the masks",
    "bare": "left out as crowd regions or ignored, without a mask, so background in the masks",
    "image_without_masks": "of the images too large, or with too many classes, for masks",
}
"""What is not as in the annotations, in words."""
NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that no XML file may hold, not even escaped."""
LINE_BREAK = {"\r": "&#13;"}
"""Which readers take for a line feed where it is not escaped."""

HEAD = """\
<annotation>
	<folder>{folder}</folder>
	<filename>{name}</filename>
	<source>
		<database>mined by CocoMine, see ATTRIBUTION.csv</database>
	</source>
	<size>
		<width>{width}</width>
		<height>{height}</height>
		<depth>3</depth>
	</size>
	<segmented>{segmented}</segmented>
"""
OBJECT = """\
	<object>
		<name>{name}</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>{xmin}</xmin>
			<ymin>{ymin}</ymin>
			<xmax>{xmax}</xmax>
			<ymax>{ymax}</ymax>
		</bndbox>
	</object>
"""


def voc_objects(shapes: Iterable[Shape], table: LabelTable, native: Size) -> list[tuple[Shape, PixelBox]]:
    """Return the objects of an image that have an entry, in its order, with their boxes."""
    classes = table.class_index_of_category
    objects = [shape for shape in shapes if not (shape.is_crowd or shape.is_ignored) and shape.category_id in classes]
    boxes = [(shape, pixel_box(_box_of(shape, native), native)) for shape in objects]
    return [(shape, box) for shape, box in boxes if box is not None]


def voc_tally(
    shapes: Iterable[Shape], objects: Sequence[tuple[Shape, PixelBox]], table: LabelTable, *, has_masks: bool
) -> Counter[str]:
    """Return how many of an image's annotations are in its files, and why others are not, by `LOSSES`."""
    tally, classes = Counter[str](), table.class_index_of_category
    entries = {shape.annotation_id for shape, _ in objects}
    for shape in shapes:
        if shape.annotation_id in entries:
            tally["entry"] += 1
            tally["no_mask"] += not shape.has_mask
        elif shape.is_crowd or shape.is_ignored or shape.category_id not in classes:
            why = "crowd" if shape.is_crowd else "ignored"
            tally[why if shape.has_mask else "bare"] += 1
        else:
            tally["nothing"] += 1
    tally["no_number"] = max(len(objects) - MOST_OBJECTS, 0) if has_masks else 0
    tally["image_without_masks"] = int(not has_masks)
    return +tally


def voc_losses_sentence(tally: Mapping[str, int]) -> str:
    """Return which objects are not in Pascal VOC's files as in the annotations; empty where all are."""
    parts = [f"{tally[why]:,} {words}" for why, words in LOSSES.items() if tally.get(why)]
    return f"Pascal VOC, objects: {'; '.join(parts)}." if parts else ""


def voc_annotation(
    objects: Iterable[tuple[Shape, PixelBox]], table: LabelTable, *, image_path: str, native: Size, has_masks: bool
) -> str:
    """Return the XML of one image.

    Args:
        objects: see `voc_objects`.
        image_path: in the export, folder and name.
        native: the image's own size, in which the boxes are given.
        has_masks: there are files with the masks of its objects.
    """
    names, classes = [_text(each) for each in voc_class_names(table)], table.class_index_of_category
    folder, _, name = image_path.rpartition("/")
    head = HEAD.format(
        folder=_text(folder),
        name=_text(name),
        width=native.width,
        height=native.height,
        segmented=int(has_masks),
    )
    entries = [
        OBJECT.format(name=names[classes[shape.category_id]], xmin=xmin, ymin=ymin, xmax=xmax, ymax=ymax)
        for shape, (xmin, ymin, xmax, ymax) in objects
    ]
    return "".join([head, *entries, "</annotation>\n"])


def voc_class_names(table: LabelTable) -> list[str]:
    """Return what the classes are called, in the order of their labels: an XML file cannot hold every character."""
    return [_in_xml(label.name) for label in table.labels[1:]]


def pixel_box(box_xywh: BoxXywh, native: Size) -> PixelBox | None:
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


def _box_of(shape: Shape, native: Size) -> BoxXywh:
    """Return an object's box; where it has none, that of its outline, as YOLO's boxes are."""
    if shape.box_xywh[2] > 0 and shape.box_xywh[3] > 0:
        return shape.box_xywh
    corners, _ = outline_of(shape, native=native)
    if not len(corners):
        return shape.box_xywh
    (left, top), (width, height) = corners.min(axis=0).tolist(), np.ptp(corners, axis=0).tolist()
    return left, top, width, height


def _touched(start: float, length: float, limit: int) -> tuple[int, int]:
    """Return the first and last pixel of a span; sums are rounded, so that 0.1 + 0.2 ends where 0.3 does."""
    return max(math.floor(round(start, 6)) + 1, 1), math.ceil(round(min(start + length, limit), 6))


def _text(text: str) -> str:
    return escape(_in_xml(text), LINE_BREAK)


def _in_xml(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)
