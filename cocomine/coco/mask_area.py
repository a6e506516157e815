"""Which of several objects is the larger one, whatever the file says about their areas?

Smaller objects are painted over larger ones, so a wrong `area` hides objects: files are found in the wild where it is
0, the area of the box or of the image, or left over from another resolution. The written area counts where it can be
right: where it is within a factor of two of what the outline encloses. Otherwise the pixels of the mask are counted.

Source: https://cocodataset.org/#format-data (area is that of the segmentation)
"""

from collections.abc import Sequence

import numpy as np
from pycocotools import mask as coco_mask

from cocomine.coco.arrays import Bools, Floats
from cocomine.coco.masks import Segmentation, Shape, polygons_code, polygons_of, runs_of
from cocomine.coco.polygons import drawn_polygons
from cocomine.coco.size import Size

FAR = 2.0
"""A written area so many times too large or too small is not taken."""


def areas_px(shapes: Sequence[Shape], natives: Sequence[Size]) -> list[float]:
    """Return the area of each shape: as written where that can be right, else that of its mask.

    One without a mask keeps what is written, and so does a crowd region, which no object lies under; what nobody knows
    is infinite.

    Args:
        natives: the own size of the image of each.
    """
    enclosed, has_mask = enclosed_px([shape.segmentation for shape in shapes])
    written = np.array([shape.area_px for shape in shapes], dtype=np.float64)
    is_taken = ~has_mask | np.array([shape.is_crowd for shape in shapes], dtype=bool)
    areas = np.where(is_taken & np.isnan(written), np.inf, written)
    for place in np.flatnonzero(~is_taken & ~are_plausible(written, enclosed)).tolist():
        if natives[place].is_drawable:
            areas[place] = _mask_px(shapes[place].segmentation, natives[place])
        else:
            areas[place] = enclosed[place]
    found: list[float] = areas.tolist()
    return found


def are_plausible(written: Floats, enclosed: Floats) -> Bools:
    """Return which written areas of masks can be right, by what their outlines enclose, (n,)."""
    return np.asarray((written > 0) & (enclosed / FAR <= written) & (written <= enclosed * FAR))


def enclosed_px(segmentations: Sequence[Segmentation]) -> tuple[Floats, Bools]:
    """Return what polygons enclose by the shoelace formula, overlaps counted twice, or what run-length codes hold.

    Returns:
        The areas, (n,), and which segmentations are either of the two, (n,).
    """
    polygons, count = drawn_polygons(segmentations), len(segmentations)
    enclosed = np.bincount(polygons.owners, weights=polygons.enclosed_px(), minlength=count).astype(np.float64)
    has_mask = np.bincount(polygons.owners, minlength=count) > 0
    for place, segmentation in enumerate(segmentations):
        if isinstance(segmentation, dict):
            enclosed[place], has_mask[place] = _held_px(segmentation), True
    return enclosed, has_mask


def _held_px(code: dict[str, object]) -> float:
    return float(sum(runs_of(code.get("counts"))[1::2]))


def _mask_px(segmentation: Segmentation, native: Size) -> float:
    """Return the pixels of a mask inside the image, without drawing it."""
    if isinstance(segmentation, dict):
        return _held_px(segmentation)
    return float(coco_mask.area(polygons_code(polygons_of(segmentation), native)))
