"""Which classes meet one another least?

A *quiet set* is some classes with enough images each of which no two come together often. How loud a pair is is told by
its *shrunken lift*, (c_ij + 1) / (e_ij + 1), with c_ij the images that hold both and e_ij those that chance would
bring: a pair of which little is known stays near 1, so that rare classes do not look quiet because nobody saw them.
Of two sets the one whose loudest pair is quieter is better; of equal ones, the one with the lower mean.

A pair that meets as often as expected by chance, or more often, is in no quiet set. Nor is one that is unknown, as in
federated data where the two were never looked for in one image.

Source: W. DuMouchel, Bayesian Data Mining in Large Frequency Tables, The American Statistician 53 (1999), for
shrinking observed / expected towards 1; here with a gamma prior of mean 1 that weighs as much as one expected image.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, tee

import numpy as np

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.mining.advice.constraints import Constraints, Relaxation, cheapest_relaxation
from cocomine.mining.interference.co_occurrence import PairTable
from cocomine.mining.selection.counting import CandidateImages, SubsetCounts
from cocomine.mining.selection.selection import Mode, Selection

PRIOR_IMAGES = 1.0
FEWEST_CLASSES, MOST_CLASSES = 2, 8
MOST_SWAPS = 20
"""Rounds in which one class of a set is exchanged; few sets need more than three."""
MOST_EXCHANGED = 40
"""Sets, the quietest first, that are improved by exchanges; the others hardly become the best."""
Members = tuple[int, ...]
"""Positions of categories; those that must be in the set, or its seed, first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSet:
    """Some classes and how seldom they meet.

    Attributes:
        names: of the classes, in the dataset's order; those that must be in it first.
        meeting_count: images that hold both classes of a pair, summed over the pairs.
        expected: the same sum as chance would bring it.
    """

    names: tuple[str, ...]
    meeting_count: int
    expected: float


def shrunken_lift(table: PairTable) -> Floats:
    """Return (c_ij + 1) / (e_ij + 1) of every pair, infinite on the diagonal and where it cannot be told, (k, k)."""
    shrunken = (table.counts + PRIOR_IMAGES) / (table.expected + PRIOR_IMAGES)
    loudness = np.where(np.isnan(table.lift), np.inf, shrunken)
    np.fill_diagonal(loudness, np.inf)
    return np.asarray(loudness)


def quiet_sets(table: PairTable, size: int, *, among: Bools, containing: Sequence[int] = ()) -> Iterator[QuietSet]:
    """Yield quiet sets of one size, each class of which makes a good one, the quietest first.

    Every class is once the seed of a set, to which the class is added that keeps its loudest pair quietest, until it is
    full; then classes are exchanged for others as long as that makes the set quieter. This is not proven to be the
    quietest set there is, but it needs no chance, and the same table gives the same sets.

    Args:
        size: classes in a set, at least 2.
        among: categories that may be taken, (k,).
        containing: positions of categories that every set holds, fewer than `size`, taken or not by `among`.
    """
    loudness = _allowed_pairs(table, among, containing)
    grown = sorted(_grown(loudness, size, tuple(containing)), key=lambda each: _score(loudness, each))
    fixed_count = len(containing) + 1
    better = [_exchanged(loudness, each, fixed_count) for each in grown[:MOST_EXCHANGED]] + grown[MOST_EXCHANGED:]
    seen: set[frozenset[int]] = set()
    for each in sorted(better, key=lambda each: (_score(loudness, each), each)):
        if frozenset(each) not in seen and np.isfinite(_score(loudness, each)[0]):
            seen.add(frozenset(each))
            yield _quiet_set(table, each, len(containing))


def _allowed_pairs(table: PairTable, among: Bools, containing: Sequence[int]) -> Floats:
    """Return the loudness of every pair, infinite for those that no set may hold, (k, k)."""
    loudness = shrunken_lift(table)
    loudness[loudness >= 1] = np.inf
    barred = ~among
    barred[list(containing)] = False
    loudness[barred], loudness[:, barred] = np.inf, np.inf
    return loudness


def _grown(loudness: Floats, size: int, containing: Members) -> list[Members]:
    """Return one set for each seed; those that must be in it come first, then the seed."""
    seeds = [(*containing, index) for index in range(len(loudness))]
    members = np.array(seeds, dtype=np.int64).reshape(len(seeds), len(containing) + 1)  # (s, t)
    if not seeds:
        return []
    max_lift = np.zeros(len(seeds))
    for at in range(members.shape[1]):
        max_lift = np.maximum(max_lift, loudness[members[:, :at], members[:, [at]]].max(axis=1, initial=0))
    to_any, sum_to_any = loudness[members].max(axis=1), loudness[members].sum(axis=1)  # (s, k)
    for _ in range(size - members.shape[1]):
        added = _quietest(np.maximum(max_lift[:, None], to_any), sum_to_any)
        rows = np.arange(len(seeds))
        max_lift = np.maximum(max_lift, to_any[rows, added])
        to_any, sum_to_any = np.maximum(to_any, loudness[added]), sum_to_any + loudness[added]
        members = np.column_stack([members, added])
    return [tuple(each) for each, value in zip(members.tolist(), max_lift, strict=True) if np.isfinite(value)]


def _quietest(max_lift: Floats, total: Floats) -> Ints:
    """Return for each row the position whose loudest pair is quietest, of equals that with the least total, (s,)."""
    is_least = max_lift <= max_lift.min(axis=1, keepdims=True)
    return np.asarray(np.where(is_least, total, np.inf).argmin(axis=1))


def _exchanged(loudness: Floats, members: Members, fixed_count: int) -> Members:
    """Return a set after exchanging single classes, but the first ones, as long as it grows quieter."""
    for _ in range(MOST_SWAPS):
        rests = [members[:at] + members[at + 1 :] for at in range(fixed_count, len(members))]
        others = (_completed(loudness, rest) for rest in rests)
        best = min(others, key=lambda each: _score(loudness, each), default=members)
        if _score(loudness, best) >= _score(loudness, members):
            return members
        members = best
    return members


def _completed(loudness: Floats, rest: Members) -> Members:
    """Return a set that lacks one class with the class that keeps it quietest."""
    rows = loudness[list(rest)]
    max_lift = np.maximum(_score(loudness, rest)[0], rows.max(axis=0))
    return (*rest, int(_quietest(max_lift[None], rows.sum(axis=0)[None])[0]))


def _score(loudness: Floats, members: Members) -> tuple[float, float]:
    """Return the loudness of the loudest pair and the sum of all; the less the better."""
    values = [float(loudness[pair]) for pair in combinations(members, 2)]
    return max(values, default=0.0), float(np.sum(values))


def _quiet_set(table: PairTable, members: Members, fixed_count: int) -> QuietSet:
    ordered = (*members[:fixed_count], *sorted(members[fixed_count:]))
    pairs = tuple(np.array(list(combinations(ordered, 2))).T)
    return QuietSet(
        names=tuple(table.names[index] for index in ordered),
        meeting_count=int(table.counts[pairs].sum()),
        expected=float(table.expected[pairs].sum()),
    )


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
        selection: its excluded classes and its licences stay.
    """
    has_enough = _images_of_classes(candidates, selection) >= constraints.images_per_class
    found, compared = tee(islice(_choices(candidates, table, selection, request, among=has_enough), MOST_COMPARED))
    fitting = (each for each in found if constraints.met_by(each.after))
    if choices := different(fitting, len(request.containing)):
        return QuietAdvice(choices=choices)
    others = [*compared] or _with_fewer_images(candidates, table, selection, request)
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
    is_excluded = class_index.every.presence[:, class_index.index_of(selection.excluded_classes)].any(axis=1)
    allowed = candidates.eligible(selection) & ~is_excluded
    return np.asarray((class_index.kept.images @ allowed.astype(float)).astype(np.int64))


def _choices(
    candidates: CandidateImages, table: PairTable, selection: Selection, request: QuietSetRequest, *, among: Bools
) -> Iterator[QuietChoice]:
    """Yield the quiet sets among some categories with what they give, the quietest first."""
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
        found = [*islice(_choices(candidates, table, selection, request, among=among), MOST_COMPARED)]
        count = count + 1 if count == len(ranked) else min(count + 1 + count // 5, len(ranked))
    return found
