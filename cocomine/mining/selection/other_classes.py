"""What becomes of the objects and pixels of the classes that were not selected?

Of a subset's images every annotation counts that is not left out, whatever the policy for the other classes, so that
the four policies can be compared before one is chosen. An excluded class is in none of these images.

Pixels are COCO's `area` of each object, the area of its box where the file gives none; nothing is decoded. Where
objects overlap, the pixels of each count, so that shares of all pixels are upper bounds. Crowd regions count apart, for
label maps ignore those of every class they draw. An object without a known area (neither area nor box, or one that is
no finite number of at least 0) is counted as an object and adds no pixels.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from cocomine.coco.arrays import Bools, Floats
from cocomine.coco.pieces import pieces
from cocomine.mining.selection.selection import Others, Subset, SubsetSplit
from cocomine.wording import POLICY_OUTCOMES, counted, join_names, percent

COLUMN_COUNT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Annotations, counted.

    Attributes:
        object_count: annotations without crowd.
        area_px: the pixels of those whose area is known.
        unknown_area_count: annotations without crowd whose area is not known.
        crowd_count: crowd regions.
    """

    object_count: int = 0
    area_px: float = 0.0
    unknown_area_count: int = 0
    crowd_count: int = 0

    @classmethod
    def sum_of(cls, amounts: Iterable["Amount"]) -> "Amount":
        """Return several amounts as one."""
        every = list(amounts)
        return cls(**{each.name: sum(getattr(amount, each.name) for amount in every) for each in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class OtherClasses:
    """A subset's images, divided into what was selected and the others.

    Attributes:
        selected_by_class: every selected class, in the order of the selection.
        by_class: the other classes that occur, the one with most pixels first.
        image_area_px: width times height of all images of the subset.
    """

    selected_by_class: dict[str, Amount]
    by_class: dict[str, Amount]
    image_area_px: float

    @cached_property
    def selected(self) -> Amount:
        """All annotations of the selected classes."""
        return Amount.sum_of(self.selected_by_class.values())

    @cached_property
    def total(self) -> Amount:
        """All annotations of classes that were not selected."""
        return Amount.sum_of(self.by_class.values())

    @property
    def dilution_by_objects(self) -> float:
        """Share of labelled objects of classes not selected, in [0, 1]; as `SubsetCounts.dilution`."""
        return _share(self.total.object_count, self.selected.object_count + self.total.object_count)

    @property
    def dilution_by_pixels(self) -> float:
        """Share of the labelled objects' pixels which belong to classes not selected, in [0, 1]."""
        return _share(self.total.area_px, self.selected.area_px + self.total.area_px)

    @property
    def share_of_images(self) -> float:
        """Pixels of other classes' objects by all pixels of the images; above 1 where objects overlap much."""
        return _share(self.total.area_px, self.image_area_px)


def other_classes(subset: Subset) -> OtherClasses:
    """Return how a subset's images are divided into selected classes and the others; its policy does not matter."""
    size = len(subset.dataset.categories)
    sums = sum((_sums(part, size) for part in subset.parts), np.zeros((size, COLUMN_COUNT)))
    amounts = {name: _amount(row) for name, row in zip(subset.dataset.category_names, sums, strict=True)}
    others = {
        name: amount
        for name, amount in amounts.items()
        if name not in subset.selection.classes and (amount.object_count or amount.crowd_count)
    }
    return OtherClasses(
        selected_by_class={name: amounts[name] for name in subset.selection.classes},
        by_class=dict(sorted(others.items(), key=lambda entry: (-entry[1].area_px, -entry[1].object_count))),
        image_area_px=float(sum(_image_areas(part).sum() for part in subset.parts)),
    )


def summable_areas(areas_px: Floats) -> Bools:
    """Return which areas can be summed, (m,)."""
    return np.isfinite(areas_px) & (areas_px >= 0)


def _sums(part: SubsetSplit, category_count: int) -> Floats:
    """Return the fields of `Amount` for each category, (categories, 4)."""
    columns, index = part.split.annotations, part.all_annotation_index
    counts, areas_px = np.zeros((2, category_count * 4))
    for piece in pieces(len(index)):
        at = index[piece]
        areas = columns.areas_px[at]
        is_summable = summable_areas(areas)
        # one bin for each category, crowd or not, area known or not
        kind = columns.category_index[at] * 4 + columns.is_crowd[at] * 2 + is_summable
        counts += np.bincount(kind, minlength=len(counts))
        with np.errstate(over="ignore"):  # an area may be absurdly large
            np.add.at(areas_px, kind, np.where(is_summable, areas, 0.0))  # one by one: a sum depends on its order
    objects, crowds = counts.reshape(category_count, 2, 2).swapaxes(0, 1)
    sums = areas_px.reshape(category_count, 2, 2)
    return np.stack((objects.sum(axis=1), sums[:, 0, 1], objects[:, 0], crowds.sum(axis=1)), axis=1)


def _amount(row: Floats) -> Amount:
    return Amount(
        object_count=int(row[0]),
        area_px=float(row[1]),
        unknown_area_count=int(row[2]),
        crowd_count=int(row[3]),
    )


def _image_areas(part: SubsetSplit) -> Floats:
    images = part.split.images
    return np.asarray(images.widths[part.image_index] * images.heights[part.image_index].astype(np.float64))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


MOST_NAMED = 4


def other_classes_sentence(others: OtherClasses) -> str:
    """Return how many of the labelled objects are of unselected classes, and of which most."""
    ranked = sorted(others.by_class.items(), key=lambda entry: -entry[1].object_count)
    named = [f"{name} ({amount.object_count:,})" for name, amount in ranked[:MOST_NAMED] if amount.object_count]
    more = [f"{len(ranked) - len(named):,} more"] if named and len(ranked) > len(named) else []
    of_which = f": {join_names([*named, *more])}" if named else ""
    return (
        f"{counted(others.total.object_count, 'object')} in these images of unselected classes{of_which}. "
        f"Share of unselected classes: {percent(others.dilution_by_objects)} of the labelled objects, "
        f"{percent(others.dilution_by_pixels)} of the labelled pixels."
    )


def policy_sentence(others: OtherClasses, policy: Others) -> str:
    """Return what becomes of the other classes' objects under a policy."""
    count, (one, several) = others.total.object_count, POLICY_OUTCOMES[policy]
    if policy is Others.KEEP:
        class_count = len(others.by_class)
        several = f"are kept as {class_count} classes" if class_count > 1 else "are kept as their own class"
    return f"{counted(count, 'object')} {one if count == 1 else several}"


def crowd_sentence(others: OtherClasses, policy: Others) -> str:
    """Return what becomes of crowd regions under a policy, "" where there is none.

    Label maps ignore crowd regions of every class that they draw; under `BACKGROUND` other classes are not drawn, and
    their crowd regions become background with them.
    """
    background_count = others.total.crowd_count if policy is Others.BACKGROUND else 0
    ignored_count = others.selected.crowd_count + others.total.crowd_count - background_count
    parts = [
        f"{counted(count, 'crowd region')} {POLICY_OUTCOMES[becomes][count > 1]}"
        for becomes, count in ((Others.BACKGROUND, background_count), (Others.IGNORE, ignored_count))
        if count
    ]
    return f"{', '.join(parts)}." if parts else ""


def pixels_sentence(others: OtherClasses) -> str:
    """Return how pixels were counted, and which objects could not be."""
    unknown_count = others.selected.unknown_area_count + others.total.unknown_area_count
    counted_so = (
        "Pixels are the areas that the file gives; where objects overlap, the pixels of each count. "
        "Crowd regions are counted separately."
    )
    if not unknown_count:
        return counted_so
    unknown = f"{counted(unknown_count, 'object')} of unknown size {'adds' if unknown_count == 1 else 'add'} no pixels."
    return f"{counted_so} {unknown}"
