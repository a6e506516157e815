"""Which of several objects is the larger one, whatever the file says about their areas?

Smaller objects are painted over larger ones, so a wrong `area` hides objects: files are found in the wild where it is
0, the area of the box or of the image, or left over from another resolution. The written area counts where it can be
right: where it is within a factor of two of what the outline encloses. Otherwise the pixels of the mask are counted.

Source: https://cocodataset.org/#format-data (area is that of the segmentation)
"""

import numpy as np
from pycocotools import mask as coco_mask

from cocomine.coco.masks import Segmentation, Shape, drawable_polygons, runs_of
from cocomine.coco.size import Size

FAR = 2.0
"""A written area so many times too large or too small is not taken."""


def area_px(shape: Shape, native: Size) -> float:
    """Return the area of a shape: as written where that can be right, else that of its mask.

    One without a mask keeps what is written, and so does a crowd region, which no object lies under; what nobody knows
    is infinite.
    """
    if shape.is_crowd or not (isinstance(shape.segmentation, dict) or drawable_polygons(shape.segmentation)):
        return np.inf if np.isnan(shape.area_px) else shape.area_px
    if has_plausible_area(shape):
        return shape.area_px
    return _mask_px(shape.segmentation, native) if native.is_drawable else enclosed_px(shape.segmentation)


def has_plausible_area(shape: Shape) -> bool:
    """Return whether the written area of a shape with a mask can be right, by what its outline encloses."""
    rough = enclosed_px(shape.segmentation)
    return shape.area_px > 0 and rough / FAR <= shape.area_px <= rough * FAR


def enclosed_px(segmentation: Segmentation) -> float:
    """Return what polygons enclose by the shoelace formula, overlaps counted twice, or what a run-length code holds."""
    if isinstance(segmentation, dict):
        return float(sum(runs_of(segmentation.get("counts"))[1::2]))
    return sum(map(_enclosed_px, drawable_polygons(segmentation)), 0.0)


def _enclosed_px(polygon: list[float]) -> float:
    corners = np.array([*polygon, *polygon[:2]])  # closed
    x, y = corners[::2], corners[1::2]
    return float(abs(x[:-1] @ y[1:] - y[:-1] @ x[1:]) / 2)


def _mask_px(segmentation: Segmentation, native: Size) -> float:
    """Return the pixels of a mask inside the image, without drawing it."""
    if isinstance(segmentation, dict):
        return enclosed_px(segmentation)
    codes = coco_mask.frPyObjects(drawable_polygons(segmentation), *native)
    return float(coco_mask.area(coco_mask.merge(codes)))
