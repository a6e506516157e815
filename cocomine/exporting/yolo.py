"""How do networks of the YOLO family read the objects?

One text file per image, one line per object: the class index, then its outline
as x y x y ... in shares of the image's width and height. Class indices count
from 0 in the order of the label maps' values, which start at 1. Three rules:

* An object in several parts is one line, or it would be counted several times.
  Its parts become one ring; each is entered and left over the same bridge
  between its point nearest to the ring and the ring, which covers no area.
* An object without a polygon (a run-length code, a box alone) is the outline of
  its box, four corners. A box as x y width height would be read as two points
  of an outline as soon as another line of the file has one.
* Crowd regions and ignored classes have no line: the format knows neither.

YOLO looks for `labels/<split>/<name>.txt` where the picture is in
`images/<split>/`, whatever the data file says, so that is where they are.

Source: https://docs.ultralytics.com/datasets/segment/; `img2label_paths`,
`verify_image_label` and `check_det_dataset` in ultralytics/data/utils.py
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import yaml
from scipy.spatial import KDTree

from cocomine.coco.dataset import Floats
from cocomine.coco.segmentation import Shape, polygons_of
from cocomine.coco.split_role import SplitRole
from cocomine.labels.label_table import BACKGROUND_LABEL, IGNORED_LABEL, LabelTable

HEAD = """\
# For Ultralytics YOLO: yolo segment train data=yolo/data.yaml
# The outlines are in ../labels, one text file per image. An object in several parts is one outline, its parts joined
# by lines; one without a polygon is the outline of its box. Crowd regions and ignored classes are left out.
"""


def yolo_labels(shapes: Iterable[Shape], table: LabelTable, *, native: tuple[int, int]) -> str:
    """Return the lines of one image.

    Args:
        shapes: its annotations.
        table: which category has which mask value.
        native: the image's own (height, width), in which the shapes are given.
    """
    size = np.array(native[::-1])
    lines = []
    for shape in shapes:
        label = table.label_of_category.get(shape.category_id, IGNORED_LABEL)
        if label == IGNORED_LABEL or shape.is_crowd:
            continue
        outline = _outline(shape, size)
        if len(outline) and np.ptp(outline, axis=0).all():
            shares = (outline / size).ravel().tolist()
            lines.append(" ".join([str(label - 1), *(f"{share:.6g}" for share in shares)]) + "\n")
    return "".join(lines)


def yolo_data(roles: Mapping[str, SplitRole | None], table: LabelTable) -> str:
    """Return `data.yaml`: where the pictures of each use are, from its own folder, and the names by class index.

    Args:
        roles: what each split is for; one without a role is named under no use.
        table: which category has which mask value.
    """
    uses = {str(use): [f"../images/{split}" for split, role in roles.items() if role is use] for use in SplitRole}
    names = {label.label - 1: label.name for label in table.labels if label.label != BACKGROUND_LABEL}
    value = {use: places for use, places in uses.items() if places} | {"names": names}
    return HEAD + yaml.safe_dump(value, sort_keys=False, width=100)


def joined_ring(parts: Sequence[Floats]) -> Floats:
    """Return closed lines, each (n, 2), as a single one that covers what they cover."""
    ring, *others = parts
    for part in others:
        distances, nearest = KDTree(ring).query(part)
        there = int(distances.argmin())
        here = int(nearest[there])
        ring = np.concatenate((ring[: here + 1], part[there:], part[: there + 1], ring[here:]))
    return ring


def _outline(shape: Shape, size: Floats) -> Floats:
    """Return the points around an object, (n, 2), inside the image; none where it has neither polygon nor box."""
    polygons = [np.clip(np.reshape(polygon, (-1, 2)), 0, size) for polygon in polygons_of(shape.segmentation)]
    if polygons:
        return joined_ring(polygons)
    left, top, width, height = shape.box_xywh
    if not (width > 0 and height > 0):
        return np.empty((0, 2))
    right, bottom = left + width, top + height
    return np.clip([(left, top), (right, top), (right, bottom), (left, bottom)], 0, size)
