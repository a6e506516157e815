"""Which categories come together more often, or less, than chance would bring them?

N images, c_i of them with category i, c_ij with both. Presence counts, not
instances; crowd regions count as presence. A category's pair with itself holds
its image count.

In federated data (LVIS) only some categories were looked for in each image. There a
pair is compared in the images where both were looked for: N, c_i and c_j are counted
among these, pair by pair. Elsewhere a category that is not marked may be there all
the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

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
        is_federated: pairs are compared only in the images where both were looked for.
        image_count: N, all images.
        image_counts: images where both were looked for, N_ij; N everywhere unless the data are federated.
        counts: images with both; the diagonal holds each category's image count.
        expected: images with both that chance would give, c_i c_j / N, all three of the images where both were looked
            for.
        lift: counts / expected; NaN where a category never occurs, or never where the other was looked for.
        lift_low: lower end of the 95 % interval of lift.
        lift_high: upper end.
    """

    names: tuple[str, ...]
    is_federated: bool
    image_count: int
    image_counts: Ints
    counts: Ints
    expected: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats

    @property
    def cautious_lift(self) -> Floats:
        """The end of the interval nearest to 1, or 1 where it holds 1: rare pairs do not shout. NaN as in `lift`."""
        return np.asarray(np.clip(1.0, self.lift_low, self.lift_high))


def pair_table(presence: Bools, names: tuple[str, ...], *, checked: Bools | None = None) -> PairTable:
    """Count every pair of categories and compare it with chance.

    Args:
        presence: which image has which category, (n, k).
        names: the k categories.
        checked: in which image each category was looked for, (n, k), all of `presence` among it; None: each in every
            image.
    """
    if checked is None:
        counts = co_occurrence(presence)
        single, image_counts = counts.diagonal()[:, None], np.broadcast_to(np.int64(len(presence)), counts.shape)
    else:
        counts, single, image_counts = _federated_counts(presence, checked)
    expected = single.astype(float) * single.T / np.maximum(image_counts, 1)
    low, high = lift_interval(counts, single, image_counts)
    return PairTable(
        names=names,
        is_federated=checked is not None,
        image_count=len(presence),
        image_counts=image_counts,
        counts=counts,
        expected=expected,
        lift=np.divide(counts, expected, out=np.full_like(expected, np.nan), where=expected > 0),
        lift_low=low,
        lift_high=high,
    )


def co_occurrence(presence: Bools) -> Ints:
    """Return in how many images two categories both occur, (k, k); the diagonal counts each alone."""
    matrix = _sparse(presence)
    return np.asarray((matrix.T @ matrix).toarray())


def _federated_counts(presence: Bools, checked: Bools) -> tuple[Ints, Ints, Ints]:
    """Return, each (k, k): c_ij; at [i, j] the images with i where j was looked for; N_ij.

    Images where everything was looked for, those of an ordinary split, are counted as such: the other ones are
    sparse, and their products fast.
    """
    whole = checked.all(axis=1)
    counts = co_occurrence(presence[whole])
    present, looked_for = _sparse(presence[~whole]), _sparse(checked[~whole])
    single = counts.diagonal()[:, None] + (present.T @ looked_for).toarray()
    image_counts = whole.sum() + (looked_for.T @ looked_for).toarray()
    return counts + (present.T @ present).toarray(), single, image_counts


def _sparse(matrix: Bools) -> "sparse.csr_array":
    """Return a matrix whose products cost a step for each two marks of a row, and not for each two columns."""
    columns = np.flatnonzero(matrix) % max(matrix.shape[1], 1)  # ten times as fast as np.nonzero
    ends = np.cumsum(np.count_nonzero(matrix, axis=1))
    return sparse.csr_array((np.ones(len(columns), dtype=np.int64), columns, np.append(0, ends)), shape=matrix.shape)


def lift_interval(counts: Ints, single: Ints, image_counts: Ints | int) -> tuple[Floats, Floats]:
    """Return both ends of the 95 % interval of lift, each (k, k); NaN where `single` is 0.

    With p = c_ij/N, p_i = c_i/N, p_j = c_j/N the delta method on the multinomial gives
    Var(ln lift) = (1/p - 1/p_i - 1/p_j + 2 p/(p_i p_j) - 1) / N, normal on the log scale.
    For c_ij = 0 the interval is [0, 3.69 / expected], the exact Poisson bound.

    Args:
        counts: c_ij, (k, k).
        single: c_i, (k, 1); or (k, k), where it is another one beside each j.
        image_counts: N; or (k, k), where it is another one for each pair.

    Source: A. Agresti, Categorical Data Analysis, section 16.1 (delta method for multinomial counts).
    """
    total = np.maximum(image_counts, 1)
    share = single / total
    product = share * share.T
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = counts / total
        lift = joint / product
        alone = 1 / share + (1 / share).T  # summed first: exactly symmetric
        variance = (1 / joint - alone + 2 * lift - 1) / total
        spread = np.exp(Z_95 * np.sqrt(np.maximum(variance, 0)))
        low = np.where(counts == 0, 0.0, lift / spread)
        high = np.where(counts == 0, ZERO_UPPER / (product * total), lift * spread)
    never = product == 0
    return np.where(never, np.nan, low), np.where(never, np.nan, high)


def pair_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return one sentence about a pair: "cup and dining table: 4,873 images, 1,220 expected by chance, 4.0x more"."""
    first, second = table.names[first_index], table.names[second_index]
    count, looked_for = int(table.counts[first_index, second_index]), int(table.image_counts[first_index, second_index])
    if first_index == second_index:
        return f"{first}: {count:,} of {looked_for:,} images" + " where it was looked for" * table.is_federated
    expected, lift = table.expected[first_index, second_index], table.lift[first_index, second_index]
    compared = f"{_rounded(expected)} expected by chance, {_compared(lift)}"
    if not table.is_federated:
        return f"{first} and {second}: {count:,} images, {compared}"
    if not looked_for:
        return f"{first} and {second}: no image where both were looked for"
    known = "too few to compare" if np.isnan(lift) else compared
    return f"{first} and {second}: {count:,} of {looked_for:,} images where both were looked for, {known}"


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
    """Return all pairs of two categories that occur, by cautious lift, the furthest from chance first.

    Of those equally far, as all are that luck may explain, the ones in most images come first.
    """
    rows, columns = np.triu_indices(len(table.names), k=1)
    cautious = table.cautious_lift[rows, columns]
    known = ~np.isnan(cautious)
    strength = np.abs(np.log2(np.clip(cautious[known], 1 / 64, 64)))
    order = np.lexsort((-table.counts[rows, columns][known], -strength))
    return list(zip(rows[known][order].tolist(), columns[known][order].tolist(), strict=True))
