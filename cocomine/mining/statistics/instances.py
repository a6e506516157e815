"""Which instances does a category have, and how large, of what shape, and how many together are they?

An instance is an annotation without crowd. The positions of each category's instances are found once for a dataset;
what follows for one category touches its own instances alone, so that it is quick on a million annotations.
"""

from dataclasses import dataclass

import numpy as np

from cocomine.coco.arrays import Floats, Ints
from cocomine.coco.dataset import Dataset, Split

VANISHING_AREA_PX = 1
"""An object smaller than this has no pixel of its own left."""
SMALL_AREA_PX = 32**2
"""COCO's bound between small and medium objects (https://cocodataset.org/#detection-eval)."""
MEDIUM_AREA_PX = 96**2
"""COCO's bound between medium and large objects."""
SIZE_CLASSES = ("under 1 px", "small", "medium", "large")
"""The classes of `size_counts`, in its order."""

Positions = tuple[tuple[Ints, ...], ...]
"""Split by split and category by category: where its instances are in the split's annotations, in file order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instances:
    """Instances as columns of length n, split after split in file order.

    Attributes:
        image_number: position of the image, counted through all splits, (n,).
        image_widths: pixels, at least 1, (n,).
        image_heights: pixels, at least 1, (n,).
        areas_px: NaN where neither area nor box is known, (n,).
        boxes_xywh: left, top, width, height in pixels, NaN where missing, (n, 4).
    """

    image_number: Ints
    image_widths: Ints
    image_heights: Ints
    areas_px: Floats
    boxes_xywh: Floats

    def __len__(self) -> int:
        return len(self.image_number)

    @property
    def area_shares(self) -> Floats:
        """Share of its image that each instance covers, NaN where unknown, (n,)."""
        return np.asarray(self.areas_px / (self.image_widths * self.image_heights))

    @property
    def counts_per_image(self) -> Ints:
        """Instances in each image that has at least one, in the order of the images, (images,)."""
        return np.unique(self.image_number, return_counts=True)[1]

    @property
    def log2_aspects(self) -> Floats:
        """log2 of width / height of every box that has both above 0, the others left out, (at most n,).

        0 is square, 1 twice as wide as high, -1 twice as high as wide.
        """
        width, height = self.boxes_xywh[:, 2], self.boxes_xywh[:, 3]
        solid = (width > 0) & (height > 0)
        return np.asarray(np.log2(width[solid]) - np.log2(height[solid]))

    def input_areas_px(self, size_px: int) -> Floats:
        """Return each instance's area once its image is scaled to size_px × size_px, NaN where unknown, (n,).

        Width and height are scaled each by its own factor, as for label maps.
        """
        with np.errstate(over="ignore"):  # an area may be absurdly large
            return np.asarray(self.area_shares * size_px**2)


def instance_positions(dataset: Dataset) -> Positions:
    """Return where the instances of every category are."""
    return tuple(_positions(split, len(dataset.categories)) for split in dataset.splits)


def _positions(split: Split, category_count: int) -> tuple[Ints, ...]:
    columns = split.annotations
    category = columns.category_index.astype(np.min_scalar_type(category_count))  # sorts faster
    category[columns.is_crowd] = category_count  # behind all others
    bounds = np.cumsum(np.bincount(category, minlength=category_count)[:category_count])
    return tuple(np.split(np.argsort(category, kind="stable"), bounds)[:-1])


def instances_of(dataset: Dataset, positions: Positions, category_index: int) -> Instances:
    """Return the instances of one category.

    Args:
        positions: of the same dataset, see `instance_positions`.
    """
    first_images = np.cumsum([0, *(len(split.images) for split in dataset.splits)])[:-1].tolist()
    parts = [
        _part(split, found[category_index], first_image)
        for split, found, first_image in zip(dataset.splits, positions, first_images, strict=True)
    ]
    columns = zip(*parts, strict=True) if parts else [[np.zeros(0, int)]] * 3 + [[np.zeros(0)], [np.zeros((0, 4))]]
    image_number, widths, heights, areas, boxes = map(np.concatenate, columns)
    return Instances(
        image_number=image_number, image_widths=widths, image_heights=heights, areas_px=areas, boxes_xywh=boxes
    )


def _part(split: Split, rows: Ints, first_image: int) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    columns, images = split.annotations, split.images
    image_index = columns.image_index[rows]
    return (
        image_index + first_image,
        images.widths[image_index],
        images.heights[image_index],
        columns.areas_px[rows],
        columns.boxes_xywh[rows],
    )


def size_counts(areas_px: Floats) -> Ints:
    """Count areas by `SIZE_CLASSES`, unknown ones (NaN) left out, (4,).

    A class ends below its bound: 1, 32² and 96² px.
    """
    bounds = (VANISHING_AREA_PX, SMALL_AREA_PX, MEDIUM_AREA_PX)
    below = [np.count_nonzero(areas_px < bound) for bound in bounds]
    known_count = len(areas_px) - np.count_nonzero(np.isnan(areas_px))
    return np.diff([0, *below, known_count])


def median(values: Floats | Ints) -> float:
    """Return the median of the finite values, 0 where there is none."""
    finite = values[~np.isnan(values)]
    return float(np.median(finite)) if len(finite) else 0.0
