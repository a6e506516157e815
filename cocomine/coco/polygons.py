"""What are the polygons of many annotations, as numbers that follow each other?

One array for all polygons of an image takes a tenth of what one for each takes.

Source: https://cocodataset.org/#format-data (segmentation: polygon or RLE)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.masks import LARGEST_COORDINATE_PX, LARGEST_OUTLINE_PX, Segmentation, polygons_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polygons:
    """The polygons of some annotations that are drawn: absurdly large ones are not.

    Attributes:
        points: x, y of their corners in pixels, one polygon after another, (n, 2).
        bounds: where in the points each polygon begins, and the end, (p + 1,).
        owners: the position of the annotation that each belongs to, not falling, (p,).
    """

    points: Floats
    bounds: Ints
    owners: Ints

    def parts(self) -> list[Floats]:
        """Return each polygon as x0, y0, x1, y1, ..., as pycocotools takes it."""
        numbers = self.points.ravel()
        return [numbers[start:stop] for start, stop in pairwise((2 * self.bounds).tolist())]

    def enclosed_px(self) -> Floats:
        """Return what each polygon encloses by the shoelace formula, (p,)."""
        (x, y), (next_x, next_y) = self.points.T, self._next_corners().T
        return np.asarray(np.abs(np.add.reduceat(x * next_y - y * next_x, self.bounds[:-1])) / 2)

    def _next_corners(self) -> Floats:
        """Return the corner behind each, (n, 2); behind the last one is the first."""
        following = np.roll(self.points, -1, axis=0)
        following[self.bounds[1:] - 1] = self.points[self.bounds[:-1]]
        return following

    def small_ones(self) -> "Polygons":
        """Return those that pycocotools can walk along; looked at closely only where one might be too long."""
        counts = np.diff(self.bounds)
        farthest = np.maximum.reduceat(np.abs(self.points).max(axis=1), self.bounds[:-1])
        are_near = farthest <= LARGEST_COORDINATE_PX
        if not are_near.all():  # before anything is computed with numbers that overflow
            near = self._only(are_near)
            return near.small_ones() if are_near.any() else near
        if (farthest * 2 * counts <= LARGEST_OUTLINE_PX).all():
            return self
        steps = np.abs(self.points - self._next_corners()).max(axis=1)
        return self._only(np.add.reduceat(steps, self.bounds[:-1]) <= LARGEST_OUTLINE_PX)

    def _only(self, are_kept: Bools) -> "Polygons":
        counts = np.diff(self.bounds)
        return Polygons(
            points=self.points[np.repeat(are_kept, counts)],
            bounds=np.append(0, np.cumsum(counts[are_kept])),
            owners=self.owners[are_kept],
        )


def drawn_polygons(segmentations: Sequence[Segmentation], *, scales_xy: Floats | None = None) -> Polygons:
    """Return the polygons of annotations; run-length codes have none.

    Args:
        scales_xy: by which those of each annotation are made larger, (m, 2); None leaves them as they are.
    """
    each = [(owner, polygon) for owner, found in enumerate(segmentations) for polygon in polygons_of(found)]
    counts = np.array([len(polygon) // 2 for _, polygon in each], dtype=np.int64)
    owners = np.array([owner for owner, _ in each], dtype=np.int64)
    bounds = np.append(0, np.cumsum(counts))
    numbers = np.fromiter(chain.from_iterable([polygon for _, polygon in each]), dtype=np.float64, count=2 * bounds[-1])
    points = numbers.reshape(-1, 2)
    if scales_xy is not None:
        with np.errstate(over="ignore"):  # a corner may be absurdly far
            points *= np.repeat(scales_xy[owners], counts, axis=0)
    found = Polygons(points=points, bounds=bounds, owners=owners)
    return found.small_ones() if each else found
