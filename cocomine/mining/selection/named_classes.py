"""Which images of a split have the classes that a selection names, and how much of them?

A selected class counts only where an object of it stays (`selection.limits`); an excluded one, and any other where that
matters, counts in every size.
"""

from collections.abc import Sequence

import numpy as np

from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import Split
from cocomine.mining.selection.image_sampling import ClassAmounts, negatives, taken
from cocomine.mining.selection.limits import Counted, Limits
from cocomine.mining.statistics.categories import split_examined


class NamedClasses:
    """What one split has of the classes that a selection names.

    Attributes:
        has: which image has which selected class, then which excluded one, then any other, (n, c + 1).
    """

    def __init__(
        self,
        split: Split,
        category_count: int,
        selected: Sequence[int],
        excluded: Sequence[int],
        *,
        others: bool,
    ) -> None:
        """Look at a split's annotations.

        Args:
            selected: positions of the selected categories.
            excluded: positions of the excluded ones.
            others: whether the last column is filled. Of many categories few are named, so that is slower.
        """
        self.split, self.category_count = split, category_count
        self.selected, self.named = list(selected), [*selected, *excluded]
        column_of = np.full(category_count, len(self.named))
        column_of[self.named] = np.arange(len(self.named))
        self._column_index = column_of[split.annotations.category_index]  # (m,): of `has`
        self.has = self._presence(others=others)

    def _presence(self, *, others: bool) -> Bools:
        images, column_index = self.split.annotations.image_index, self._column_index
        counts = None if others else column_index < len(self.named)
        if self.split.left_out is not None:
            stays = ~self.split.left_out | (column_index >= len(self.selected))
            counts = stays if counts is None else counts & stays
        if counts is not None:
            images, column_index = images[counts], column_index[counts]
        has = np.zeros((len(self.split.images), len(self.named) + 1), dtype=bool)
        has[images, column_index] = True
        return has

    def negatives_among(self, eligible: Bools) -> Bools:
        """Return which of some images surely have no selected class, in any size, and no excluded one, (n,)."""
        may_be = eligible.copy()
        may_be[self.split.annotations.image_index[self._column_index < len(self.named)]] = False
        if self.split.images.is_federated:
            may_be &= split_examined(self.split, self.category_count)[:, self.selected].all(axis=1)
        return may_be

    def amounts(self, images: Bools, counted: Counted) -> ClassAmounts:
        """Return how much of each selected class some images have, (n,)."""
        count = len(self.selected)
        if counted is Counted.IMAGES:
            image, number = np.nonzero(self.has[:, :count] & images[:, None])
            return ClassAmounts(image=image, number=number, amount=np.ones(len(image), dtype=np.int64))
        columns = self.split.annotations
        counts = (self._column_index < count) & ~columns.is_crowd & images[columns.image_index]
        if self.split.left_out is not None:
            counts &= ~self.split.left_out
        codes, amount = np.unique(columns.image_index[counts] * count + self._column_index[counts], return_counts=True)
        return ClassAmounts(image=codes // max(count, 1), number=codes % max(count, 1), amount=amount)


def drawn_images(
    found: Sequence[NamedClasses], matches: Sequence[Bools], eligible: Sequence[Bools], limits: Limits
) -> list[Bools]:
    """Return which images are drawn, split by split, each (n,): of those that match what caps allow, then negatives.

    Caps hold in all splits together, the share of negative images in each.

    Args:
        matches: which images of each split match.
        eligible: which may be taken at all.
    """
    if not found:
        return []
    sizes = [len(images) for images in matches]
    image_ids = np.concatenate([each.split.images.ids for each in found])
    images = np.concatenate(matches)
    if limits.has_caps:
        parts = [each.amounts(matching, limits.counted) for each, matching in zip(found, matches, strict=True)]
        images = taken(images, _amounts(parts, sizes), len(found[0].selected), image_ids, limits)
    if limits.negatives:
        may_be = [each.negatives_among(may_be_taken) for each, may_be_taken in zip(found, eligible, strict=True)]
        images = images | negatives(np.concatenate(may_be), images, image_ids, sizes, limits)
    return np.split(images, np.cumsum(sizes)[:-1])


def _amounts(parts: Sequence[ClassAmounts], sizes: Sequence[int]) -> ClassAmounts:
    """Return the amounts of several splits, with images counted through all of them."""
    starts = np.cumsum([0, *sizes])[:-1]
    return ClassAmounts(
        image=np.concatenate([part.image + start for part, start in zip(parts, starts, strict=True)]),
        number=np.concatenate([part.number for part in parts]),
        amount=np.concatenate([part.amount for part in parts]),
    )
