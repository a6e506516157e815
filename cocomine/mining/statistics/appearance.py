"""How does one class appear in its images: how large, how many together, of what shape, and where?

Everything is counted over the class's instances; crowd regions have no part in
it. Instances without the number in question are left out and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.mining.statistics.categories import CategoryStatistics
from cocomine.mining.statistics.instances import Instances, median, size_counts
from cocomine.wording import counted, percent

INPUT_SIZES_PX = (128, 256, 320, 512, 640)
"""Sides of square network inputs: the paper's, and those that are common."""
LOCATION_CELLS = 32
"""Cells along each side of the location map."""
PER_IMAGE_STARTS = (1, 2, 3, 4, 5, 6, 11, 21)
"""The least count of each bin of instances per image; a bin ends before the next, the last is open."""
AREA_SHARE_BOUNDS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""Where one bin of area shares ends and the next begins; the first and last are open."""
LOG2_ASPECT_CENTRES = tuple(step / 2 for step in range(-6, 7))
"""The middle of each bin of log2(width / height), 0.5 wide; the first and last are open."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distribution:
    """How often which value occurs.

    Attributes:
        counts: values in each bin, (bins,).
        median: 0 where there is no value.
        left_out_count: instances without a value.
    """

    counts: Ints
    median: float
    left_out_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocationMap:
    """Where in the image boxes are.

    Attributes:
        shares: share of the boxes that cover each cell, in [0, 1], from top to bottom and left to right, (g, g);
            0 where there is no box.
        left_out_count: instances whose box is missing or has no area inside its image.
    """

    shares: Floats
    left_out_count: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Appearance:
    """One class in its images.

    Attributes:
        image_sizes: instances by `SIZE_CLASSES` in the images, (4,).
        input_size_px: side of the input that the images are scaled to.
        input_sizes: instances by `SIZE_CLASSES` in that input, (4,).
        image_count: images with at least one instance.
        per_image: of instances in the images with at least one, in the bins of `PER_IMAGE_STARTS`.
        most_per_image: the largest of these counts, 0 without instances.
        area_shares: of the share of its image that an instance covers, in the bins between `AREA_SHARE_BOUNDS`.
        log2_aspects: of log2(width / height) of the boxes, in the bins around `LOG2_ASPECT_CENTRES`.
        location: where the boxes are.
    """

    image_sizes: Ints
    input_size_px: int
    input_sizes: Ints
    image_count: int
    per_image: Distribution
    most_per_image: int
    area_shares: Distribution
    log2_aspects: Distribution
    location: LocationMap

    @property
    def vanishing_share(self) -> float:
        """Share of the instances of known area that are smaller than one pixel in the input."""
        return float(self.input_sizes[0] / max(self.input_sizes.sum(), 1))


def appearance(instances: Instances, *, input_size_px: int) -> Appearance:
    """Return how the instances of one class appear in their images.

    Args:
        input_size_px: side of the square input that the images are scaled to, width and height each by its factor.
    """
    counts = instances.counts_per_image
    return Appearance(
        image_sizes=size_counts(instances.areas_px),
        input_size_px=input_size_px,
        input_sizes=size_counts(instances.input_areas_px(input_size_px)),
        image_count=len(counts),
        per_image=_distribution(counts, PER_IMAGE_STARTS[1:], len(counts)),
        most_per_image=int(counts.max(initial=0)),
        area_shares=_distribution(instances.area_shares, AREA_SHARE_BOUNDS, len(instances)),
        log2_aspects=_distribution(
            instances.log2_aspects, [centre + 0.25 for centre in LOG2_ASPECT_CENTRES[:-1]], len(instances)
        ),
        location=location_map(instances),
    )


def _distribution(values: Floats | Ints, bounds: Sequence[float], expected_count: int) -> Distribution:
    finite = values[~np.isnan(values)]
    return Distribution(
        counts=np.bincount(np.digitize(finite, bounds), minlength=len(bounds) + 1),
        median=median(finite),
        left_out_count=expected_count - len(finite),
    )


def location_map(instances: Instances, cells: int = LOCATION_CELLS) -> LocationMap:
    """Return which share of the boxes covers each cell of a grid laid over every image.

    Each image is stretched to the unit square and divided into cells × cells. A box is clipped to its image, and
    covers a cell if they share more than an edge: with left edge l and right edge r in [0, 1], it covers the columns
    from floor(l · cells) to before ceil(r · cells), and rows likewise. Boxes that are missing, or without area inside
    their image, are left out of numerator and denominator.

    Each box changes four corners of a difference array, whose running sums along both axes count the boxes over each
    cell, so the work is that of one pass over the boxes and one over the grid.

    Source: F. Crow, "Summed-area tables for texture mapping", SIGGRAPH 1984, read backwards.
    """
    left, top, width, height = instances.boxes_xywh.T
    first_column, end_column, has_width = _covered(left, width, instances.image_widths, cells)
    first_row, end_row, has_height = _covered(top, height, instances.image_heights, cells)
    inside = has_width & has_height
    side = cells + 1
    changes = np.zeros(side * side)
    for row, column, change in (
        (first_row, first_column, 1),
        (first_row, end_column, -1),
        (end_row, first_column, -1),
        (end_row, end_column, 1),
    ):
        corner = (row * side + column)[inside].astype(np.int64)
        changes += change * np.bincount(corner, minlength=side * side)
    boxes_over = changes.reshape(side, side).cumsum(axis=0).cumsum(axis=1)[:cells, :cells]
    box_count = int(inside.sum())
    return LocationMap(shares=boxes_over / max(box_count, 1), left_out_count=len(instances) - box_count)


def _covered(starts: Floats, lengths: Floats, extents: Ints, cells: int) -> tuple[Floats, Floats, Bools]:
    """Return the first cell and the end of the cells that each box covers along one axis, and whether it covers any."""
    with np.errstate(over="ignore"):  # a box may be absurdly large
        low = np.clip(starts * cells / extents, 0, cells)
        high = np.clip((starts + lengths) * cells / extents, 0, cells)
    return np.floor(low), np.ceil(high), high > low


def appearance_sentence(category: CategoryStatistics, look: Appearance) -> str:
    """Return the class in one sentence, in words of everyday."""
    if not category.instance_count:
        crowds = f", only {counted(category.crowd_count, 'crowd region')}" if category.crowd_count else ""
        return f"{category.name}: no single object in these images{crowds}."
    return f"{category.name}: {'; '.join([_amount(category, look), *_smallness(look)])}."


def _amount(category: CategoryStatistics, look: Appearance) -> str:
    amount = f"{counted(category.instance_count, 'object')} in {counted(look.image_count, 'image')}"
    crowd_only_count = category.image_count - look.image_count
    if crowd_only_count:
        amount += f" (and {crowd_only_count:,} more only as a crowd)"
    if look.most_per_image > 1:
        amount += f", usually {look.per_image.median:g} and up to {look.most_per_image:,} in one image"
    return amount


def _smallness(look: Appearance) -> list[str]:
    if not look.image_sizes.sum():
        return []
    vanishing = percent(look.vanishing_share) if look.vanishing_share else "none"
    return [
        f"half of them cover less than {percent(look.area_shares.median)} of their image",
        f"at {look.input_size_px} px {vanishing} of them are smaller than one pixel",
    ]
