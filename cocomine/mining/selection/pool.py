"""What does each selection take out of the same images, before one is chosen?

The images of a dataset, less those taken out by hand, and every count that is shown beside a choice: the same numbers
that `select` gives once it is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cocomine.coco.dataset import Bools, Dataset
from cocomine.mining.selection.counting import Occurrences, Outcome, outcome_of_images, takeable, taken_images
from cocomine.mining.selection.selection import ImageKey, Mode, Selection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """The images that selections take from.

    Each method raises `SelectionError` where a class is unknown.

    Attributes:
        known: the dataset's images by class.
        dataset: whose images and categories these are.
        excluded: images taken out by hand.
    """

    known: Occurrences
    dataset: Dataset
    excluded: frozenset[ImageKey] = frozenset()

    def places(self, names: Sequence[str]) -> list[int]:
        """Return the positions of categories."""
        return [self.dataset.category_index_of(name) for name in names]

    def free(self, selection: Selection) -> Bools:
        """Return which images may be taken: not by hand taken out, of the selection's licences, (n,)."""
        return takeable(self.dataset, selection, self.excluded)

    def images(self, selection: Selection) -> Bools:
        """Return which images a selection takes, (n,)."""
        self.places((*selection.classes, *selection.forbidden))
        return taken_images(self.known, selection, self.free(selection))

    def image_count(self, selection: Selection) -> int:
        """Return how many images a selection takes."""
        return int(np.count_nonzero(self.images(selection)))

    def presence_in(self, selection: Selection) -> Bools:
        """Return which category is in each image that a selection takes, (taken, k)."""
        return np.asarray(self.known.presence[self.images(selection)])

    def outcome(self, selection: Selection) -> Outcome:
        """Return what a selection gives, in numbers."""
        return outcome_of_images(self.known, selection.classes, self.images(selection))


def image_counts_by_mode(pool: Pool, selection: Selection) -> dict[Mode, int]:
    """Return how many images each mode would take, before one is chosen."""
    return {mode: pool.image_count(replace(selection, mode=mode)) for mode in Mode}


def images_lost_by_forbidding(pool: Pool, selection: Selection) -> dict[str, int]:
    """Return the price of each category neither picked nor forbidden: images lost by forbidding it as well."""
    lost = pool.known.images @ pool.images(selection).astype(float)
    named = {*selection.classes, *selection.forbidden}
    return {name: int(count) for name, count in zip(pool.known.names, lost, strict=True) if name not in named}
