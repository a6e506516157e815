"""Which objects are left out of a subset, and how many images may it have of each class?

Objects below a minimum area, and crowd regions where they are to be ignored, are *left out*: they count nowhere, they
are no annotation of the subset, and an image that has its classes in them alone does not have them. Their pixels are
background, or ignored (255) where the other classes are. What must be absent is absent in every size, though: an image
with a tiny object of an excluded class is out, and it is no image without another class.

An object's area is COCO's `area`, that of its box where the file gives none, or an area of nothing. One of unknown area
is never too small.

*Cap*, *balance* and *negatives* then draw from the images that match, at random by the image's id and the seed
alone; see `selection.image_sampling`.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cocomine.coco.arrays import Bools, Floats
from cocomine.coco.columns import Annotations
from cocomine.coco.dataset import Split
from cocomine.errors import SelectionError

MOST_NEGATIVES = 0.9
LARGEST_SEED = 2**63 - 1


class Crowd(StrEnum):
    """What becomes of crowd regions."""

    KEEP = "keep"
    """they are annotations of the subset, and an image with a crowd region has its class"""
    IGNORE = "ignore"
    """they are left out"""


class Counted(StrEnum):
    """What cap and balance count."""

    IMAGES = "images"
    OBJECTS = "objects"
    """without crowd regions"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a dataset goes into a subset.

    Attributes:
        min_area_px: objects with fewer pixels are left out.
        cap: so many images or objects of each selected class, at most; None sets no limit.
        balance: so many times as many as the rarest selected class has in the images that match, at most; None sets no
            limit.
        counted: what cap and balance count.
        negatives: share of images without any selected class in each split of the subset, in [0, 0.9]; of a split that
            has too few of them all are taken.
        seed: of the lots.
    """

    min_area_px: int = 0
    crowd: Crowd = Crowd.KEEP
    cap: int | None = None
    balance: float | None = None
    counted: Counted = Counted.IMAGES
    negatives: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.min_area_px < 0:
            raise SelectionError(f"The minimum area is {self.min_area_px:,} px. Give 0 or more.")
        if self.cap is not None and self.cap < 1:
            raise SelectionError(f"The cap is {self.cap:,} {self.counted} of each class. Give 1 or more, or none.")
        if self.balance is not None and not 1 <= self.balance < math.inf:
            raise SelectionError(f"The balance is {self.balance:g} times the rarest class. Give 1 or more, or none.")
        if not 0 <= self.negatives <= MOST_NEGATIVES:
            raise SelectionError(
                f"The share of negative images is {self.negatives:g}. Give a number from 0 to {MOST_NEGATIVES}."
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise SelectionError(f"The seed is {self.seed:,}. Give a whole number from 0 to {LARGEST_SEED:,}.")

    @property
    def leaves_out(self) -> bool:
        """Whether annotations may be left out."""
        return self.min_area_px > 0 or self.crowd is Crowd.IGNORE

    @property
    def has_caps(self) -> bool:
        """Whether a class may have no more than so much."""
        return self.cap is not None or self.balance is not None

    @property
    def draws(self) -> bool:
        """Whether images are drawn at random."""
        return self.has_caps or self.negatives > 0


def _areas_px(columns: Annotations) -> Floats:
    """Return the areas, of the box where an area of nothing is written, as some tools do for every object, (m,)."""
    is_nothing = columns.areas_px <= 0
    if not is_nothing.any():
        return columns.areas_px
    with np.errstate(over="ignore"):  # a box may be absurdly large
        box_px = columns.boxes_xywh[:, 2] * columns.boxes_xywh[:, 3]
    return np.where(is_nothing & (columns.boxes_xywh[:, 2:] > 0).all(axis=1), box_px, columns.areas_px)


def is_left_out(split: Split, limits: Limits) -> Bools:
    """Return which of a split's annotations are left out, (m,)."""
    columns = split.annotations
    left_out = np.zeros(len(columns), dtype=bool)
    if limits.min_area_px > 0:
        left_out |= (_areas_px(columns) < limits.min_area_px) & ~columns.is_crowd
    if limits.crowd is Crowd.IGNORE:
        left_out |= columns.is_crowd
    return left_out
