"""Which sides does a split become, where there are no official ones: training, validation and testing?

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
from cocomine.mining.selection.listing import Listed, check_listed, listed_parts
from cocomine.mining.selection.rarest_class_split import split_parts
from cocomine.mining.selection.selection import Subset, SubsetSplit
from cocomine.mining.selection.stratification import exact_share, stratified
from cocomine.mining.statistics.categories import split_presence


class SplitMethod(StrEnum):
    """How images are dealt out."""

    RAREST_CLASS = "rarest class"
    """evenly along the images of the same rarest class, see `rarest_class_split`; into training and validation alone"""
    ITERATIVE = "iterative stratification"
    """see `stratification`"""
    LISTED = "listed images"
    """nothing is dealt out: each side is a list of images, see `listing`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One of several parts of the same size: it is for validation, and all others are for training.

    Attributes:
        number: which one, from 0.
        count: how many there are, 2 or more. All folds of one seed share a division, so that each image is for
            validation once.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if self.count < 2:
            raise SelectionError(f"{self.count} folds cannot be made. Give 2 or more, such as 5.")
        if not 0 <= self.number < self.count:
            raise SelectionError(
                f"There is no fold {self.number} of {self.count}. Give a number from 0 to {self.count - 1}."
            )

    @property
    def shares(self) -> tuple[Fraction, ...]:
        """Of all folds; exactly 1 together."""
        return (Fraction(1, self.count),) * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """What is asked of a division into training, validation and testing.

    Attributes:
        val_share: share of the images for validation, in (0, 1); of a fold, its count says it instead.
        test_share: share of the images for testing, in [0, 1); 0 makes no such side.
        fold: of which validation is made; None divides by shares.
        val_from: the split that gives images for validation where there are several; the others stay as they are.
        seed: another one gives other sides.
        together: images that stay on one side, beside those of the same file name.
        listed: the images of each side, by the side's name; only by the method `LISTED`, and then nothing else is said.
    """

    val_share: float = 0.2
    test_share: float = 0.0
    fold: Fold | None = None
    val_from: str | None = None
    seed: int = 0
    method: SplitMethod = SplitMethod.ITERATIVE
    together: tuple[tuple[ImageKey, ...], ...] = ()
    listed: Listed = ()

    def __post_init__(self) -> None:
        self._check_listed()
        _check_shares(self.val_share, self.test_share)
        if self.test_share and self.val_from is not None:
            raise SelectionError(
                f"{self.val_from} gives images for validation alone, but {self.test_share} is asked for testing, too. "
                "Leave one out."
            )
        if self.test_share and self.fold is not None:
            raise SelectionError(
                f"Folds are for training and validation, but {self.test_share} is asked for testing. Leave one out."
            )
        if self.asks_for_more and self.method is SplitMethod.RAREST_CLASS:
            raise SelectionError(
                f"The method of division {self.method.value!r} makes training and validation of one split alone. "
                f"Choose {SplitMethod.ITERATIVE.value!r} for more."
            )

    def _check_listed(self) -> None:
        if self.method is not SplitMethod.LISTED:
            if self.listed:
                raise SelectionError(f"Images are listed, but the method of division is {self.method.value!r}.")
            return
        if self.asks_for_more:
            raise SelectionError(
                "The images of each side are listed, so that no share, fold, split or set of images that stay together "
                "can be asked for. Leave these out, or list no images."
            )
        check_listed(self.listed)

    @property
    def asks_for_more(self) -> bool:
        """Whether it asks for more than two shares of one split."""
        return bool(self.test_share or self.fold or self.val_from is not None or self.together)

    @property
    def shares(self) -> dict[SplitRole, Fraction]:
        """What training, validation and, where it is asked for, testing should get; exactly 1 together."""
        test = exact_share(self.test_share)
        val = exact_share(self.val_share) if self.fold is None else Fraction(1, self.fold.count)
        shares = {SplitRole.TRAIN: 1 - val - test, SplitRole.VAL: val, SplitRole.TEST: test}
        return {role: share for role, share in shares.items() if share}

    @property
    def shares_by_split(self) -> dict[str, Fraction]:
        """The same by the names of the splits that it makes; none where images are listed."""
        if self.method is SplitMethod.LISTED:
            return {}
        names = {SplitRole.TRAIN: self.val_from or str(SplitRole.TRAIN)}
        return {names.get(role, str(role)): share for role, share in self.shares.items()}


def _check_shares(val_share: float, test_share: float) -> None:
    if not 0 < val_share < 1:
        raise SelectionError(f"The validation share is {val_share}. Give a number between 0 and 1, such as 0.2.")
    if not 0 <= test_share < 1:
        raise SelectionError(f"The test share is {test_share}. Give 0 or a number below 1, such as 0.1.")
    if exact_share(val_share) + exact_share(test_share) >= 1:
        raise SelectionError(
            f"Validation and testing have shares of {val_share} and {test_share}, which leaves nothing for training. "
            "Give shares that are less than 1 together."
        )


def divided(subset: Subset, division: Division) -> tuple[SubsetSplit, ...]:
    """Return a subset's single split as "train", "val" and, where it is asked for, "test".

    Of several splits, the one that is named gives a part of its images as "val"; without a name all stay. Of listed
    images, the subset must be that of `listing.select_listed`.

    Raises:
        SelectionError: there is no such split, or there is a "val" already.
    """
    if division.method is SplitMethod.LISTED:
        return listed_parts(subset, division.listed)
    if division.val_from is not None:
        return _carved(subset, division, division.val_from)
    if len(subset.parts) != 1:
        return subset.parts
    if division.method is SplitMethod.RAREST_CLASS:
        return split_parts(subset, val_share=division.val_share, seed=division.seed)
    (part,) = subset.parts
    sides = _sides(subset, part, division)
    return tuple(_images_of(part, is_on_side, part.split.renamed(role)) for role, is_on_side in sides.items())


def _carved(subset: Subset, division: Division, name: str) -> tuple[SubsetSplit, ...]:
    """Return the parts, of which the named one gives a share of its images as a new one, "val", that follows it."""
    subset.dataset.split(name)  # or there is none
    if any(part.split.name == SplitRole.VAL for part in subset.parts):
        raise SelectionError(
            f"{name} cannot give images for validation as 'val': there is a split of that name already."
        )
    parts: list[SubsetSplit] = []
    for part in subset.parts:
        if part.split.name != name:
            parts.append(part)
            continue
        sides = _sides(subset, part, division)
        parts.append(_images_of(part, sides[SplitRole.TRAIN], part.split))
        parts.append(_images_of(part, sides[SplitRole.VAL], part.split.renamed(SplitRole.VAL)))
    return tuple(parts)


def _sides(subset: Subset, part: SubsetSplit, division: Division) -> dict[SplitRole, Bools]:
    """Return which images of a part go to which side, each (n,)."""
    fold = division.fold
    if fold is not None:
        is_val = _dealt(subset, part, fold.shares, division) == fold.number
        return {SplitRole.TRAIN: ~is_val, SplitRole.VAL: is_val}
    side = _dealt(subset, part, tuple(division.shares.values()), division)
    return {role: side == place for place, role in enumerate(division.shares)}


def _dealt(subset: Subset, part: SubsetSplit, shares: Sequence[Fraction], division: Division) -> Ints:
    """Return the place of each image of a part among the shares, stratified by the selected classes, (n,)."""
    selected = [subset.dataset.category_index_of(name) for name in subset.selection.classes]
    has = split_presence(part.split, len(subset.dataset.categories))[part.image_index][:, selected]
    together = [[image_id for name, image_id in images if name == part.split.name] for images in division.together]
    groups = image_groups(part.split, part.image_index, together)
    ids = part.split.images.ids[part.image_index]
    return stratified(has, ids=ids, shares=shares, seed=division.seed, groups=groups)


def _images_of(part: SubsetSplit, is_chosen: Bools, split: Split) -> SubsetSplit:
    """Return some images of a part, (n,), with their annotations, under a split that may have another name."""
    image_index = part.image_index[is_chosen]
    kept = np.isin(part.split.annotations.image_index[part.annotation_index], image_index)
    return SubsetSplit(split=split, image_index=image_index, annotation_index=part.annotation_index[kept])
