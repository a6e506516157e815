"""Which quiet sets does a person get offered, under what they ask for?

A set is offered as a new selection: its classes, in mode "any", with the excluded classes and licences of the
selection as it is. What it gives is counted as `select` counts it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from cocomine.coco.dataset import Bools, Ints
from cocomine.mining.advice.constraints import Constraints, Relaxation, cheapest_relaxation
from cocomine.mining.advice.quiet_sets import QuietSet, quiet_sets
from cocomine.mining.interference.co_occurrence import PairTable
from cocomine.mining.selection.counting import CandidateImages, SubsetCounts
from cocomine.mining.selection.selection import Mode, Selection

MOST_SETS = 3
MOST_COMPARED = 60
"""Sets of which it is counted what they give, when few of them meet the constraints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSetRequest:
    """What the person wants of a quiet set.

    Attributes:
        size: its classes.
        containing: names of the classes that it must hold.
    """

    size: int = 4
    containing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietChoice:
    """A quiet set and what it gives."""

    quiet: QuietSet
    after: SubsetCounts

    def applied_to(self, chosen: Selection) -> Selection:
        """Return the selection with the set as its classes."""
        return choosing(chosen, self.quiet.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietAdvice:
    """Which quiet sets are suggested.

    Attributes:
        choices: the quietest first, each meets the constraints; any two share at most half of the classes that were
            not asked for.
        relaxation: where no set meets the constraints, the cheapest change among the sets compared that lets one in.
        relaxed: the set that it lets in.
    """

    choices: tuple[QuietChoice, ...]
    relaxation: Relaxation | None = None
    relaxed: QuietChoice | None = None


def choosing(chosen: Selection, names: tuple[str, ...]) -> Selection:
    """Return a selection of any image with one of these classes; they are excluded no longer."""
    excluded = tuple(name for name in chosen.excluded_classes if name not in names)
    return replace(chosen, classes=names, excluded_classes=excluded, mode=Mode.ANY)


def quiet_advice(
    candidates: CandidateImages,
    table: PairTable,
    selection: Selection,
    *,
    constraints: Constraints,
    request: QuietSetRequest,
) -> QuietAdvice:
    """Suggest quiet sets that meet the constraints.

    Args:
        candidates: the images to take from.
        table: every pair of the dataset's categories in numbers.
        selection: its excluded classes and its licences stay.
        constraints: what each set must give.
        request: its size, and the classes it must hold.
    """
    images = _images_of_classes(candidates, selection)
    asked = max(constraints.images_per_class, 1)
    found = _choices(candidates, table, selection, (images >= asked, request))
    fitting = (each for each in islice(found, MOST_COMPARED) if constraints.met_by(each.after))
    if choices := different(fitting, len(request.containing)):
        return QuietAdvice(choices=choices)
    others = [*islice(_choices(candidates, table, selection, (images >= asked, request)), MOST_COMPARED)]
    others = others or _with_fewer_images(candidates, table, selection, request)
    relaxation = cheapest_relaxation([each.after for each in others], constraints)
    relaxed = others[relaxation.position] if relaxation else None
    return QuietAdvice(choices=(), relaxation=relaxation, relaxed=relaxed)


def different(choices: Iterable[QuietChoice], shared_count: int) -> tuple[QuietChoice, ...]:
    """Return the first ones that share at most half of their classes, but those every one must hold.

    Args:
        choices: the best first.
        shared_count: the classes that every one must hold; they come first.
    """
    kept: list[QuietChoice] = []
    for each in choices:
        own = set(each.quiet.names[shared_count:])
        if all(2 * len(own & set(other.quiet.names)) <= len(own) for other in kept):
            kept.append(each)
        if len(kept) == MOST_SETS:
            break
    return tuple(kept)


def _images_of_classes(candidates: CandidateImages, selection: Selection) -> Ints:
    """Return how many images each category has that may be taken and hold no excluded class, (k,); 0 if excluded."""
    class_index = candidates.class_index
    is_excluded = class_index.presence[:, class_index.index_of(selection.excluded_classes)].any(axis=1)
    allowed = candidates.eligible(selection) & ~is_excluded
    return np.asarray((class_index.images @ allowed.astype(float)).astype(np.int64))


def _choices(
    candidates: CandidateImages, table: PairTable, selection: Selection, wanted: tuple[Bools, QuietSetRequest]
) -> Iterator[QuietChoice]:
    """Yield the quiet sets among some categories with what they give, the quietest first."""
    among, request = wanted
    containing = candidates.index_of(request.containing)
    if len(containing) >= request.size:
        return
    for quiet in quiet_sets(table, request.size, among=among, containing=containing):
        yield QuietChoice(quiet=quiet, after=candidates.counts(choosing(selection, quiet.names)))


def _with_fewer_images(
    candidates: CandidateImages, table: PairTable, selection: Selection, request: QuietSetRequest
) -> list[QuietChoice]:
    """Return quiet sets among about as many of the categories with the most images as it takes to find one."""
    images = _images_of_classes(candidates, selection)
    ranked = np.argsort(-images, kind="stable")[: np.count_nonzero(images)]
    count, found = request.size - len(request.containing), list[QuietChoice]()
    while not found and 0 < count <= len(ranked):
        among = np.zeros(len(images), dtype=bool)
        among[ranked[:count]] = True
        found = [*islice(_choices(candidates, table, selection, (among, request)), MOST_COMPARED)]
        count = count + 1 if count == len(ranked) else min(count + 1 + count // 5, len(ranked))
    return found
