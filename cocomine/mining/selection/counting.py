"""What would each selection give, before one is made?

The numbers that `selection.select` gives once it is made, for every choice that is shown beside it. They are counted
from sparse rows by class: a class's images are looked at, and no others, so that hundreds of selections can be
compared while a person waits. Presence counts crowd regions, objects do not.

Annotations that limits leave out are no objects, and a selected class is where it is in others (`kept`); an excluded
class, or another one, is where any annotation of it is. The images of a selection are those that match; caps and
negatives change them only in `drawn` and in `counts`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.dataset import Dataset, ImageKey, Split
from cocomine.mining.selection.image_sampling import ClassAmounts, negatives, taken
from cocomine.mining.selection.limits import Counted, Limits, is_left_out
from cocomine.mining.selection.selection import Mode, Selection, eligible, matching
from cocomine.mining.statistics.categories import examined, images_by_category

SmallInts = NDArray[np.int32]
"""Of tens of millions of annotations."""
Rows = Any
"""A scipy sparse array of rows, float64; scipy has no types."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Occurrences:
    """Which image has which category, in three forms.

    Attributes:
        presence: (n, k), by column, since a selection looks at few of them.
        images: 1 where an image has the category, (k, n).
        categories: the same by image, (n, k).
    """

    presence: Bools
    images: Rows
    categories: Rows

    @classmethod
    def of(cls, presence: Bools) -> "Occurrences":
        """Return the three forms of one of them, (n, k)."""
        images = images_by_category(presence, np.float64)
        return cls(presence=np.asfortranarray(presence), images=images, categories=images.T.tocsr())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassIndex:
    """A dataset's images by class.

    Attributes:
        names: the k categories.
        every: in any annotation.
        kept: in annotations that are not left out.
        objects: how many objects of the category an image has, neither left out nor crowd regions, (k, n).
        object_totals: objects of all categories in each image, (n,).
        category_counts: categories in each image, (n,).
        size_bytes: what each image's file takes, (n,); None where not every file is at hand.
    """

    names: tuple[str, ...]
    every: Occurrences
    kept: Occurrences
    objects: Rows
    object_totals: Floats
    category_counts: Ints
    size_bytes: Floats | None

    def index_of(self, names: Sequence[str]) -> list[int]:
        """Return the positions of categories by name; all must be known."""
        position = {name: index for index, name in enumerate(self.names)}
        return [position[name] for name in names]

    def other_class_counts(self, classes: Sequence[int]) -> Ints:
        """Return how many categories each image has that are not among these, (n,)."""
        return np.asarray(self.category_counts - self.every.presence[:, classes].sum(axis=1))

    def counts(self, classes: tuple[str, ...], selected: Bools) -> "SubsetCounts":
        """Return what some images hold, (n,), when these are the selected classes."""
        index, marks = self.index_of(classes), selected.astype(float)
        objects = (self.objects[index] @ marks).astype(int).tolist()  # of few of many categories
        images = (self.kept.images[index] @ marks).astype(int).tolist()
        # sums instead of products with `marks`: BLAS would wake its threads, which is slow on a busy machine
        return SubsetCounts(
            image_count=int(np.count_nonzero(selected)),
            object_count=sum(objects),
            other_object_count=int(self.object_totals[selected].sum()) - sum(objects),
            images_per_class=tuple(zip(classes, images, strict=True)),
            size_bytes=None if self.size_bytes is None else int(self.size_bytes[selected].sum()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetCounts:
    """What a selection gives, in numbers; the same as `select` counts.

    Attributes:
        image_count: images of all splits.
        object_count: objects of the selected classes, crowd regions left out.
        other_object_count: objects of other classes in these images.
        images_per_class: by the name of each selected class, in their order.
        size_bytes: what the image files take; None where it is not known.
    """

    image_count: int
    object_count: int
    other_object_count: int
    images_per_class: tuple[tuple[str, int], ...]
    size_bytes: int | None

    @property
    def dilution(self) -> float:
        """Share of the labelled objects which belong to classes not selected, in [0, 1]."""
        total = self.object_count + self.other_object_count
        return self.other_object_count / total if total else 0.0

    @property
    def fewest_images(self) -> int:
        """Images of the selected class that has the fewest; 0 without a class."""
        return min((count for _, count in self.images_per_class), default=0)


def class_index_of(dataset: Dataset, presence: Bools, size_bytes: Ints | None) -> ClassIndex:
    """Count a dataset's objects by class and image, none left out.

    Args:
        presence: which of its images has which category, (n, k), see `statistics.presence`.
        size_bytes: what each image's file takes, (n,), 0 where it is missing; None where none is at hand.
    """
    every = Occurrences.of(presence)
    is_known = size_bytes is not None and bool(size_bytes.all())
    objects, totals = _objects(dataset, len(presence), Limits())
    return ClassIndex(
        names=dataset.category_names,
        every=every,
        kept=every,
        objects=objects,
        object_totals=totals,
        category_counts=presence.sum(axis=1),
        size_bytes=size_bytes.astype(float) if size_bytes is not None and is_known else None,
    )


def without_left_out(class_index: ClassIndex, dataset: Dataset, limits: Limits) -> ClassIndex:
    """Return the same images by class, in which what limits leave out is no object."""
    if not limits.leaves_out:
        return class_index
    presence = np.zeros(class_index.every.presence.shape, dtype=bool)
    presence[_marks(dataset, lambda split: ~is_left_out(split, limits))] = True
    objects, totals = _objects(dataset, len(presence), limits)
    return replace(class_index, kept=Occurrences.of(presence), objects=objects, object_totals=totals)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CandidateImages:
    """The images of a dataset that selections choose from, those excluded by hand left out.

    Each method raises `SelectionError` where a class is unknown. Selections that are compared have the groups of the
    dataset, and leave out what the index leaves out.
    """

    class_index: ClassIndex
    dataset: Dataset
    excluded: frozenset[ImageKey] = frozenset()

    def index_of(self, names: Sequence[str]) -> list[int]:
        """Return the positions of categories."""
        return [self.dataset.category_index_of(name) for name in names]

    def eligible(self, selection: Selection) -> Bools:
        """Return which images may be selected: not excluded by hand, of the selection's licences, (n,)."""
        parts = (eligible(split, selection.licences, self.excluded) for split in self.dataset.splits)
        return np.concatenate([np.zeros(0, dtype=bool), *parts])

    def images(self, selection: Selection) -> Bools:
        """Return which images match a selection, before caps and negatives, (n,)."""
        classes, excluded = self.index_of(selection.classes), self.index_of(selection.excluded_classes)
        mode = Mode.ANY if selection.mode is Mode.ONLY else selection.mode
        matches = matching(self.class_index.kept.presence, classes, [], mode) & self.eligible(selection)
        if selection.mode is Mode.ONLY:
            return np.asarray(matches & (self.class_index.other_class_counts(classes) == 0))
        if excluded:
            matches &= ~self.class_index.every.presence[:, excluded].any(axis=1)
        return np.asarray(matches)

    def drawn(self, selection: Selection) -> Bools:
        """Return which images a selection gives, (n,): of those that match what caps allow, and negative ones."""
        limits, matches = selection.limits, self.images(selection)
        if not limits.draws or not self.dataset.splits:
            return matches
        classes = self.index_of(selection.classes)
        image_ids = np.concatenate([split.images.ids for split in self.dataset.splits])
        images = matches
        if limits.has_caps:
            images = taken(matches, self._amounts(classes, matches, limits), len(classes), image_ids, limits)
        if limits.negatives:
            sizes = [len(split.images) for split in self.dataset.splits]
            may_be = self._may_be_negative(selection)
            images = images | negatives(may_be, images, image_ids, sizes, limits)
        return images

    def _amounts(self, classes: Sequence[int], images: Bools, limits: Limits) -> ClassAmounts:
        """Return how much of each class some images have, (n,)."""
        rows = self.class_index.objects if limits.counted is Counted.OBJECTS else self.class_index.kept.images
        found = rows[classes].tocoo()
        among = images[found.col]
        return ClassAmounts(
            image=found.col[among].astype(np.int64),
            number=found.row[among].astype(np.int64),
            amount=found.data[among].astype(np.int64),
        )

    def _may_be_negative(self, selection: Selection) -> Bools:
        """Return which images surely have neither a selected class, in any size, nor an excluded one, (n,)."""
        classes = self.index_of(selection.classes)
        named = [*classes, *self.index_of(selection.excluded_classes)]
        may_be = self.eligible(selection) & ~self.class_index.every.presence[:, named].any(axis=1)
        if self.dataset.is_federated:
            may_be &= examined(self.dataset)[:, classes].all(axis=1)
        return np.asarray(may_be)

    def image_count(self, selection: Selection) -> int:
        """Return how many images match a selection, before caps and negatives."""
        return int(np.count_nonzero(self.images(selection)))

    def presence_in(self, selection: Selection) -> Bools:
        """Return which category is in each image that matches a selection, (matching, k); selected ones if kept."""
        images, classes = self.images(selection), self.index_of(selection.classes)
        found = np.array(self.class_index.every.presence[images])
        found[:, classes] = self.class_index.kept.presence[:, classes][images]
        return found

    def counts(self, selection: Selection) -> SubsetCounts:
        """Return what a selection gives, in numbers, caps and negatives included."""
        return self.class_index.counts(selection.classes, self.drawn(selection))


def image_counts_by_mode(candidates: CandidateImages, selection: Selection) -> dict[Mode, int]:
    """Return how many images each mode would match, before one is selected."""
    return {mode: candidates.image_count(replace(selection, mode=mode)) for mode in Mode}


def images_removed_by_excluding(candidates: CandidateImages, selection: Selection) -> dict[str, int]:
    """Return for each category neither selected nor excluded how many images excluding it as well removes."""
    removed = candidates.class_index.every.images @ candidates.images(selection).astype(float)
    named = {*selection.classes, *selection.excluded_classes}
    names = candidates.class_index.names
    return {name: int(count) for name, count in zip(names, removed, strict=True) if name not in named}


def _objects(dataset: Dataset, image_count: int, limits: Limits) -> tuple[Rows, Floats]:
    """Return the objects that are not left out by category and image, (k, n), and all of each image, (n,)."""
    image, category = _marks(dataset, lambda split: ~(split.annotations.is_crowd | is_left_out(split, limits)))
    shape = (len(dataset.categories), image_count)
    objects = sparse.csr_array((np.ones(len(image)), (category, image)), shape=shape)
    objects.sum_duplicates()
    return objects, np.bincount(image, minlength=image_count).astype(float)


def _marks(dataset: Dataset, counts: Callable[[Split], Bools]) -> tuple[SmallInts, SmallInts]:
    """Return, for the annotations of each split that count, the image counted through all splits, and the category."""
    images, categories, first = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)], 0
    for split in dataset.splits:
        columns, among = split.annotations, np.flatnonzero(counts(split))
        images.append(columns.image_index[among].astype(np.int32) + np.int32(first))
        categories.append(columns.category_index[among].astype(np.int32))
        first += len(split.images)
    return np.concatenate(images), np.concatenate(categories)
