"""In which order are categories put on the axes of a map, and which pairs come first in a list?"""

from collections.abc import Collection, Sequence

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from cocomine.coco.arrays import Bools, Floats
from cocomine.mining.interference.co_occurrence import AGAINST_CHANCE, Measure, PairTable
from cocomine.mining.interference.pair_measure import PairMeasure, pair_measure

FURTHEST = 6.0
"""Doublings (or halvings) of chance beyond which one pair is no further from it than another."""
CLUSTER_FURTHEST = 4.0
"""The same, where categories are grouped."""


def by_supercategory(supercategories: Sequence[str]) -> list[int]:
    """Return positions so that supercategories stay together, in the order in which they first appear."""
    first_seen = {name: index for index, name in reversed(list(enumerate(supercategories)))}
    return sorted(range(len(supercategories)), key=lambda index: (first_seen[supercategories[index]], index))


def by_strength(table: PairTable) -> list[int]:
    """Return the categories' positions by how far their strongest pair is from chance, strongest first."""
    strength = _strength(table.cautious_lift)
    np.fill_diagonal(strength, 0.0)
    return [int(index) for index in np.argsort(-strength.max(axis=1, initial=0.0), kind="stable")]


def by_cluster(table: PairTable, positions: Sequence[int]) -> list[int]:
    """Return these positions so that categories which come together often stand together.

    Average linkage on the distance 4 - log2(cautious lift), the logarithm held between -4 and 4 and 0 where it is
    unknown: a pair 16 times more often than expected is at 0, one as by chance at 4, one that keeps apart at 8. Of all
    orders that keep the tree's branches whole the one is taken in which neighbours are nearest to each other.
    Equal tables give equal orders.

    Source: Z. Bar-Joseph et al., Fast optimal leaf ordering for hierarchical clustering, Bioinformatics 17 (2001).
    """
    if len(positions) < 3:
        return list(positions)
    lift = table.cautious_lift[np.ix_(positions, positions)]
    near = np.log2(np.clip(np.nan_to_num(lift, nan=1.0), 2.0**-CLUSTER_FURTHEST, 2.0**CLUSTER_FURTHEST))
    distance = CLUSTER_FURTHEST - near
    np.fill_diagonal(distance, 0.0)
    condensed = squareform(distance, checks=False)
    tree = optimal_leaf_ordering(linkage(condensed, method="average"), condensed)
    return [positions[leaf] for leaf in leaves_list(tree)]


def most_frequent(table: PairTable, limit: int) -> set[int]:
    """Return the positions of the categories with the most images, all where there are no more than `limit`."""
    return {int(index) for index in np.argsort(-table.counts.diagonal(), kind="stable")[:limit]}


def strongest_companions(view: PairMeasure, rows: Sequence[int], limit: int) -> list[int]:
    """Return the positions of the categories beside `rows` that have the strongest pairs with these, in their order.

    Categories without a value beside `rows` are left out; those with too few images beside all of them come last.
    """
    has_value = np.asarray(~np.isnan(view.values[list(rows)]).all(axis=0))
    has_value[list(rows)] = False
    strength = np.nan_to_num(_rank_values(view)[list(rows)], nan=-1.0).max(axis=0, initial=-1.0)
    ranked = np.argsort(np.where(has_value, -strength, np.inf), kind="stable")
    return sorted(int(index) for index in ranked[: min(limit, np.count_nonzero(has_value))])


def strongest_pairs(table: PairTable, *, fewest_images: int = 0) -> list[tuple[int, int]]:
    """Return all pairs of two categories that occur, by cautious lift, the furthest from chance first.

    Of those equally far, as all are that luck may explain, the ones in most images come first.

    Args:
        fewest_images: pairs are left out of which there are fewer and chance would give fewer; a pair that keeps
            apart stays, see `has_too_few_images`.
    """
    return ranked_pairs(pair_measure(table, Measure.LIFT, fewest_images=fewest_images))


def ranked_pairs(
    view: PairMeasure, *, having: Collection[int] | None = None, limit: int | None = None
) -> list[tuple[int, int]]:
    """Return the pairs of which the measure tells something, the strongest first.

    Of a directed measure each pair is there twice, once with each category as the first; of another one with the
    first position below the second. Strongest is the highest value, or, against chance, the one furthest from it; of
    those alike the pair further from chance, then the one in more images.

    Args:
        having: only pairs with one of the categories at these positions.
    """
    strength = _rank_values(view)
    rows, columns = np.nonzero(_told(view, having))
    against_chance = _strength(view.table.cautious_lift[rows, columns])
    order = np.lexsort((-view.table.counts[rows, columns], -against_chance, -strength[rows, columns]))[:limit]
    return list(zip(rows[order].tolist(), columns[order].tolist(), strict=True))


def ranked_pair_count(view: PairMeasure, *, having: Collection[int] | None = None) -> int:
    """Return how many pairs `ranked_pairs` has without a limit."""
    return int(np.count_nonzero(_told(view, having)))


def _told(view: PairMeasure, having: Collection[int] | None) -> Bools:
    has_value = ~np.isnan(view.shown)
    if not view.is_directed:
        has_value = np.triu(has_value, k=1)
    if having is not None:
        lies = np.isin(np.arange(len(has_value)), list(having))
        has_value &= lies[:, None] | lies
    return np.asarray(has_value)


def _rank_values(view: PairMeasure) -> Floats:
    """Return how strong each pair is, (k, k); NaN on the diagonal and where there is no value."""
    shown = view.shown
    if view.measure is Measure.LIFT:
        return np.where(np.isnan(shown), np.nan, _strength(shown))
    return np.abs(shown) if view.measure in AGAINST_CHANCE else shown


def _strength(cautious_lift: Floats) -> Floats:
    """Return how many doublings or halvings lie between a pair and chance; 0 where it is unknown."""
    held = np.clip(np.nan_to_num(cautious_lift, nan=1.0), 2.0**-FURTHEST, 2.0**FURTHEST)
    return np.asarray(np.abs(np.log2(held)))


def notable_pairs(
    table: PairTable, *, fewest_images: int = 0, having: Collection[int] | None = None, limit: int = 3
) -> list[tuple[int, int]]:
    """Return a few pairs that luck does not explain, the strongest first; of both kinds, where there are both.

    One in three is a pair that comes together more rarely than by chance; where there are too few of one kind, pairs
    of the other take their ranks.

    Args:
        fewest_images: see `has_too_few_images`.
        having: only pairs with one of the categories at these positions.
    """
    cautious = table.cautious_lift
    ranked = ranked_pairs(pair_measure(table, Measure.LIFT, fewest_images=fewest_images), having=having)
    more = [pair for pair in ranked if cautious[pair] > 1]
    less = [pair for pair in ranked if cautious[pair] < 1]
    fewer = min(len(less), max(limit // 3, limit - len(more)))
    return [*more[: limit - fewer], *less[:fewer]]
