"""Which pixels of its box does an object cover?

The viewer stretches a mask over the object's box, so it is drawn in the box's own coordinates. An object whose
segmentation cannot be drawn keeps its box.
"""

import math
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from cocomine.coco.masks import Mask, drawable_polygons, native_mask
from cocomine.coco.size import Size

Box = tuple[float, float, float, float]


def clipped_box(box_xywh: Box, native: Size) -> Box | None:
    """Return the part of the box inside the image, or None if it is empty or not finite."""
    x, y, w, h = box_xywh
    if not all(map(math.isfinite, box_xywh)):
        return None
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + w, float(native.width)), min(y + h, float(native.height))
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def mask_in_box(segmentation: list[list[float]] | dict[str, Any] | None, box_xywh: Box, *, native: Size) -> Mask | None:
    """Return the object's mask cropped to a box inside the image: (rows, columns), or None if it cannot be drawn."""
    if isinstance(segmentation, dict):
        return _rle_in_box(segmentation, box_xywh, native)
    polygons = [polygon for polygon in drawable_polygons(segmentation) if all(map(math.isfinite, polygon))]
    return _polygons_in_box(polygons, box_xywh) if polygons else None


def _polygons_in_box(polygons: list[list[float]], box_xywh: Box) -> Mask:
    x, y, w, h = box_xywh
    columns, rows = max(1, round(w)), max(1, round(h))
    local = [(np.reshape(polygon, (-1, 2)) - (x, y)) * (columns / w, rows / h) for polygon in polygons]  # (points, 2)
    encodings = coco_mask.frPyObjects([points.ravel().tolist() for points in local], rows, columns)
    return np.asarray(coco_mask.decode(coco_mask.merge(encodings)), dtype=bool)  # (rows, columns)


def _rle_in_box(rle: dict[str, Any], box_xywh: Box, native: Size) -> Mask | None:
    counts = rle.get("counts")
    text = counts.decode("latin-1") if isinstance(counts, bytes) else counts
    if not counts or not native.is_drawable:
        return None
    full = native_mask({**rle, "counts": text}, native)
    x, y, w, h = box_xywh
    rows, columns = slice(math.floor(y), math.ceil(y + h)), slice(math.floor(x), math.ceil(x + w))
    return np.ascontiguousarray(full[rows, columns]) if full.any() else None
