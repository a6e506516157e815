"""Which constraint does a selection break, and what would fix that?

The least that the constraints must give way comes first, see `cheapest_relaxation`; then what can be changed in the
selection instead. Each fix is counted out before it is named: what is offered meets the constraints.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from cocomine.mining.advice.constraints import Constraints, cheapest_relaxation
from cocomine.mining.advice.exclude_or_add import every_exclusion
from cocomine.mining.selection.counting import CandidateImages, SubsetCounts
from cocomine.mining.selection.editing import without_classes
from cocomine.mining.selection.selection import Selection


class Change(StrEnum):
    """What a fix changes."""

    RELAX = "relax"
    """less is asked for"""
    REMOVE = "remove"
    """fewer classes are selected"""
    ALLOW = "allow"
    """an excluded class is allowed again"""
    LICENCES = "licences"
    """images of any licence are allowed"""
    EXCLUDE = "exclude"
    """one class more is excluded"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One change after which the constraints are met.

    Attributes:
        names: the classes that are removed, allowed or excluded.
        constraints: what is asked for afterwards.
        selection: what is selected afterwards.
        after: what it gives then.
    """

    change: Change
    names: tuple[str, ...] = ()
    constraints: Constraints
    selection: Selection
    after: SubsetCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintViolation:
    """Constraints that a selection breaks.

    Attributes:
        classes_with_too_few: selected classes with too few images and their images, the fewest first.
        is_too_large: the image files take more than they may, or nobody knows what they take.
        counts: what the selection gives.
        fixes: the cheapest relaxation first, one of each kind.
    """

    classes_with_too_few: tuple[tuple[str, int], ...]
    is_too_large: bool
    counts: SubsetCounts
    fixes: tuple[Fix, ...]


def violation_of(
    candidates: CandidateImages, selection: Selection, constraints: Constraints
) -> ConstraintViolation | None:
    """Return which constraints a selection breaks; None where it holds to all, or has no class."""
    counts = candidates.counts(selection)
    if not selection.classes or constraints.met_by(counts):
        return None
    least = constraints.images_per_class
    lacking = sorted((each for each in counts.images_per_class if each[1] < least), key=lambda each: each[1])
    names = tuple(name for name, _ in lacking)
    fixes = list(_relaxations(counts, selection, constraints))
    if names:
        fixes += _changes(candidates, selection, constraints, names)
    else:  # each class has enough, so it is the size
        fixes += _smaller(candidates, selection, constraints)
    return ConstraintViolation(
        classes_with_too_few=tuple(lacking),
        is_too_large=not constraints.is_small_enough(counts),
        counts=counts,
        fixes=_one_of_each([each for each in fixes if each.constraints.met_by(each.after)]),
    )


def _relaxations(counts: SubsetCounts, selection: Selection, constraints: Constraints) -> Iterator[Fix]:
    found = cheapest_relaxation([counts], constraints)
    if found is not None:
        yield Fix(change=Change.RELAX, constraints=found.constraints, selection=selection, after=counts)


def _changes(
    candidates: CandidateImages, selection: Selection, constraints: Constraints, names: tuple[str, ...]
) -> Iterator[Fix]:
    """Yield changes of the selection that may bring classes with too few images enough of them."""

    def fix(change: Change, names: tuple[str, ...], changed: Selection) -> Fix:
        after = candidates.counts(changed)
        return Fix(change=change, names=names, constraints=constraints, selection=changed, after=after)

    if len(names) < len(selection.classes):
        yield fix(Change.REMOVE, names, without_classes(selection, names))
    for name in selection.excluded_classes:
        yield fix(Change.ALLOW, (name,), without_classes(selection, (name,)))
    if selection.licences is not None:
        yield fix(Change.LICENCES, (), replace(selection, licences=None))


def _smaller(candidates: CandidateImages, selection: Selection, constraints: Constraints) -> Iterator[Fix]:
    """Yield the class to exclude which removes the fewest images, of those that make the subset small enough."""
    fitting = [each for each in every_exclusion(candidates, selection) if constraints.met_by(each.after)]
    if fitting:
        best = max(fitting, key=lambda each: each.after.image_count)
        changed = best.applied_to(selection)
        yield Fix(
            change=Change.EXCLUDE, names=(best.name,), constraints=constraints, selection=changed, after=best.after
        )


def _one_of_each(fixes: list[Fix]) -> tuple[Fix, ...]:
    """Return the first fix of each kind; of allowing a class again, the one that brings the fewest images."""
    by_change: dict[Change, Fix] = {}
    for each in fixes:
        first = by_change.setdefault(each.change, each)
        if each.change is Change.ALLOW and each.after.image_count < first.after.image_count:
            by_change[each.change] = each
    return tuple(by_change.values())
