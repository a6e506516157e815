"""Which pixels of its box does an object cover?

The viewer stretches a mask over the object's box, so it is drawn in the box's own coordinates. Annotation files
are not trusted here: pycocotools takes gigabytes for a NaN polygon and returns stray memory for a short RLE, so
both are checked first. An object whose segmentation cannot be drawn keeps its box.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask

Box = tuple[float, float, float, float]
Mask = npt.NDArray[np.bool_]


def clipped_box(box_xywh: Box, width: int, height: int) -> Box | None:
    """Return the part of the box inside the image, or None if it is empty or not finite."""
    x, y, w, h = box_xywh
    if not all(map(math.isfinite, box_xywh)):
        return None
    left, top, right, bottom = max(x, 0.0), max(y, 0.0), min(x + w, float(width)), min(y + h, float(height))
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def mask_in_box(
    segmentation: list[list[float]] | dict[str, Any] | None, box_xywh: Box, *, width: int, height: int
) -> Mask | None:
    """Return the object's mask cropped to a box inside the image: (rows, columns), or None if it cannot be drawn."""
    if isinstance(segmentation, dict):
        return _rle_in_box(segmentation, box_xywh, width, height)
    far_px = 4.0 * max(width, height)
    drawable = [polygon for polygon in segmentation or [] if _is_drawable(polygon, far_px)]
    return _polygons_in_box(drawable, box_xywh) if drawable else None


def _is_drawable(polygon: Sequence[float], far_px: float) -> bool:
    return len(polygon) >= 6 and len(polygon) % 2 == 0 and all(-far_px <= value <= far_px for value in polygon)


def _polygons_in_box(polygons: list[list[float]], box_xywh: Box) -> Mask:
    x, y, w, h = box_xywh
    columns, rows = max(1, round(w)), max(1, round(h))
    local = [(np.reshape(polygon, (-1, 2)) - (x, y)) * (columns / w, rows / h) for polygon in polygons]  # (points, 2)
    encodings = coco_mask.frPyObjects([points.ravel().tolist() for points in local], rows, columns)
    return np.asarray(coco_mask.decode(coco_mask.merge(encodings)), dtype=bool)  # (rows, columns)


def _rle_in_box(rle: dict[str, Any], box_xywh: Box, width: int, height: int) -> Mask | None:
    counts = rle.get("counts")
    runs = counts if isinstance(counts, list) else _runs(counts)
    if list(rle.get("size", ())) != [height, width] or not _fills(runs, width * height):
        return None
    values = np.arange(len(runs)) % 2 == 1
    full: Mask = np.repeat(values, np.asarray(runs, dtype=np.int64)).reshape(width, height).T  # (height, width)
    x, y, w, h = box_xywh
    rows, columns = slice(math.floor(y), math.ceil(y + h)), slice(math.floor(x), math.ceil(x + w))
    return np.ascontiguousarray(full[rows, columns])


def _fills(runs: list[Any], pixel_count: int) -> bool:
    return all(isinstance(run, int) and run >= 0 for run in runs) and sum(runs) == pixel_count


def _runs(counts: Any) -> list[int]:
    """Return the run lengths of a compressed RLE; a string cut short or of other characters gives [].

    Source: COCO's maskApi.c: little-endian groups of five bits plus 48, bit 6 says that more follow, bit 5 of the
    last is the sign; from the fourth number on, the difference to the number two before.
    """
    text = counts.encode("latin-1", "replace") if isinstance(counts, str) else counts
    runs: list[int] = []
    value = shift = 0
    for code in text if isinstance(text, bytes) else b"":
        group = code - 48
        if not 0 <= group < 64:
            return []
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        signed = value - (1 << shift) if group & 16 else value
        runs.append(signed + runs[-2] if len(runs) > 2 else signed)
        value = shift = 0
    return runs if shift == 0 else []
