"""Which categories come together more often, or less, than chance would bring them?

N images, c_i of them with category i, c_ij with both. Presence counts, not instances; crowd regions count as presence.
A category's pair with itself holds its image count.

In federated data (LVIS) only some categories were looked for in each image. There a pair is compared in the images
where both were looked for: N, c_i and c_j are counted among these, pair by pair. Elsewhere a category that is not
marked may be there all the same.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import sparse

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.mining.interference.lift_interval import lift_interval
from cocomine.mining.statistics.categories import images_by_category


class Measure(StrEnum):
    """What of a pair of categories is looked at."""

    COUNTS = "counts"
    """images with both"""
    CONDITIONAL = "conditional"
    """share of the first one's images that have the second as well"""
    JACCARD = "jaccard"
    """share of the images with either that have both"""
    LIFT = "lift"
    """images with both against what chance would give"""
    NPMI = "npmi"
    """the same from -1, never together, by 0, chance, to 1, always together"""
    OVERLAP = "overlap"
    """share of the first one's mask that the second claims as well"""
    CONTACT = "contact"
    """share of the first one's mask border that touches the second"""


AGAINST_CHANCE = (Measure.LIFT, Measure.NPMI)
"""Measures that have a neutral value: as often as expected by chance."""
OF_MASKS = (Measure.OVERLAP, Measure.CONTACT)
"""Measures of where objects lie, not of which images hold them."""
DIRECTED = (Measure.CONDITIONAL, *OF_MASKS)
"""Measures that differ by which category of a pair is the first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairTable:
    """Every pair of categories in numbers; all arrays are (k, k), and symmetric but for `single_counts`.

    Attributes:
        names: the categories, (k,).
        is_federated: pairs are compared only in the images where both were looked for.
        image_count: N, all images.
        image_counts: images where both were looked for, N_ij; N everywhere unless the data are federated.
        counts: images with both; the diagonal holds each category's image count.
        single_counts: at [i, j] the images with i where j was looked for; c_i unless the data are federated.
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
    single_counts: Ints
    expected: Floats
    lift: Floats
    lift_low: Floats
    lift_high: Floats

    @property
    def cautious_lift(self) -> Floats:
        """The end of the interval nearest to 1, or 1 where it holds 1: no rare pair is overrated. NaN as in `lift`."""
        return np.asarray(np.clip(1.0, self.lift_low, self.lift_high))

    @property
    def keeps_apart(self) -> Bools:
        """Pairs without a common image, which chance does not explain: the interval of lift ends below 1."""
        return np.asarray((self.counts == 0) & (self.lift_high < 1))

    @property
    def conditional_share(self) -> Floats:
        """P(j|i) = c_ij / c_i at [i, j]: the share of i's images that have j as well; NaN where there is no i."""
        return _share(self.counts, self.single_counts)

    @property
    def jaccard(self) -> Floats:
        """c_ij / (c_i + c_j - c_ij): the share of the images with i or j that have both; NaN where none has either.

        Source: P. Jaccard, The distribution of the flora in the alpine zone, New Phytologist 11 (1912).
        """
        return _share(self.counts, self.single_counts + self.single_counts.T - self.counts)

    @property
    def npmi(self) -> Floats:
        """Normalised pointwise mutual information, ln(lift) / -ln(c_ij / N), in [-1, 1]; NaN as in `lift`.

        0 is chance; -1, by its limit, a pair that never comes together; 1 one of which neither comes without the
        other. A pair in every image is such a one, so it has 1 as well, although its lift is 1: it is the limit for
        pairs of c_i = c_j = c_ij images, all of which have 1.

        Source: G. Bouma, Normalized (pointwise) mutual information in collocation extraction, GSCL 2009.
        """
        joint = _share(self.counts, self.image_counts)
        with np.errstate(divide="ignore", invalid="ignore"):
            inner = np.clip(np.log(self.lift) / -np.log(joint), -1.0, 1.0)
        limits = np.where(self.counts == 0, -1.0, np.where(joint == 1, 1.0, inner))
        return np.where(np.isnan(self.lift), np.nan, limits)


def _share(part: Ints, whole: Ints) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


def pair_table(presence: Bools, names: tuple[str, ...], *, examined: Bools | None = None) -> PairTable:
    """Count every pair of categories and compare it with chance.

    Args:
        presence: which image has which category, (n, k).
        examined: in which image each category was looked for, (n, k), all of `presence` among it; None: each in every
            image.
    """
    if examined is None:
        counts = co_occurrence(presence)
        single = np.broadcast_to(counts.diagonal()[:, None], counts.shape)
        image_counts = np.broadcast_to(np.int64(len(presence)), counts.shape)
    else:
        counts, single, image_counts = _federated_counts(presence, examined)
    expected = single.astype(float) * single.T / np.maximum(image_counts, 1)
    low, high = lift_interval(counts, single, image_counts)
    return PairTable(
        names=names,
        is_federated=examined is not None,
        image_count=len(presence),
        image_counts=image_counts,
        counts=counts,
        single_counts=single,
        expected=expected,
        lift=np.divide(counts, expected, out=np.full_like(expected, np.nan), where=expected > 0),
        lift_low=low,
        lift_high=high,
    )


def co_occurrence(presence: Bools) -> Ints:
    """Return in how many images two categories both occur, (k, k); the diagonal counts each alone."""
    by_category = images_by_category(presence, np.int32)
    return np.asarray((by_category @ by_category.T).toarray(), dtype=np.int64)


def _federated_counts(presence: Bools, examined: Bools) -> tuple[Ints, Ints, Ints]:
    """Return, each (k, k): c_ij; at [i, j] the images with i where j was looked for; N_ij.

    Images where everything was looked for, those of an ordinary split, are counted as such: the other ones are
    sparse, and their products fast.
    """
    whole = examined.all(axis=1)
    counts = co_occurrence(presence[whole])
    present, looked_for = _sparse(presence[~whole]), _sparse(examined[~whole])
    single = counts.diagonal()[:, None] + (present.T @ looked_for).toarray()
    image_counts = whole.sum() + (looked_for.T @ looked_for).toarray()
    return counts + (present.T @ present).toarray(), single, image_counts


def _sparse(matrix: Bools) -> "sparse.csr_array":
    """Return a matrix whose products cost a step for each two marks of a row, and not for each two columns."""
    columns = np.flatnonzero(matrix) % max(matrix.shape[1], 1)  # ten times as fast as np.nonzero
    ends = np.cumsum(np.count_nonzero(matrix, axis=1))
    return sparse.csr_array((np.ones(len(columns), dtype=np.int64), columns, np.append(0, ends)), shape=matrix.shape)
