"""Which categories come together more often, or less, than chance would bring them?

N images, c_i of them with category i, c_ij with both. Presence counts, not
instances; crowd regions count as presence. A category's pair with itself holds
its image count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cocomine.coco.dataset import Bools, Floats, Ints

Z_95 = 1.959963984540054
"""The standard normal's 97.5 % point."""
ZERO_UPPER = -np.log(0.025)
"""Upper 95 % bound (two-sided) of a Poisson mean when nothing was seen: P(0 | m) = 0.025."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairTable:
    """Every pair of categories in numbers; all arrays are (k, k) and symmetric.

    Attributes:
        names: the categories, (k,).
        image_count: N.
        counts: images with both; the diagonal holds each category's image count.
        expected: images with both that chance would give, c_i c_j / N.
        lift: counts / expected; NaN where a category never occurs.
        lift_low: lower end of the 95 % interval of lift.
        lift_high: upper end.
    """

    names: tuple[str, ...]
    image_count: int
    counts: Ints
    expected: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats

    @property
    def cautious_lift(self) -> Floats:
        """The end of the interval nearest to 1, or 1 where it holds 1: rare pairs do not shout. NaN as in `lift`."""
        return np.asarray(np.clip(1.0, self.lift_low, self.lift_high))


def pair_table(presence: Bools, names: tuple[str, ...]) -> PairTable:
    """Count every pair of categories and compare it with chance.

    Args:
        presence: which image has which category, (n, k).
        names: the k categories.
    """
    counts = co_occurrence(presence)
    image_count = len(presence)
    single = counts.diagonal().astype(float)
    expected = single[:, None] * single[None, :] / max(image_count, 1)
    low, high = lift_interval(counts, image_count)
    return PairTable(
        names=names,
        image_count=image_count,
        counts=counts,
        expected=expected,
        lift=np.divide(counts, expected, out=np.full_like(expected, np.nan), where=expected > 0),
        lift_low=low,
        lift_high=high,
    )


def co_occurrence(presence: Bools) -> Ints:
    """Return in how many images two categories both occur, (k, k); the diagonal counts each alone."""
    blocks = (presence[start : start + 65536].astype(np.float32) for start in range(0, len(presence), 65536))
    counts = np.zeros((presence.shape[1],) * 2)
    for block in blocks:
        counts += block.T @ block  # exact: a block's sums stay below 2**24
    return counts.astype(np.int64)


def lift_interval(counts: Ints, image_count: int) -> tuple[Floats, Floats]:
    """Return both ends of the 95 % interval of lift, each (k, k); NaN where a category never occurs.

    With p = c_ij/N, p_i = c_i/N, p_j = c_j/N the delta method on the multinomial gives
    Var(ln lift) = (1/p - 1/p_i - 1/p_j + 2 p/(p_i p_j) - 1) / N, normal on the log scale.
    For c_ij = 0 the interval is [0, 3.69 / expected], the exact Poisson bound.

    Source: A. Agresti, Categorical Data Analysis, section 16.1 (delta method for multinomial counts).
    """
    total = max(image_count, 1)
    single = counts.diagonal() / total
    product = single[:, None] * single[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = counts / total
        lift = joint / product
        alone = (1 / single)[:, None] + (1 / single)[None, :]  # summed first: exactly symmetric
        variance = (1 / joint - alone + 2 * lift - 1) / total
        spread = np.exp(Z_95 * np.sqrt(np.maximum(variance, 0)))
        low = np.where(counts == 0, 0.0, lift / spread)
        high = np.where(counts == 0, ZERO_UPPER / (product * total), lift * spread)
    never = product == 0
    return np.where(never, np.nan, low), np.where(never, np.nan, high)


def pair_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return one sentence about a pair: "cup and dining table: 4,873 images, 1,220 expected by chance, 4.0x more"."""
    first, second = table.names[first_index], table.names[second_index]
    count = int(table.counts[first_index, second_index])
    if first_index == second_index:
        return f"{first}: {count:,} of {table.image_count:,} images"
    expected, lift = table.expected[first_index, second_index], table.lift[first_index, second_index]
    return f"{first} and {second}: {count:,} images, {_rounded(expected)} expected by chance, {_compared(lift)}"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _compared(lift: float) -> str:
    if not lift > 0:
        return "never together"
    if 0.95 <= lift <= 1.05:
        return "as many as by chance"
    return f"{lift:.1f}× more" if lift > 1 else f"{1 / lift:.1f}× fewer"


def by_strength(table: PairTable) -> list[int]:
    """Return the categories' positions by how far their strongest pair is from chance, strongest first."""
    cautious = np.nan_to_num(table.cautious_lift, nan=1.0)
    strength = np.abs(np.log2(np.clip(cautious, 1 / 64, 64)))
    np.fill_diagonal(strength, 0.0)
    return [int(index) for index in np.argsort(-strength.max(axis=1, initial=0.0), kind="stable")]


def by_supercategory(supercategories: Sequence[str]) -> list[int]:
    """Return positions so that supercategories stay together, in the order in which they first appear."""
    first_seen = {name: index for index, name in reversed(list(enumerate(supercategories)))}
    return sorted(range(len(supercategories)), key=lambda index: (first_seen[supercategories[index]], index))


def most_frequent(table: PairTable, limit: int) -> set[int]:
    """Return the positions of the categories with the most images, all where there are no more than `limit`."""
    return {int(index) for index in np.argsort(-table.counts.diagonal(), kind="stable")[:limit]}


def strongest_pairs(table: PairTable) -> list[tuple[int, int]]:
    """Return all pairs of two categories that occur, by cautious lift, the furthest from chance first."""
    rows, columns = np.triu_indices(len(table.names), k=1)
    cautious = table.cautious_lift[rows, columns]
    known = ~np.isnan(cautious)
    strength = np.abs(np.log2(np.clip(cautious[known], 1 / 64, 64)))
    order = np.argsort(-strength, kind="stable")
    return list(zip(rows[known][order].tolist(), columns[known][order].tolist(), strict=True))
