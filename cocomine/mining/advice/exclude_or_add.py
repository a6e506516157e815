"""Which class is worth excluding, and which worth adding?

Each suggestion changes one class of the selection and says what that gives, in the numbers that `select` counts
afterwards. Excluding a class removes images and, with them, objects of unselected classes; adding one turns its objects
from dilution into labels. One pass over the images counts all classes. Caps and negatives, which draw from the images
that match, are not looked at: the numbers are those of what matches.

A class is worth it where dilution falls by a whole point of a hundred at least: less cannot be seen in the number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.mining.advice.constraints import Constraints, Relaxation, cheapest_relaxation
from cocomine.mining.selection.counting import CandidateImages, ClassIndex, Occurrences, SubsetCounts
from cocomine.mining.selection.editing import with_classes, with_excluded
from cocomine.mining.selection.selection import Mode, Selection

LEAST_EFFECT = 0.01
"""Dilution that a suggestion must remove, at least."""
MOST_SUGGESTIONS = 4


class Step(StrEnum):
    """What a suggestion does with its class."""

    EXCLUDE = "exclude"
    ADD = "add"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One class, what to do with it, and what that gives.

    Attributes:
        before: what the selection gives as it is.
        after: what it gives with the suggestion.
        object_count: objects of the class in the subset's images as they are, which neither excluding nor adding it
            leaves as objects of another class; in mode "all", those in the images that stay.
    """

    step: Step
    name: str
    before: SubsetCounts
    after: SubsetCounts
    object_count: int

    def applied_to(self, selection: Selection) -> Selection:
        """Return a selection with the class excluded, or selected; wherever it was before, it is there no longer."""
        edited = with_excluded if self.step is Step.EXCLUDE else with_classes
        return edited(selection, (self.name,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is suggested for one step.

    Attributes:
        suggestions: the best first, each meets the constraints.
        worth_count: classes that would be worth it, were there no constraints.
        relaxation: where every one of these breaks a constraint, the cheapest change that lets one in.
        relaxed: the suggestion that it lets in.
    """

    suggestions: tuple[Suggestion, ...]
    worth_count: int
    relaxation: Relaxation | None
    relaxed: Suggestion | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhatIfCounts:
    """What one step would give for every category.

    Attributes:
        step: what is done with the category.
        before: what the selection gives as it is.
        image_count: (k,).
        object_count: objects of the selected classes, among them the one that is added, (k,).
        total_count: objects of all classes in these images, (k,).
        images_per_class: images of each selected class, (selected, k).
        images_of_class: images of the category itself, (k,).
        size_bytes: what the image files take, (k,); None where it is not known.
        cleared_count: see `Suggestion.object_count`, (k,).
    """

    step: Step
    before: SubsetCounts
    image_count: Ints
    object_count: Ints
    total_count: Ints
    images_per_class: Ints
    images_of_class: Ints
    size_bytes: Ints | None
    cleared_count: Ints

    @property
    def dilution(self) -> Floats:
        """Share of the objects that are of unselected classes, in [0, 1], (k,)."""
        return np.asarray((self.total_count - self.object_count) / np.maximum(self.total_count, 1))

    @property
    def dilution_removed(self) -> Floats:
        """Dilution as it is, less dilution with the step, (k,)."""
        return self.before.dilution - self.dilution

    def suggestion(self, name: str, index: int) -> Suggestion:
        """Return the step with one category as a suggestion."""
        selected = [each for each, _ in self.before.images_per_class]
        images = dict(zip(selected, self.images_per_class[:, index].tolist(), strict=True))
        if self.step is Step.ADD:
            images[name] = int(self.images_of_class[index])
        after = SubsetCounts(
            image_count=int(self.image_count[index]),
            object_count=int(self.object_count[index]),
            other_object_count=int(self.total_count[index] - self.object_count[index]),
            images_per_class=tuple(images.items()),
            size_bytes=None if self.size_bytes is None else int(self.size_bytes[index]),
        )
        cleared_count = int(self.cleared_count[index])
        return Suggestion(step=self.step, name=name, before=self.before, after=after, object_count=cleared_count)


def exclude_advice(candidates: CandidateImages, selection: Selection, constraints: Constraints) -> Advice:
    """Suggest classes to exclude, ranked by dilution removed for each image removed.

    With the subset's dilution d and n images, and d_j and n_j without the images that have class j, the rank is by
    (d - d_j) / (n - n_j), largest first. d_j < d just where excluding clears a larger share of the other classes'
    objects than it removes of the selected ones'.

    Source: the definitions of CocoMine; dilution is that of `SubsetCounts.dilution`.
    """
    what_if = counts_if_excluded(candidates, selection)
    removed_count = what_if.before.image_count - what_if.image_count
    worth = _is_neither(candidates.class_index, selection) & (removed_count > 0) & (what_if.image_count > 0)
    worth &= what_if.dilution_removed >= LEAST_EFFECT
    value = what_if.dilution_removed / np.maximum(removed_count, 1)
    return _advice(what_if, candidates.class_index.names, _ranked(worth, value), constraints)


def add_advice(candidates: CandidateImages, selection: Selection, constraints: Constraints) -> Advice:
    """Suggest classes to add, ranked by dilution turned into labels.

    That is the share of the subset's labelled objects which are of class j, as all objects of the subset's images are
    the same in number for each j: the objects of j in these images. Images that come with the class bring other
    objects; where dilution would fall by less than `LEAST_EFFECT`, or rise, the class is not worth it. In mode
    "only" nothing is diluted: there the rank is by images gained.
    """
    what_if = counts_if_added(candidates, selection)
    worth = _is_neither(candidates.class_index, selection)
    if selection.mode is Mode.ONLY:
        value = what_if.image_count - what_if.before.image_count
        worth &= value > 0
    else:
        value = what_if.cleared_count
        worth &= (value > 0) & (what_if.dilution_removed >= LEAST_EFFECT)
    return _advice(what_if, candidates.class_index.names, _ranked(worth, value), constraints)


def every_exclusion(candidates: CandidateImages, selection: Selection) -> list[Suggestion]:
    """Return what excluding each class that is neither selected nor excluded would give, worth it or not."""
    what_if = counts_if_excluded(candidates, selection)
    index = np.flatnonzero(_is_neither(candidates.class_index, selection)).tolist()
    return [what_if.suggestion(candidates.class_index.names[each], each) for each in index]


def counts_if_excluded(candidates: CandidateImages, selection: Selection) -> WhatIfCounts:
    """Count what is left of the subset without the images that have each category."""
    class_index, selected = candidates.class_index, candidates.images(selection)
    marks, own = selected.astype(float), _own_objects(class_index, selection)
    removed = _sums(class_index, class_index.every, marks, own)
    rows = class_index.kept.images[class_index.index_of(selection.classes)]
    return _what_if(
        Step.EXCLUDE,
        class_index.counts(selection.classes, selected),
        sums=[total - each for total, each in zip(_totals(class_index, marks, own), removed, strict=True)],
        images_per_class=(rows @ marks)[:, None] - _shared(class_index, selection, marks, class_index.every),
        images_of_class=np.zeros(len(class_index.names)),
        cleared=class_index.objects @ marks,
    )


def counts_if_added(candidates: CandidateImages, selection: Selection) -> WhatIfCounts:
    """Count the subset with each category selected too."""
    class_index, selected = candidates.class_index, candidates.images(selection)
    marks, own, kept = selected.astype(float), _own_objects(class_index, selection), class_index.kept
    before, turned = class_index.counts(selection.classes, selected), class_index.objects @ marks
    if selection.mode is Mode.ALL:  # the images that have the class as well
        sums = _sums(class_index, kept, marks, own)
        shared = _shared(class_index, selection, marks, kept)
        sums[1] += turned
        return _what_if(Step.ADD, before, sums=sums, images_per_class=shared, images_of_class=sums[0], cleared=turned)
    sums = [np.full(len(class_index.names), total) for total in _totals(class_index, marks, own)]
    sums[1] += turned
    rows = kept.images[class_index.index_of(selection.classes)]
    images_per_class = np.repeat((rows @ marks)[:, None], len(class_index.names), axis=1)
    images_of_class = kept.images @ marks
    for those, may_come in _newcomers(candidates, selection):
        new = may_come * (1 - marks)
        sums = [total + each for total, each in zip(sums, _sums(class_index, those, new, own), strict=True)]
        sums[1] += class_index.objects @ new
        images_per_class += _shared(class_index, selection, new, those)
        images_of_class += kept.images @ new
    return _what_if(
        Step.ADD,
        before,
        sums=sums,
        images_per_class=images_per_class,
        images_of_class=images_of_class,
        cleared=turned,
    )


def _is_neither(class_index: ClassIndex, selection: Selection) -> Bools:
    """Return which categories are neither selected nor excluded, none without a selected class, (k,)."""
    is_neither = np.full(len(class_index.names), bool(selection.classes))
    is_neither[class_index.index_of((*selection.classes, *selection.excluded_classes))] = False
    return is_neither


def _ranked(worth: Bools, value: Floats | Ints) -> list[int]:
    """Return the positions of those worth it, the largest value first, of equal ones in the dataset's order."""
    return [int(index) for index in np.argsort(-value, kind="stable") if worth[index]]


def _advice(what_if: WhatIfCounts, names: tuple[str, ...], ranked: list[int], constraints: Constraints) -> Advice:
    all_worth = [what_if.suggestion(names[index], index) for index in ranked]
    fitting = [each for each in all_worth if constraints.met_by(each.after)]
    relaxation = None if fitting else cheapest_relaxation([each.after for each in all_worth], constraints)
    return Advice(
        suggestions=tuple(fitting[:MOST_SUGGESTIONS]),
        worth_count=len(all_worth),
        relaxation=relaxation,
        relaxed=all_worth[relaxation.position] if relaxation else None,
    )


def _newcomers(candidates: CandidateImages, selection: Selection) -> list[tuple[Occurrences, Floats]]:
    """Return which images come into the subset if they have the class that is added.

    Returns:
        In which sense they have it, and 1 for each such image, (n,). Beside a selected class it may be in objects that
        are left out.
    """
    class_index, eligible = candidates.class_index, candidates.eligible(selection)
    classes = class_index.index_of(selection.classes)
    if selection.mode is Mode.ONLY:
        may_be = eligible & (class_index.other_class_counts(classes) == 1)
        has_selected = class_index.kept.presence[:, classes].any(axis=1)
        return [
            (class_index.every, (may_be & has_selected).astype(float)),
            (class_index.kept, (may_be & ~has_selected).astype(float)),
        ]
    is_excluded = class_index.every.presence[:, class_index.index_of(selection.excluded_classes)].any(axis=1)
    return [(class_index.kept, (eligible & ~is_excluded).astype(float))]


def _own_objects(class_index: ClassIndex, selection: Selection) -> Floats:
    """Return how many objects of the selected classes each image has, (n,)."""
    return np.asarray(class_index.objects[class_index.index_of(selection.classes)].sum(axis=0))


def _columns(class_index: ClassIndex, among: Floats, own: Floats) -> Iterator[Floats]:
    """Yield what is summed: images, objects of the selected classes, objects of all, bytes where they are known."""
    yield among
    yield among * own
    yield among * class_index.object_totals
    if class_index.size_bytes is not None:
        yield among * class_index.size_bytes


def _sums(class_index: ClassIndex, having: Occurrences, among: Floats, own: Floats) -> list[Floats]:
    """Return each column summed over the images of each category, of some images, each (k,)."""
    columns = np.stack(list(_columns(class_index, among, own)), axis=1)
    return list((having.categories.T @ columns).T)  # image by image, so that each is looked at once


def _totals(class_index: ClassIndex, among: Floats, own: Floats) -> list[float]:
    """Return each column summed over some images."""
    return [float(column.sum()) for column in _columns(class_index, among, own)]


def _shared(class_index: ClassIndex, selection: Selection, among: Floats, having: Occurrences) -> Floats:
    """Return in how many of some images each selected class and each category both are, (selected, k)."""
    rows = class_index.kept.images[class_index.index_of(selection.classes)]
    rows.data *= among[rows.indices]
    return np.asarray((rows @ having.categories).toarray())


def _what_if(
    step: Step,
    before: SubsetCounts,
    *,
    sums: list[Floats],
    images_per_class: Floats,
    images_of_class: Floats,
    cleared: Floats,
) -> WhatIfCounts:
    images, objects, totals, *sizes = (each.astype(np.int64) for each in sums)
    return WhatIfCounts(
        step=step,
        before=before,
        image_count=images,
        object_count=objects,
        total_count=totals,
        images_per_class=images_per_class.astype(np.int64),
        images_of_class=images_of_class.astype(np.int64),
        size_bytes=sizes[0] if sizes else None,
        cleared_count=cleared.astype(np.int64),
    )
