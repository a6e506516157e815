"""In which images does each class occur, how many objects has it there, and what does a selection give?

The answers of `selection.select`, counted from sparse rows by class: a class's images are looked at, and no others,
so that hundreds of selections can be weighed while a person waits. Presence counts crowd regions, objects do not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from cocomine.coco.dataset import Bools, Dataset, Floats, Ints
from cocomine.mining.selection.licences import licensed
from cocomine.mining.selection.selection import ImageKey, Mode, Selection, matching

Rows = Any
"""A scipy sparse array of rows, float64; scipy has no types."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Occurrences:
    """A dataset's images by class.

    Attributes:
        names: the k categories.
        presence: which image has which category, (n, k).
        images: 1 where an image has the category, (k, n).
        categories: the same by image, (n, k).
        objects: how many objects of the category an image has, crowd regions left out, (k, n).
        object_totals: objects of all categories in each image, (n,).
        category_counts: categories in each image, (n,).
        size_bytes: what each image's picture takes, (n,); None where not every picture is at hand.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a selection gives, in numbers; the same as `select` counts.

    Attributes:
        image_count: images of all splits.
        object_count: objects of the picked classes, crowd regions left out.
        other_object_count: objects of other classes in these images.
        images_per_class: by the name of each picked class, in their order.
        size_bytes: what the pictures take; None where it is not known.
    """

    image_count: int
    object_count: int
    other_object_count: int
    images_per_class: tuple[tuple[str, int], ...]
    size_bytes: int | None

    @property
    def dilution(self) -> float:
        """Share of the labelled objects which belong to classes not picked, in [0, 1]."""
        total = self.object_count + self.other_object_count
        return self.other_object_count / total if total else 0.0

    @property
    def fewest_images(self) -> int:
        """Images of the picked class that has the fewest; 0 without a class."""
        return min((count for _, count in self.images_per_class), default=0)


def occurrences(dataset: Dataset, presence: Bools, size_bytes: Ints | None) -> Occurrences:
    """Count a dataset's objects by class and image.

    Args:
        dataset: its splits in view.
        presence: which of its images has which category, (n, k), see `statistics.presence`.
        size_bytes: what each image's picture takes, (n,), 0 where it is missing; None where none is at hand.
    """
    image, category = _objects(dataset)
    shape = (len(dataset.categories), len(presence))
    objects = sparse.csr_array((np.ones(len(image)), (category, image)), shape=shape)
    objects.sum_duplicates()
    categories = sparse.csr_array(presence, dtype=float)
    is_known = size_bytes is not None and bool(size_bytes.all())
    return Occurrences(
        names=dataset.category_names,
        presence=np.asfortranarray(presence),  # a selection looks at few columns
        images=categories.T.tocsr(),
        categories=categories,
        objects=objects,
        object_totals=np.bincount(image, minlength=len(presence)).astype(float),
        category_counts=presence.sum(axis=1),
        size_bytes=size_bytes.astype(float) if size_bytes is not None and is_known else None,
    )


def takeable(dataset: Dataset, selection: Selection, excluded: Collection[ImageKey]) -> Bools:
    """Return which images of all splits have an allowed licence and were not taken out by hand, (n,)."""
    parts = [np.zeros(0, dtype=bool)]
    for split in dataset.splits:
        left_out = [image_id for name, image_id in excluded if name == split.name]
        parts.append(licensed(split, selection.licences) & ~np.isin(split.images.ids, left_out))
    return np.concatenate(parts)


def taken_images(known: Occurrences, selection: Selection, free: Bools) -> Bools:
    """Return which images a selection takes, (n,).

    Args:
        known: the dataset's images by class.
        selection: what the person asked for.
        free: images that may be taken, see `takeable`.
    """
    wanted, forbidden = known.index_of(selection.classes), known.index_of(selection.forbidden)
    if selection.mode is not Mode.ONLY:
        return np.asarray(matching(known.presence, wanted, forbidden, selection.mode) & free)
    alone = others_beside(known, wanted) == 0
    return np.asarray(matching(known.presence, wanted, [], Mode.ANY) & alone & free)


def others_beside(known: Occurrences, wanted: Sequence[int]) -> Ints:
    """Return how many categories each image has that are not among these, (n,)."""
    return np.asarray(known.category_counts - known.presence[:, wanted].sum(axis=1))


def outcome_of_images(known: Occurrences, classes: tuple[str, ...], taken: Bools) -> Outcome:
    """Return what some images hold, (n,), when these are the picked classes."""
    wanted, marks = known.index_of(classes), taken.astype(float)
    objects = (known.objects @ marks)[wanted].astype(int).tolist()
    images = (known.images @ marks)[wanted].astype(int).tolist()
    # sums instead of products with `marks`: BLAS would wake its threads, which is slow on a busy machine
    return Outcome(
        image_count=int(np.count_nonzero(taken)),
        object_count=sum(objects),
        other_object_count=int(known.object_totals[taken].sum()) - sum(objects),
        images_per_class=tuple(zip(classes, images, strict=True)),
        size_bytes=None if known.size_bytes is None else int(known.size_bytes[taken].sum()),
    )


def objects_per_class(known: Occurrences, classes: tuple[str, ...], taken: Bools) -> dict[str, int]:
    """Return how many objects of each picked class some images hold, (n,), crowd regions left out."""
    objects = (known.objects @ taken.astype(float))[known.index_of(classes)].astype(int).tolist()
    return dict(zip(classes, objects, strict=True))


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
