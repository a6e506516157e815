"""What is odd about the outlines of objects?

Columns hold no points, so records are read again: all of a small split, and of a large one as many as are always
affordable, spread evenly; a finding then says of how many. Crowd regions are left alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from pycocotools import mask as coco_mask

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Split
from cocomine.coco.findings import Finding, finding
from cocomine.coco.integrity.boxes import TOLERANCE_PX
from cocomine.coco.mask_area import are_plausible, enclosed_px
from cocomine.coco.masks import Shape, drawable_polygons
from cocomine.coco.size import Size

SAMPLED_OBJECTS = 1000
LEAST_SHARED = 0.01
"""Of the pixels of an object: parts that were drawn side by side share some on their border."""
CODES = ("empty_mask", "polygon_beyond_image", "area_unlike_mask", "parts_overlap")


def shape_findings(split: Split) -> list[Finding]:
    """Return what is odd about the outlines of a split's objects, or of some of them."""
    columns = split.annotations
    drawn = np.flatnonzero(columns.has_mask() & ~columns.is_crowd)
    spread = np.linspace(0, len(drawn) - 1, min(SAMPLED_OBJECTS, len(drawn)), dtype=np.int64)
    looked_at = drawn[spread]
    cases: dict[str, list[int]] = {code: [] for code in CODES}
    shapes = split.shapes_at(looked_at)
    enclosed, _ = enclosed_px([shape.segmentation for shape in shapes])
    is_plausible = are_plausible(columns.areas_px[looked_at], enclosed)
    rows = zip(looked_at.tolist(), shapes, enclosed.tolist(), is_plausible.tolist(), strict=True)
    for index, shape, enclosed_by_it, has_plausible_area in rows:
        native = split.images.size_at(columns.image_index[index])
        for code in _codes(shape, native, enclosed_by_it, has_plausible_area=has_plausible_area):
            cases[code].append(index)
    scope = "" if len(looked_at) == len(drawn) else f"of the {len(looked_at):,} objects looked at, of {len(drawn):,}"
    return [_found(code, split, np.array(index, dtype=np.int64), scope) for code, index in cases.items() if index]


def _found(code: str, split: Split, annotation_index: Ints, scope: str) -> Finding:
    columns = split.annotations
    images = split.images.ids[columns.image_index[annotation_index]]
    (found,) = finding(code, split.name, columns.ids[annotation_index], images=images)
    return replace(found, message=f"{found.message} Found in {found.count:,} {scope}.") if scope else found


def _codes(shape: Shape, native: Size, enclosed: float, *, has_plausible_area: bool) -> Iterator[str]:
    polygons = drawable_polygons(shape.segmentation)
    if not enclosed and all(map(_is_line, polygons)):
        yield "empty_mask"
        return
    leaves = any(_leaves(polygon, native) for polygon in polygons)
    if leaves and not _leaves(_box_corners(shape), native):
        yield "polygon_beyond_image"  # a box that leaves it as well is told of already
    if (
        not leaves and enclosed and not has_plausible_area and _is_less_than_the_box(shape)
    ):  # an area may be that of what is inside
        yield "area_unlike_mask"
    if len(polygons) > 1 and native.is_drawable:
        parts = coco_mask.frPyObjects(polygons, *native)
        whole = float(coco_mask.area(coco_mask.merge(parts)))
        if coco_mask.area(parts).sum() - whole > LEAST_SHARED * whole:
            yield "parts_overlap"


def _leaves(corners: Sequence[float], native: Size) -> bool:
    """Return whether one of the corners, [x0, y0, x1, y1, ...], is outside the image, by more than tools round."""
    points = np.reshape(corners, (-1, 2))
    return bool(((points < -TOLERANCE_PX) | (points > np.array(native.xy) + TOLERANCE_PX)).any())


def _is_line(polygon: Sequence[float]) -> bool:
    """Return whether all points lie on one line; where they do not, two halves that cross may enclose 0 together."""
    points = np.reshape(polygon, (-1, 2))
    from_first = points - points[0]
    x, y = from_first[np.argmax(np.abs(from_first).sum(axis=1))]
    return not (from_first[:, 0] * y - from_first[:, 1] * x).any()


def _box_corners(shape: Shape) -> tuple[float, ...]:
    left, top, width, height = shape.box_xywh
    return left, top, left + width, top + height


def _is_less_than_the_box(shape: Shape) -> bool:
    """Return whether a written area could be right beside the box; that of the box stands for one that is missing."""
    return 0 < shape.area_px < shape.box_xywh[2] * shape.box_xywh[3]
