"""What would each selection give, before one is made?

The numbers that `selection.select` gives once it is made, for every choice that is shown beside it. They are counted
from sparse rows by class: a class's images are looked at, and no others, so that hundreds of selections can be
compared while a person waits. Presence counts crowd regions, objects do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.mining.selection.selection import Mode, Selection, eligible, matching

Rows = Any
"""A scipy sparse array of rows, float64; scipy has no types."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassIndex:
    """A dataset's images by class.

    Attributes:
        names: the k categories.
        presence: which image has which category, (n, k).
        images: 1 where an image has the category, (k, n).
        categories: the same by image, (n, k).
        objects: how many objects of the category an image has, crowd regions left out, (k, n).
        object_totals: objects of all categories in each image, (n,).
        category_counts: categories in each image, (n,).
        size_bytes: what each image's file takes, (n,); None where not every file is at hand.
    """

    names: tuple[str, ...]
    presence: Bools
    images: Rows
    categories: Rows
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
        return np.asarray(self.category_counts - self.presence[:, classes].sum(axis=1))

    def counts(self, classes: tuple[str, ...], selected: Bools) -> "SubsetCounts":
        """Return what some images hold, (n,), when these are the selected classes."""
        index, marks = self.index_of(classes), selected.astype(float)
        objects = (self.objects @ marks)[index].astype(int).tolist()
        images = (self.images @ marks)[index].astype(int).tolist()
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
    """Count a dataset's objects by class and image.

    Args:
        presence: which of its images has which category, (n, k), see `statistics.presence`.
        size_bytes: what each image's file takes, (n,), 0 where it is missing; None where none is at hand.
    """
    image, category = _objects(dataset)
    shape = (len(dataset.categories), len(presence))
    objects = sparse.csr_array((np.ones(len(image)), (category, image)), shape=shape)
    objects.sum_duplicates()
    categories = sparse.csr_array(presence, dtype=float)
    is_known = size_bytes is not None and bool(size_bytes.all())
    return ClassIndex(
        names=dataset.category_names,
        presence=np.asfortranarray(presence),  # a selection looks at few columns
        images=categories.T.tocsr(),
        categories=categories,
        objects=objects,
        object_totals=np.bincount(image, minlength=len(presence)).astype(float),
        category_counts=presence.sum(axis=1),
        size_bytes=size_bytes.astype(float) if size_bytes is not None and is_known else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CandidateImages:
    """The images of a dataset that selections choose from, those excluded by hand left out.

    Each method raises `SelectionError` where a class is unknown.
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
        """Return which images a selection gives, (n,)."""
        classes, excluded = self.index_of(selection.classes), self.index_of(selection.excluded_classes)
        presence = self.class_index.presence
        if selection.mode is not Mode.ONLY:
            return np.asarray(matching(presence, classes, excluded, selection.mode) & self.eligible(selection))
        is_alone = self.class_index.other_class_counts(classes) == 0
        return np.asarray(matching(presence, classes, [], Mode.ANY) & is_alone & self.eligible(selection))

    def image_count(self, selection: Selection) -> int:
        """Return how many images a selection gives."""
        return int(np.count_nonzero(self.images(selection)))

    def presence_in(self, selection: Selection) -> Bools:
        """Return which category is in each image that a selection gives, (selected, k)."""
        return np.asarray(self.class_index.presence[self.images(selection)])

    def counts(self, selection: Selection) -> SubsetCounts:
        """Return what a selection gives, in numbers."""
        return self.class_index.counts(selection.classes, self.images(selection))


def image_counts_by_mode(candidates: CandidateImages, selection: Selection) -> dict[Mode, int]:
    """Return how many images each mode would give, before one is selected."""
    return {mode: candidates.image_count(replace(selection, mode=mode)) for mode in Mode}


def images_removed_by_excluding(candidates: CandidateImages, selection: Selection) -> dict[str, int]:
    """Return for each category neither selected nor excluded how many images excluding it as well removes."""
    removed = candidates.class_index.images @ candidates.images(selection).astype(float)
    named = {*selection.classes, *selection.excluded_classes}
    names = candidates.class_index.names
    return {name: int(count) for name, count in zip(names, removed, strict=True) if name not in named}


def _objects(dataset: Dataset) -> tuple[Ints, Ints]:
    """Return, for every annotation without crowd, the image counted through all splits, and the category."""
    images, categories, first = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], 0
    for split in dataset.splits:
        columns = split.annotations
        single = ~columns.is_crowd
        images.append(columns.image_index[single] + first)
        categories.append(columns.category_index[single])
        first += len(split.images)
    return np.concatenate(images), np.concatenate(categories)
