"""How does one closed line cover what an object covers?

Formats with one line per object fill it by the even-odd rule, so a line that runs twice around a pixel leaves a hole
there. COCO's parts are a union instead, may reach beyond the image, and a run-length code may have holes. Three steps,
each only where it is needed, so that the corners of a plain polygon stay as they were written:

* What reaches beyond the image is cut at its border, with new corners where edges cross it. A polygon that falls
  into pieces stays one line, which goes from piece to piece along the border and covers no area there.
* Parts that share no pixel become one line; each is entered and left over the same bridge, which covers no area.
* Parts that share pixels and run-length codes are drawn as COCO draws them, and the border of that is followed, a
  quarter of a pixel inside: filled through pixel corners or through pixel centres, the line gives the same pixels.
  It is then simplified as far as COCO's way of drawing gives nearly the same pixels again. So it is where bridges and
  borders, which Ultralytics draws one pixel wide, would cover too much.

Sources: I. E. Sutherland and G. W. Hodgman, Reentrant Polygon Clipping, CACM 17(1), 1974; S. Suzuki and K. Abe,
Topological Structural Analysis of Digitized Binary Images by Border Following, CVGIP 30(1), 1985 (`cv2.findContours`)
"""

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import reduce
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from scipy.spatial import KDTree

from cocomine.coco.arrays import Floats
from cocomine.coco.masks import Mask, Shape, drawable_polygons, native_mask
from cocomine.coco.size import Size

FINENESS = 2
"""A mask is followed at so many times its size."""
SIMPLER_PX = 0.5
"""So far a simplified line may lie from the border that was followed."""
LARGEST_FINE_PX = 1 << 26
"""A larger mask is followed as it is, half a pixel inside."""
LARGEST_DRAWN_PX = 1 << 24
"""Parts that spread further are drawn smaller, as that takes seconds and gigabytes otherwise."""
LEAST_IOU = 0.98
"""With what was followed; a line that was simplified to less is used as it was."""

LEAST_FILLED_IOU = 0.95
"""Of a line that was cut or joined, filled as Ultralytics does, with the mask; one with less is traced instead."""
MOST_AT_ONCE = 64
"""Parts that are joined one after the other."""


class Outlining(StrEnum):
    """How an object became one line, or why it did not."""

    AS_WRITTEN = "as_written"
    """one polygon inside the image"""
    CUT = "cut"
    """at the image border"""
    JOINED = "joined"
    """parts that share no pixel, by lines between them"""
    TRACED = "traced"
    """the border of its mask was followed: it is a run-length code, or one line cannot do justice to its parts"""
    BOX = "box"
    """the outline of its box, as it has no mask"""
    NOTHING = "nothing"
    """no line: neither its mask nor its box covers anything of the image"""
    CROWD = "crowd"
    """no line: a crowd region"""
    IGNORED = "ignored"
    """no line: of a class that is ignored"""


def outline_of(shape: Shape, *, native: Size) -> tuple[Floats, Outlining]:
    """Return the corners of the one line around an object, (n, 2), inside the image, and how it came about.

    Args:
        native: the image's own size, in which the shape is given.
    """
    polygons = [
        np.reshape(np.asarray(polygon, dtype=float), (-1, 2)) for polygon in drawable_polygons(shape.segmentation)
    ]
    if polygons:
        return _around_polygons(polygons, native)
    if isinstance(shape.segmentation, dict) and native.is_drawable:
        mask = native_mask(shape.segmentation, native)
        if mask.any():
            return traced_ring(mask), Outlining.TRACED
    left, top, width, height = shape.box_xywh
    if not (width > 0 and height > 0):
        return np.empty((0, 2)), Outlining.NOTHING
    right, bottom = left + width, top + height
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    return _checked(np.clip(corners, 0, native.xy), Outlining.BOX)


def cut_ring(ring: Floats, size: tuple[float, float]) -> Floats:
    """Return a closed line, (n, 2), cut at the borders of a rectangle from (0, 0) to `size`, (x, y).

    Filled by the even-odd rule, it covers exactly what the line covers inside; () where that is nothing.
    """
    if ring.min() >= 0 and (ring.max(axis=0) <= size).all():
        return ring
    for axis, side, border in ((0, 1, 0.0), (0, -1, size[0]), (1, 1, 0.0), (1, -1, size[1])):
        inward = side * (ring[:, axis] - border)
        is_inside = inward >= 0
        if is_inside.all():
            continue
        onward, next_inward = np.roll(ring, -1, axis=0), np.roll(inward, -1)
        crosses = is_inside != np.roll(is_inside, -1)
        way = np.divide(inward, inward - next_inward, out=np.zeros_like(inward), where=crosses)
        crossings = ring + way[:, None] * (onward - ring)
        crossings[:, axis] = border
        corners = np.stack((ring, crossings), axis=1)  # (n, 2, 2): each corner, then where its edge crosses the border
        ring = corners[np.stack((is_inside, crosses), axis=1)]
    return ring


def joined_ring(parts: Sequence[Floats]) -> Floats:
    """Return closed lines, each (n, 2), as a single one that covers what they cover, where they do not overlap.

    Each part is bridged to what was joined before, at its nearest corner. Where there are very many, groups are joined
    first and then these: a mask of ten thousand specks takes seconds so, and would take minutes.
    """
    while len(parts) > 1:
        groups = (parts[start : start + MOST_AT_ONCE] for start in range(0, len(parts), MOST_AT_ONCE))
        parts = [reduce(_bridged, group) for group in groups]
    return parts[0]


def traced_ring(mask: Mask) -> Floats:
    """Return one closed line, (n, 2), that covers a mask with all its parts and holes; it has at least one pixel."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    inner = np.ascontiguousarray(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    fineness = FINENESS if inner.size <= LARGEST_FINE_PX else 1
    fine = inner.view(np.uint8)
    if fineness > 1:
        fine = fine.repeat(fineness, axis=0).repeat(fineness, axis=1)
    lines, _ = cv2.findContours(fine, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    simpler = (cv2.approxPolyDP(line, SIMPLER_PX * fineness, closed=True) for line in lines)
    ring = _in_pixels(simpler, fineness)
    if _iou(_as_coco(ring, inner), inner) < LEAST_IOU:
        ring = _in_pixels(lines, fineness)
    return np.asarray(ring + np.array([columns[0], rows[0]]))


def _bridged(ring: Floats, part: Floats) -> Floats:
    """Return two closed lines as one, over a bridge between their nearest corners."""
    distances, nearest = KDTree(ring).query(part)
    there = int(distances.argmin())
    here = int(nearest[there])
    return np.concatenate((ring[: here + 1], part[there:], part[: there + 1], ring[here:]))


def _in_pixels(lines: Iterable[NDArray[Any]], fineness: int) -> Floats:
    """Return lines through the centres of fine pixels, (n, 1, 2) each, as one in pixels, (n, 2)."""
    return joined_ring([(line.reshape(-1, 2) + 0.5) / fineness for line in lines])


def _as_coco(ring: Floats, mask: Mask) -> Mask:
    """Return what a line covers in COCO's way of drawing, through the corners of pixels, at a mask's size."""
    if len(ring) < 3:
        return np.zeros_like(mask)
    (code,) = coco_mask.frPyObjects([ring.ravel().tolist()], *mask.shape)
    return np.asarray(coco_mask.decode(code)).view(bool)


def _as_filled(ring: Floats, mask: Mask) -> Mask:
    """Return what a line covers as Ultralytics fills it, through the centres of pixels, at a mask's size."""
    filled = np.zeros(mask.shape, dtype=np.uint8)
    cv2.fillPoly(filled, [ring.astype(np.int32)], [1])
    return filled.view(bool)


def _iou(first: Mask, second: Mask) -> float:
    return float(np.count_nonzero(first & second) / np.count_nonzero(first | second))


def _around_polygons(polygons: Sequence[Floats], native: Size) -> tuple[Floats, Outlining]:
    cut = [cut_ring(polygon, native.xy) for polygon in polygons]
    parts = [part for part in cut if len(part) > 2]
    if len(polygons) == 1 and cut[0] is polygons[0]:
        return _checked(cut[0], Outlining.AS_WRITTEN)
    if not parts:
        return np.empty((0, 2)), Outlining.NOTHING
    ring, how = joined_ring(parts), Outlining.CUT if len(parts) == 1 else Outlining.JOINED
    first = np.floor(ring.min(axis=0))
    last = np.minimum(np.ceil(ring.max(axis=0)) + 1, native.xy)  # with what is filled beyond the corners
    width, height = (last - first).astype(int).tolist()
    shrunk = max(1.0, (width * height / LARGEST_DRAWN_PX) ** 0.5)
    size = math.ceil(height / shrunk), math.ceil(width / shrunk)
    codes = coco_mask.frPyObjects([((part - first) / shrunk).ravel().tolist() for part in parts], *size)
    union = coco_mask.merge(codes)
    mask = np.asarray(coco_mask.decode(union)).view(bool)
    shares_pixels = coco_mask.area(codes).sum() > coco_mask.area(union)
    if mask.any() and (shares_pixels or _iou(_as_filled((ring - first) / shrunk, mask), mask) < LEAST_FILLED_IOU):
        return np.minimum(traced_ring(mask) * shrunk + first, native.xy), Outlining.TRACED
    return _checked(ring, how)


def _checked(ring: Floats, how: Outlining) -> tuple[Floats, Outlining]:
    """Return a line, or none where it covers nothing."""
    return (ring, how) if np.ptp(ring, axis=0).all() else (np.empty((0, 2)), Outlining.NOTHING)
