"""Which class is worth forbidding, and which worth adding?

Each suggestion changes one class of the selection and says what that gives, in the numbers that `select` counts
afterwards. Forbidding a class costs images and clears objects of classes that were not picked out of them; adding one
turns its objects from dilution into labels. One pass over the images weighs all classes.

A class is worth it where dilution falls by a whole point of a hundred at least: less cannot be seen in the number.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cocomine.coco.dataset import Bools, Floats, Ints
from cocomine.mining.advice.constraints import Constraints, Relaxation, cheapest_relaxation
from cocomine.mining.advice.weighing import WhatIfCounts, counts_if_added, counts_if_excluded
from cocomine.mining.selection.counting import CandidateImages, ClassIndex, SubsetCounts, counts_of_images
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
        object_count: objects of the class in the subset's images as they are, which neither forbidding nor adding it
            leaves as objects of another class; in mode "all", those in the images that stay.
    """

    step: Step
    name: str
    before: SubsetCounts
    after: SubsetCounts
    object_count: int

    def applied_to(self, chosen: Selection) -> Selection:
        """Return a selection with the suggestion."""
        return with_step(chosen, self.step, self.name)


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


def with_step(chosen: Selection, step: Step, name: str) -> Selection:
    """Return a selection with one class more excluded, or picked; wherever it was before, it is there no longer."""
    return with_excluded(chosen, (name,)) if step is Step.EXCLUDE else with_classes(chosen, (name,))


def exclude_advice(candidates: CandidateImages, selection: Selection, constraints: Constraints) -> Advice:
    """Suggest classes to forbid, ranked by dilution removed for each image lost.

    With the subset's dilution d and n images, and d_j and n_j without the images that have class j, the rank is by
    (d - d_j) / (n - n_j), largest first. d_j < d just where forbidding clears a larger share of the other classes'
    objects than it loses of the picked ones'.

    Args:
        candidates: the images to take from.
        selection: what the person asked for.
        constraints: what the subset must hold to afterwards.

    Source: the definitions of CocoMine; dilution is that of `Subset.dilution_by_objects`.
    """
    class_index, selected = candidates.class_index, candidates.images(selection)
    before = counts_of_images(class_index, selection.classes, selected)
    weighed = counts_if_excluded(class_index, selection, selected.astype(float))
    lost = before.image_count - weighed.image_count
    worth = _can_change(class_index, selection) & (lost > 0) & (weighed.image_count > 0)
    worth &= before.dilution - weighed.dilution >= LEAST_EFFECT
    value = (before.dilution - weighed.dilution) / np.maximum(lost, 1)
    return _advice(Step.EXCLUDE, class_index, (before, weighed), _ranked(worth, value), constraints)


def add_advice(candidates: CandidateImages, selection: Selection, constraints: Constraints) -> Advice:
    """Suggest classes to add, ranked by dilution turned into labels.

    That is the share of the subset's labelled objects which are of class j, as all objects of the subset's images are
    the same in number for each j: the objects of j in these images. Images that come with the class bring other
    objects; where dilution would fall by less than `LEAST_EFFECT`, or rise, the class is not worth it. In mode
    "only" nothing is diluted: there the rank is by images gained.

    See `exclude_advice` for the arguments.
    """
    class_index, selected = candidates.class_index, candidates.images(selection)
    before = counts_of_images(class_index, selection.classes, selected)
    weighed = counts_if_added(
        class_index, selection, selected=selected.astype(float), eligible=candidates.eligible(selection)
    )
    worth = _can_change(class_index, selection)
    if selection.mode is Mode.ONLY:
        value = weighed.image_count - before.image_count
        worth &= value > 0
    else:
        value = weighed.cleared_count
        worth &= (value > 0) & (before.dilution - weighed.dilution >= LEAST_EFFECT)
    return _advice(Step.ADD, class_index, (before, weighed), _ranked(worth, value), constraints)


def every_exclusion(candidates: CandidateImages, selection: Selection) -> list[Suggestion]:
    """Return what forbidding each class that is neither picked nor excluded would give, worth it or not.

    See `exclude_advice` for the arguments.
    """
    class_index, selected = candidates.class_index, candidates.images(selection)
    before = counts_of_images(class_index, selection.classes, selected)
    weighed = counts_if_excluded(class_index, selection, selected.astype(float))
    index = np.flatnonzero(_can_change(class_index, selection)).tolist()
    return [_suggestion(Step.EXCLUDE, class_index.names[each], before, (weighed, each)) for each in index]


def _can_change(class_index: ClassIndex, selection: Selection) -> Bools:
    """Return which categories are neither picked nor excluded, none without a picked class, (k,)."""
    free = np.full(len(class_index.names), bool(selection.classes))
    free[class_index.index_of((*selection.classes, *selection.excluded_classes))] = False
    return free


def _ranked(worth: Bools, value: Floats | Ints) -> list[int]:
    """Return the positions of those worth it, the largest value first, of equal ones in the dataset's order."""
    return [int(index) for index in np.argsort(-value, kind="stable") if worth[index]]


def _advice(
    step: Step,
    class_index: ClassIndex,
    weighed: tuple[SubsetCounts, WhatIfCounts],
    ranked: list[int],
    constraints: Constraints,
) -> Advice:
    before, after = weighed
    all_worth = [_suggestion(step, class_index.names[index], before, (after, index)) for index in ranked]
    fitting = [each for each in all_worth if constraints.met_by(each.after)]
    relaxation = None if fitting else cheapest_relaxation([each.after for each in all_worth], constraints)
    return Advice(
        suggestions=tuple(fitting[:MOST_SUGGESTIONS]),
        worth_count=len(all_worth),
        relaxation=relaxation,
        relaxed=all_worth[relaxation.position] if relaxation else None,
    )


def _suggestion(step: Step, name: str, before: SubsetCounts, place: tuple[WhatIfCounts, int]) -> Suggestion:
    weighed, index = place
    picked = [picked_name for picked_name, _ in before.images_per_class]
    images = dict(zip(picked, weighed.images_per_class[:, index].tolist(), strict=True))
    if step is Step.ADD:
        images[name] = int(weighed.images_of_class[index])
    after = SubsetCounts(
        image_count=int(weighed.image_count[index]),
        object_count=int(weighed.object_count[index]),
        other_object_count=int(weighed.total_count[index] - weighed.object_count[index]),
        images_per_class=tuple(images.items()),
        size_bytes=None if weighed.size_bytes is None else int(weighed.size_bytes[index]),
    )
    cleared_count = int(weighed.cleared_count[index])
    return Suggestion(step=step, name=name, before=before, after=after, object_count=cleared_count)
