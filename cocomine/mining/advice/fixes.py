"""Which constraint does a selection break, and what would mend that?

The least that the constraints must give way comes first, see `cheapest_relaxation`; then what can be changed in the
selection instead. Each remedy is counted out before it is named: what is offered meets the constraints.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from cocomine.mining.advice.constraints import Constraints, cheapest_relaxation
from cocomine.mining.advice.forbid_or_add import every_forbidding
from cocomine.mining.selection.counting import CandidateImages, SubsetCounts
from cocomine.mining.selection.editing import without
from cocomine.mining.selection.selection import Selection


class Change(StrEnum):
    """What a remedy changes."""

    RELAX = "relax"
    """less is asked for"""
    LEAVE_OUT = "leave out"
    """fewer classes are picked"""
    ALLOW = "allow"
    """a forbidden class is allowed again"""
    LICENCES = "licences"
    """images of any licence are taken"""
    FORBID = "forbid"
    """one class more is forbidden"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One change after which the constraints are met.

    Attributes:
        names: the classes that are left out, allowed or forbidden.
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
class Breach:
    """Constraints that a selection breaks.

    Attributes:
        lacking: picked classes with too few images and their images, the fewest first.
        is_too_large: the pictures take more than they may, or nobody knows what they take.
        counts: what the selection gives.
        remedies: the cheapest relaxation first, one of each kind.
    """

    lacking: tuple[tuple[str, int], ...]
    is_too_large: bool
    counts: SubsetCounts
    remedies: tuple[Remedy, ...]


def breach(candidates: CandidateImages, selection: Selection, constraints: Constraints) -> Breach | None:
    """Return which constraints a selection breaks; None where it holds to all, or has no class.

    Args:
        candidates: the images to take from.
        selection: what the person picked.
        constraints: what the subset must hold.
    """
    counts = candidates.counts(selection)
    if not selection.classes or constraints.met_by(counts):
        return None
    asked = max(constraints.images_per_class, 1)
    lacking = tuple(sorted((each for each in counts.images_per_class if each[1] < asked), key=lambda each: each[1]))
    remedies = [
        *_relaxations(counts, selection, constraints),
        *(_counted(candidates, constraints, each) for each in _changes(candidates, selection, constraints, lacking)),
    ]
    return Breach(
        lacking=lacking,
        is_too_large=not constraints.is_small_enough(counts),
        counts=counts,
        remedies=_one_of_each([each for each in remedies if each.constraints.met_by(each.after)]),
    )


_Step = tuple[Change, tuple[str, ...], Selection]
"""What is changed, of which classes, and the selection afterwards."""


def _counted(candidates: CandidateImages, constraints: Constraints, step: _Step) -> Remedy:
    change, names, changed = step
    after = candidates.counts(changed)
    return Remedy(change=change, names=names, constraints=constraints, selection=changed, after=after)


def _relaxations(counts: SubsetCounts, selection: Selection, constraints: Constraints) -> Iterator[Remedy]:
    found = cheapest_relaxation([counts], constraints)
    if found is not None:
        yield Remedy(change=Change.RELAX, constraints=found.constraints, selection=selection, after=counts)


def _changes(
    candidates: CandidateImages, selection: Selection, constraints: Constraints, lacking: tuple[tuple[str, int], ...]
) -> Iterator[_Step]:
    """Yield changes of the selection that may mend it: of its classes, or where these have enough, of its size."""
    names = tuple(name for name, _ in lacking)
    if not names:
        yield from _smaller(candidates, selection, constraints)
        return
    if len(names) < len(selection.classes):
        yield Change.LEAVE_OUT, names, without(selection, names)
    for name in selection.forbidden:
        yield Change.ALLOW, (name,), without(selection, (name,))
    if selection.licences is not None:
        yield Change.LICENCES, (), replace(selection, licences=None)


def _smaller(candidates: CandidateImages, selection: Selection, constraints: Constraints) -> Iterator[_Step]:
    """Yield the class to forbid which takes the fewest images away, of those that make the subset small enough."""
    every = every_forbidding(candidates, selection)
    fitting = [each for each in every if constraints.met_by(each.after)]
    if fitting:
        best = max(fitting, key=lambda each: each.after.image_count)
        yield Change.FORBID, (best.name,), best.applied_to(selection)


def _one_of_each(remedies: list[Remedy]) -> tuple[Remedy, ...]:
    """Return the first remedy of each kind; of allowing a class again, the one that brings the fewest images."""
    by_change: dict[Change, Remedy] = {}
    for each in remedies:
        first = by_change.setdefault(each.change, each)
        if each.change is Change.ALLOW and each.after.image_count < first.after.image_count:
            by_change[each.change] = each
    return tuple(by_change.values())
