"""One measure of all pairs as a person looks at it: its values, and the pairs about which it says too little."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cocomine.coco.arrays import Bools, Floats
from cocomine.mining.interference.co_occurrence import DIRECTED, Measure, PairTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairMeasure:
    """One measure of all pairs of categories; arrays are (k, k).

    Attributes:
        table: the pairs.
        measure: what of them.
        values: of lift the cautious one; NaN where nothing is known. At [i, j] i is the first category.
        has_too_few: pairs with too few images to say anything, see `has_too_few_images`.
        is_estimate: overlap and contact are estimated from boxes, not from masks.
    """

    table: PairTable
    measure: Measure
    values: Floats
    has_too_few: Bools
    is_estimate: bool = False

    @property
    def is_directed(self) -> bool:
        """Whether it matters which category of a pair is the first."""
        return self.measure in DIRECTED

    @property
    def shown(self) -> Floats:
        """`values`, NaN where too few images, too, and on the diagonal, where there is no pair."""
        shown = np.where(self.has_too_few, np.nan, self.values)
        np.fill_diagonal(shown, np.nan)
        return shown

    def gaps(self, rows: Sequence[int], columns: Sequence[int]) -> tuple[Bools, Bools]:
        """Return which cells of a map have too few images, and which others no value, (rows, columns); no diagonal."""
        cells = np.ix_(list(rows), list(columns))
        is_pair = np.not_equal.outer(np.array(rows, dtype=int), np.array(columns, dtype=int))
        too_few = self.has_too_few[cells] & is_pair
        return too_few, np.isnan(self.values[cells]) & ~too_few & is_pair


_VALUES: dict[Measure, Callable[[PairTable], Floats]] = {
    Measure.COUNTS: lambda table: np.where(table.image_counts > 0, table.counts.astype(float), np.nan),
    Measure.CONDITIONAL: lambda table: table.conditional_share,
    Measure.JACCARD: lambda table: table.jaccard,
    Measure.LIFT: lambda table: table.cautious_lift,
    Measure.NPMI: lambda table: table.npmi,
}


def pair_measure(table: PairTable, measure: Measure, *, fewest_images: int = 0) -> PairMeasure:
    """Return a measure that images alone give, any but overlap and contact."""
    return _view(table, measure, _VALUES[measure](table), fewest_images)


def mask_measure(
    table: PairTable, measure: Measure, shares: Floats, *, is_estimate: bool, fewest_images: int = 0
) -> PairMeasure:
    """Return overlap or contact, whose shares `OverlapTable` has."""
    return replace(_view(table, measure, shares, fewest_images), is_estimate=is_estimate)


def _view(table: PairTable, measure: Measure, values: Floats, fewest_images: int) -> PairMeasure:
    bound = 0 if measure is Measure.COUNTS else fewest_images  # a count says itself how many
    return PairMeasure(table=table, measure=measure, values=values, has_too_few=has_too_few_images(table, bound))


def has_too_few_images(table: PairTable, fewest_images: int) -> Bools:
    """Return the pairs, (k, k), with fewer images than this, and of which chance would give fewer as well.

    Both, since a pair that never comes together may be the most telling one: 0 images where chance would give 12 say
    that something keeps the two apart. 0 images where chance would give 2 say nothing, nor does 1 where it would give
    0.01, although that is 100 times as many.
    """
    return np.asarray((table.counts < fewest_images) & (table.expected < fewest_images))
