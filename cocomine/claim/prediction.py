"""Does what is measured on a dataset predict what isolating the classes changes?

Of a pair, a selected class and a rival, the effect is how far arm A is ahead of arm C on test images with the rival,
less how far it is ahead on those without: a rival's effect must sit where the rival is. Over at least ten pairs the
rank correlation with each measure says whether it predicts; its interval says whether that can be told.

Sources: Bonett and Wright, "Sample size requirements for estimating Pearson, Kendall and Spearman correlations",
Psychometrika 65 (2000), for the interval; Singh et al., "Don't Judge an Object by Its Context" (CVPR 2020), for the
pairs of COCO that networks mix up with their context; of theirs, those with both sides in COCO's 80 classes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from cocomine.claim.arms import ArmName
from cocomine.claim.number_words import MINUS
from cocomine.claim.records import Protocol, Result
from cocomine.claim.statistics import LEVEL
from cocomine.coco.arrays import Floats
from cocomine.coco.dataset import Dataset

FEWEST_PAIRS = 10
MEASURES = ("lift", "overlap", "contact", "dilution")
Pair = tuple[str, str]
"""A selected class, and the rival it is disturbed by."""
BIASED_PAIRS: tuple[Pair, ...] = (
    ("cup", "dining table"),
    ("wine glass", "person"),
    ("handbag", "person"),
    ("potted plant", "vase"),
    ("spoon", "bowl"),
    ("microwave", "oven"),
    ("keyboard", "mouse"),
    ("skis", "person"),
    ("sports ball", "person"),
    ("remote", "person"),
    ("snowboard", "person"),
    ("tennis racket", "person"),
    ("skateboard", "person"),
    ("baseball glove", "person"),
)
"""Of COCO, each class with the one whose company a network takes for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """A rank correlation in [-1, 1] with its 95 % interval."""

    value: float
    low: float
    high: float
    pair_count: int

    @property
    def is_told(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """Where a pair stands among all pairs of a dataset by one measure, the highest first.

    Attributes:
        place: from 1; equal values share the best place of theirs.
        pair_count: with a value.
    """

    place: int
    pair_count: int


def pair_effects(claims: Sequence[tuple[Protocol, Result]]) -> dict[Pair, float]:
    """Return the effect of each pair, in points, of claim checks with one class each and rivals."""
    effects: dict[Pair, float] = {}
    for protocol, result in claims:
        if len(protocol.settings.classes) == 1:
            (name,) = protocol.settings.classes
            effects |= {(name, rival): effect for rival, effect in _rival_effects(result).items()}
    return effects


def rank_correlation(measured: Mapping[Pair, float], effects: Mapping[Pair, float]) -> Correlation | None:
    """Return how well the order of a measure is that of the effects, over the pairs that have both (Spearman).

    Returns:
        None with fewer than `FEWEST_PAIRS` of them, or where all are alike.
    """
    pairs = [pair for pair in effects if math.isfinite(measured.get(pair, math.nan))]
    if len(pairs) < FEWEST_PAIRS:
        return None
    ranks = [rankdata([values[pair] for pair in pairs]) for values in (measured, effects)]
    if any(np.ptp(each) == 0 for each in ranks):
        return None
    value = float(np.clip(np.corrcoef(*ranks)[0, 1], -1, 1))
    centre = math.atanh(np.clip(value, -0.9999, 0.9999))
    reach = float(ndtri((1 + LEVEL) / 2)) * math.sqrt((1 + value**2 / 2) / (len(pairs) - 3))
    return Correlation(
        value=value, low=math.tanh(centre - reach), high=math.tanh(centre + reach), pair_count=len(pairs)
    )


def prediction_sentence(measure: str, found: Correlation | None) -> str:
    """Return whether a measure predicts the effects, plainly where it does not."""
    if found is None:
        return f"Whether {measure} predicts the effects cannot be told: that takes at least {FEWEST_PAIRS} pairs."
    value, low, high = (f"{each:+.2f}".replace("-", MINUS) for each in (found.value, found.low, found.high))
    numbers = f"rank correlation {value} ({low} to {high}) over {found.pair_count} pairs"
    if not found.is_told:
        return f"No sign that {measure} predicts the effects: {numbers}."
    way = "The higher" if found.value > 0 else "The lower"
    return f"{way} the {measure} of a pair, the more isolating helped: {numbers}."


def pair_dilution(dataset: Dataset) -> Floats:
    """Return at [i, j] which share of the labelled objects in the images with category i is of category j, (k, k).

    NaN where a category has no image.
    """
    category_count = len(dataset.categories)
    sums = np.zeros((category_count, category_count))
    for split in dataset.splits:
        counts = np.zeros((len(split.images), category_count))
        np.add.at(counts, (split.annotations.image_index, split.annotations.category_index), 1)
        sums += (counts > 0).T.astype(float) @ counts
    whole = sums.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(sums, whole, out=np.full(sums.shape, np.nan), where=whole > 0))


def rank_of(values: Floats, names: Sequence[str], pair: Pair) -> Rank | None:
    """Return where a pair stands by a measure, (k, k); None where it has no value or its classes are not there."""
    if not set(pair) <= set(names):
        return None
    others = np.array(values, dtype=float)
    np.fill_diagonal(others, np.nan)
    value = others[names.index(pair[0]), names.index(pair[1])]
    known = others[np.isfinite(others)]
    if not math.isfinite(value):
        return None
    return Rank(place=1 + int((known > value).sum()), pair_count=len(known))


def _rival_effects(result: Result) -> dict[str, float]:
    halves = {
        (each.rival, each.with_rival): each.value
        for each in result.differences
        if each.rival is not None and each.comparison.second is ArmName.ALL
    }
    rivals = [rival for rival, is_there in halves if is_there and rival is not None and (rival, False) in halves]
    return {rival: halves[rival, True] - halves[rival, False] for rival in rivals}
