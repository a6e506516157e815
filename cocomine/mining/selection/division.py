"""Which sides does a split become, where there are no official ones: training, validation and testing, or folds?

Images are dealt out, never annotations, so that no image is on two sides, nor one file that is listed under two ids.
A division names its method, and a method never changes: recipes from before there was more than one name none, and
give the sides that they always gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import ImageKey, Split
from cocomine.coco.split_role import SplitRole
from cocomine.errors import SelectionError
from cocomine.mining.selection.file_groups import image_groups
from cocomine.mining.selection.selection import Subset, SubsetSplit
from cocomine.mining.selection.stratification import exact_share, fold_shares, stratified
from cocomine.mining.selection.train_val_split import split_parts
from cocomine.mining.statistics.categories import split_presence


class SplitMethod(StrEnum):
    """How images are dealt out."""

    RAREST_CLASS = "rarest class"
    """evenly along the images of the same rarest class, see `train_val_split`; into training and validation alone"""
    ITERATIVE = "iterative stratification"
    """see `stratification`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """What is asked of a division into training, validation and testing.

    Attributes:
        val_share: share of the images for validation, in (0, 1).
        test_share: share of the images for testing, in [0, 1); 0 makes no such side.
        val_from: the split that gives images for validation where there are several; the others stay as they are.
        seed: another one gives other sides.
        together: images that stay on one side, beside those of the same file name.
    """

    val_share: float = 0.2
    test_share: float = 0.0
    val_from: str | None = None
    seed: int = 0
    method: SplitMethod = SplitMethod.ITERATIVE
    together: tuple[tuple[ImageKey, ...], ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.val_share < 1:
            raise SelectionError(
                f"The validation share is {self.val_share}. Give a number between 0 and 1, such as 0.2."
            )
        if not 0 <= self.test_share < 1:
            raise SelectionError(f"The test share is {self.test_share}. Give 0 or a number below 1, such as 0.1.")
        if self.shares[0] <= 0:
            raise SelectionError(
                f"Validation and testing have shares of {self.val_share} and {self.test_share}, which leaves nothing "
                "for training. Give shares that are less than 1 together."
            )
        if self.test_share and self.val_from is not None:
            raise SelectionError(
                f"{self.val_from} gives images for validation alone, but {self.test_share} is asked for testing, too. "
                "Leave one out."
            )

    @property
    def shares(self) -> tuple[Fraction, ...]:
        """Of training, validation and, where it is asked for, testing; exactly 1 together."""
        val, test = exact_share(self.val_share), exact_share(self.test_share)
        return (1 - val - test, val, test) if test else (1 - val, val)


def divided(subset: Subset, division: Division) -> tuple[SubsetSplit, ...]:
    """Return a subset's single split as "train", "val" and, where it is asked for, "test".

    Of several splits, the one that is named gives a part of its images as "val"; without a name all stay.

    Raises:
        SelectionError: there is no such split, or there is a "val" already.
    """
    if division.val_from is not None:
        return _carved(subset, division, division.val_from)
    if len(subset.parts) != 1:
        return subset.parts
    if division.method is SplitMethod.RAREST_CLASS:
        return split_parts(subset, val_share=division.val_share, seed=division.seed)
    names = list(SplitRole)[: len(division.shares)]
    (part,) = subset.parts
    side = _side_of_images(subset, part, division.shares, seed=division.seed, together=division.together)
    return tuple(_images_of(part, side == place, part.split.renamed(name)) for place, name in enumerate(names))


def folds(
    subset: Subset, fold_count: int, *, seed: int, together: tuple[tuple[ImageKey, ...], ...] = ()
) -> tuple[SubsetSplit, ...]:
    """Return a subset's single split as parts of the same size, "fold1", "fold2", ...

    Args:
        together: as for `Division`.

    Raises:
        SelectionError: fewer than 2 folds, or several splits.
    """
    if len(subset.parts) != 1:
        found = ", ".join(part.split.name for part in subset.parts)
        raise SelectionError(f"Folds are made from one split, and there are several: {found}. Take one of them.")
    (part,) = subset.parts
    side = _side_of_images(subset, part, fold_shares(fold_count), seed=seed, together=together)
    return tuple(_images_of(part, side == place, part.split.renamed(f"fold{place + 1}")) for place in range(fold_count))


def _carved(subset: Subset, division: Division, name: str) -> tuple[SubsetSplit, ...]:
    """Return the parts, of which the named one gives a share of its images as a new one, "val", that follows it."""
    split = subset.dataset.split(name)
    if any(part.split.name == SplitRole.VAL for part in subset.parts):
        raise SelectionError(
            f"{name} cannot give images for validation as 'val': there is a split of that name already."
        )
    parts: list[SubsetSplit] = []
    for part in subset.parts:
        if part.split is not split:
            parts.append(part)
            continue
        is_val = _side_of_images(subset, part, division.shares, seed=division.seed, together=division.together) == 1
        parts += [_images_of(part, ~is_val, split), _images_of(part, is_val, split.renamed(SplitRole.VAL))]
    return tuple(parts)


def _side_of_images(
    subset: Subset,
    part: SubsetSplit,
    shares: Sequence[Fraction],
    *,
    seed: int,
    together: tuple[tuple[ImageKey, ...], ...],
) -> Ints:
    """Return the side of each image of a part, stratified by the selected classes, (n,)."""
    selected = [subset.dataset.category_index_of(name) for name in subset.selection.classes]
    has = split_presence(part.split, len(subset.dataset.categories))[part.image_index][:, selected]
    ids = [[image_id for name, image_id in images if name == part.split.name] for images in together]
    groups = image_groups(part.split, part.image_index, ids)
    return stratified(has, ids=part.split.images.ids[part.image_index], shares=shares, seed=seed, groups=groups)


def _images_of(part: SubsetSplit, is_chosen: Bools, split: Split) -> SubsetSplit:
    """Return some images of a part, (n,), with their annotations, under a split that may have another name."""
    image_index = part.image_index[is_chosen]
    kept = np.isin(part.split.annotations.image_index[part.annotation_index], image_index)
    return SubsetSplit(split=split, image_index=image_index, annotation_index=part.annotation_index[kept])
