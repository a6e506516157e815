"""Which lines does a browser draw for the objects of an image?

A browser fills and strokes paths by itself, so that classes can be shown, hidden and told apart there without
asking again. Polygons become paths as they are; a run-length code becomes the border of its mask. Coordinates are
whole numbers in an image whose longer side is `UNITS` long: fine enough for a large screen, and short to send.

Source: https://www.w3.org/TR/SVG2/paths.html (path data)
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import DatasetImage
from cocomine.coco.masks import Segmentation, Shape, native_mask, polygons_of, sampled
from cocomine.coco.paint_order import largest_first
from cocomine.coco.size import Size

UNITS = 1024
LONGEST_TRACED_PX = 512
"""Longer side of the mask whose border is followed, where there is no polygon."""
FARTHEST = 4 * UNITS
"""Lines that run further out of the image are cut there; no one sees the difference."""

Points = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One object as it is drawn.

    Attributes:
        area_px: as in `Shape`, None where unknown.
        box: left, top, width and height in units; None where the file gives none that can be drawn.
        path: of its mask, as SVG path data; empty where it has none.
    """

    annotation_id: int
    category_index: int
    is_crowd: bool
    area_px: float | None
    box: tuple[int, int, int, int] | None
    path: str

    def as_json(self) -> str:
        """Return the outline as a list in the order of its fields."""
        fields = [self.annotation_id, self.category_index, int(self.is_crowd), self.area_px, self.box, self.path]
        return json.dumps(fields, separators=(",", ":"))


def outlines_of_image(image: DatasetImage) -> list[Outline]:
    """Return the objects of one image, larger ones first, so that each lies over what is larger."""
    return [_outline(shape, image.size) for shape in largest_first(image.shapes(), image.size)]


def size_in_units(native: Size) -> Size:
    """Return the size, in units, of an image of so many pixels."""
    scale = _scale(native)
    return Size(max(round(native.height * scale), 1), max(round(native.width * scale), 1))


def path_of(segmentation: Segmentation, native: Size) -> str:
    """Return a mask as SVG path data in units; empty where there is nothing to draw.

    Args:
        segmentation: polygons or a run-length code of either kind.
        native: the image's own size, in which it is given.
    """
    if not isinstance(segmentation, dict):
        polygons = (np.reshape(np.asarray(polygon, dtype=float), (-1, 2)) for polygon in polygons_of(segmentation))
        return _path(polygons, _scale(native))
    if not native.is_drawable:
        return ""
    mask = native_mask(segmentation, native)
    size = native.reduced(LONGEST_TRACED_PX)
    return _path(borders(sampled(mask, size)), _scale(native) * native.width / size.width)


def borders(mask: Bools) -> list[Points]:
    """Return closed lines along the pixels' sides around a mask, (n, 2) corners as x and y each.

    What is inside lies to the right of each line, so holes run the other way round: filled by either of SVG's rules the
    lines cover exactly the mask.
    """
    follows: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for start, end in _sides(mask):
        follows.setdefault(start, []).append(end)
    lines = []
    while follows:
        start = at = next(iter(follows))
        line = []
        while True:
            line.append(at)
            ends = follows[at]
            onward = ends.pop()
            if not ends:
                del follows[at]
            at = onward
            if at == start:
                break
        lines.append(np.array(line, dtype=np.int64))
    return lines


def _sides(mask: Bools) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the straight pieces of a mask's border as two corners each, the mask to their right."""
    padded = np.pad(mask, 1)
    for row, left, right in _runs(padded[1:, 1:-1] & ~padded[:-1, 1:-1]):
        yield (left, row), (right, row)
    for row, left, right in _runs(padded[:-1, 1:-1] & ~padded[1:, 1:-1]):
        yield (right, row), (left, row)
    for column, top, bottom in _runs((padded[1:-1, 1:] & ~padded[1:-1, :-1]).T):
        yield (column, bottom), (column, top)
    for column, top, bottom in _runs((padded[1:-1, :-1] & ~padded[1:-1, 1:]).T):
        yield (column, top), (column, bottom)


def _runs(lines: Bools) -> Iterator[tuple[int, int, int]]:
    """Yield line, first position and position after the last one of each run."""
    changes = np.diff(np.pad(lines, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    at, starts = np.nonzero(changes == 1)
    ends = np.nonzero(changes == -1)[1]
    yield from zip(at.tolist(), starts.tolist(), ends.tolist(), strict=True)


def _outline(shape: Shape, native: Size) -> Outline:
    return Outline(
        annotation_id=shape.annotation_id,
        category_index=shape.category_index,
        is_crowd=shape.is_crowd,
        area_px=round(shape.area_px, 1) if math.isfinite(shape.area_px) else None,
        box=_box(shape, _scale(native)),
        path=path_of(shape.segmentation, native),
    )


def _box(shape: Shape, scale: float) -> tuple[int, int, int, int] | None:
    left, top, width, height = shape.box_xywh
    if not all(map(math.isfinite, shape.box_xywh)) or width <= 0 or height <= 0:
        return None
    corners = [round(min(max(each * scale, -FARTHEST), FARTHEST)) for each in (left, top, left + width, top + height)]
    return corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]


def _scale(native: Size) -> float:
    return UNITS / max(native)


def _path(lines: Iterable[NDArray[np.floating] | Points], scale: float) -> str:
    parts = []
    for line in lines:
        with np.errstate(over="ignore"):  # a coordinate may be absurdly large
            points = np.rint(np.clip(line * scale, -FARTHEST, FARTHEST)).astype(np.int64)
        steps = np.diff(points, axis=0)
        steps = steps[steps.any(axis=1)]
        if len(steps):
            start = f"M{points[0, 0]} {points[0, 1]}"
            parts.append(f"{start}l{' '.join(map(str, steps.ravel().tolist()))}z")
    return "".join(parts)
