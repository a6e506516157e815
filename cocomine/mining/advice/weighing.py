"""What would a subset be with each other category excluded, or selected? All categories in one pass over the images."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cocomine.coco.dataset import Bools, Floats, Ints
from cocomine.mining.selection.counting import ClassIndex, other_class_counts
from cocomine.mining.selection.selection import Mode, Selection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhatIfCounts:
    """What one step would give for every category.

    Attributes:
        image_count: (k,).
        object_count: objects of the picked classes, among them the one that is added, (k,).
        total_count: objects of all classes in these images, (k,).
        images_per_class: images of each picked class, (picked, k).
        images_of_class: images of the category itself, (k,).
        size_bytes: what the pictures take, (k,); None where it is not known.
        cleared_count: see `Suggestion.object_count`, (k,).
    """

    image_count: Ints
    object_count: Ints
    total_count: Ints
    images_per_class: Ints
    images_of_class: Ints
    size_bytes: Ints | None
    cleared_count: Ints

    @property
    def dilution(self) -> Floats:
        """Share of the objects that are of other classes, in [0, 1], (k,)."""
        return np.asarray((self.total_count - self.object_count) / np.maximum(self.total_count, 1))


def counts_if_excluded(class_index: ClassIndex, selection: Selection, selected: Floats) -> WhatIfCounts:
    """Weigh what is left of the subset, 1 for its images, without those that have each category."""
    own = _own_objects(class_index, selection)
    lost = _sums(class_index, selected, own)
    wanted = class_index.images[class_index.index_of(selection.classes)]
    per_class = (wanted @ selected)[:, None] - _shared(class_index, selection, selected)
    left = [total - each for total, each in zip(_totals(class_index, selected, own), lost, strict=True)]
    return _weighed(class_index, left, (per_class, np.zeros(len(class_index.names)), class_index.objects @ selected))


def counts_if_added(
    class_index: ClassIndex, selection: Selection, *, selected: Floats, eligible: Bools
) -> WhatIfCounts:
    """Weigh the subset, 1 for its images, with each category picked too."""
    own = _own_objects(class_index, selection)
    turned = class_index.objects @ selected
    if selection.mode is Mode.ALL:  # the images that have the class as well
        stay = _sums(class_index, selected, own)
        stay[1] += turned
        return _weighed(class_index, stay, (_shared(class_index, selection, selected), stay[0], turned))
    new = _newcomers(class_index, selection, eligible) * (1 - selected)
    sums = [
        total + each
        for total, each in zip(_totals(class_index, selected, own), _sums(class_index, new, own), strict=True)
    ]
    sums[1] += turned + class_index.objects @ new
    wanted = class_index.images[class_index.index_of(selection.classes)]
    per_class = (wanted @ selected)[:, None] + _shared(class_index, selection, new)
    return _weighed(class_index, sums, (per_class, class_index.images @ (selected + new), turned))


def _newcomers(class_index: ClassIndex, selection: Selection, eligible: Bools) -> Floats:
    """Return 1 for the images that come into the subset if they have the class that is added, (n,)."""
    if selection.mode is Mode.ONLY:
        return np.asarray(
            eligible & (other_class_counts(class_index, class_index.index_of(selection.classes)) == 1), dtype=float
        )
    excluded = class_index.presence[:, class_index.index_of(selection.excluded_classes)].any(axis=1)
    return np.asarray(eligible & ~excluded, dtype=float)


def _own_objects(class_index: ClassIndex, selection: Selection) -> Floats:
    """Return how many objects of the picked classes each image has, (n,)."""
    return np.asarray(class_index.objects[class_index.index_of(selection.classes)].sum(axis=0))


def _columns(class_index: ClassIndex, among: Floats, own: Floats) -> Iterator[Floats]:
    """Yield what is summed: images, objects of the picked classes, objects of all, bytes where they are known."""
    yield among
    yield among * own
    yield among * class_index.object_totals
    if class_index.size_bytes is not None:
        yield among * class_index.size_bytes


def _sums(class_index: ClassIndex, among: Floats, own: Floats) -> list[Floats]:
    """Return each column summed over the images of each category, of some images, each (k,)."""
    return [class_index.images @ column for column in _columns(class_index, among, own)]


def _totals(class_index: ClassIndex, among: Floats, own: Floats) -> list[float]:
    """Return each column summed over some images."""
    return [float(column.sum()) for column in _columns(class_index, among, own)]


def _shared(class_index: ClassIndex, selection: Selection, among: Floats) -> Floats:
    """Return in how many of some images each picked class and each category both are, (picked, k)."""
    wanted = class_index.images[class_index.index_of(selection.classes)]
    wanted.data *= among[wanted.indices]
    return np.asarray((wanted @ class_index.categories).toarray())


def _weighed(class_index: ClassIndex, sums: list[Floats], classes: tuple[Floats, Floats, Floats]) -> WhatIfCounts:
    images, objects, totals = (each.astype(np.int64) for each in sums[:3])
    per_class, of_class, cleared = (each.astype(np.int64) for each in classes)
    return WhatIfCounts(
        image_count=images,
        object_count=objects,
        total_count=totals,
        images_per_class=per_class,
        images_of_class=of_class,
        size_bytes=None if class_index.size_bytes is None else sums[3].astype(np.int64),
        cleared_count=cleared,
    )
