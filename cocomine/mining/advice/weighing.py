"""What would a subset be with each other category forbidden, or picked? All categories in one pass over the images."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cocomine.coco.dataset import Bools, Floats, Ints
from cocomine.mining.selection.counting import Occurrences, others_beside
from cocomine.mining.selection.selection import Mode, Selection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighed:
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


def weighed_forbidding(known: Occurrences, selection: Selection, taken: Floats) -> Weighed:
    """Weigh what is left of the subset, 1 for its images, without those that have each category."""
    own = _own_objects(known, selection)
    lost = _sums(known, taken, own)
    wanted = known.images[known.index_of(selection.classes)]
    per_class = (wanted @ taken)[:, None] - _shared(known, selection, taken)
    left = [total - each for total, each in zip(_totals(known, taken, own), lost, strict=True)]
    return _weighed(known, left, (per_class, np.zeros(len(known.names)), known.objects @ taken))


def weighed_adding(known: Occurrences, selection: Selection, *, taken: Floats, free: Bools) -> Weighed:
    """Weigh the subset, 1 for its images, with each category picked too."""
    own = _own_objects(known, selection)
    turned = known.objects @ taken
    if selection.mode is Mode.ALL:  # the images that have the class as well
        stay = _sums(known, taken, own)
        stay[1] += turned
        return _weighed(known, stay, (_shared(known, selection, taken), stay[0], turned))
    new = _newcomers(known, selection, free) * (1 - taken)
    sums = [total + each for total, each in zip(_totals(known, taken, own), _sums(known, new, own), strict=True)]
    sums[1] += turned + known.objects @ new
    wanted = known.images[known.index_of(selection.classes)]
    per_class = (wanted @ taken)[:, None] + _shared(known, selection, new)
    return _weighed(known, sums, (per_class, known.images @ (taken + new), turned))


def _newcomers(known: Occurrences, selection: Selection, free: Bools) -> Floats:
    """Return 1 for the images that come into the subset if they have the class that is added, (n,)."""
    if selection.mode is Mode.ONLY:
        return np.asarray(free & (others_beside(known, known.index_of(selection.classes)) == 1), dtype=float)
    forbidden = known.presence[:, known.index_of(selection.forbidden)].any(axis=1)
    return np.asarray(free & ~forbidden, dtype=float)


def _own_objects(known: Occurrences, selection: Selection) -> Floats:
    """Return how many objects of the picked classes each image has, (n,)."""
    return np.asarray(known.objects[known.index_of(selection.classes)].sum(axis=0))


def _columns(known: Occurrences, among: Floats, own: Floats) -> Iterator[Floats]:
    """Yield what is summed: images, objects of the picked classes, objects of all, bytes where they are known."""
    yield among
    yield among * own
    yield among * known.object_totals
    if known.size_bytes is not None:
        yield among * known.size_bytes


def _sums(known: Occurrences, among: Floats, own: Floats) -> list[Floats]:
    """Return each column summed over the images of each category, of some images, each (k,)."""
    return [known.images @ column for column in _columns(known, among, own)]


def _totals(known: Occurrences, among: Floats, own: Floats) -> list[float]:
    """Return each column summed over some images."""
    return [float(column.sum()) for column in _columns(known, among, own)]


def _shared(known: Occurrences, selection: Selection, among: Floats) -> Floats:
    """Return in how many of some images each picked class and each category both are, (picked, k)."""
    wanted = known.images[known.index_of(selection.classes)]
    wanted.data *= among[wanted.indices]
    return np.asarray((wanted @ known.categories).toarray())


def _weighed(known: Occurrences, sums: list[Floats], classes: tuple[Floats, Floats, Floats]) -> Weighed:
    images, objects, totals = (each.astype(np.int64) for each in sums[:3])
    per_class, of_class, cleared = (each.astype(np.int64) for each in classes)
    return Weighed(
        image_count=images,
        object_count=objects,
        total_count=totals,
        images_per_class=per_class,
        images_of_class=of_class,
        size_bytes=None if known.size_bytes is None else sums[3].astype(np.int64),
        cleared_count=cleared,
    )
