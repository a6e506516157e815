"""How far may two arms differ by chance?

Chance has two parts: other images would have been drawn, and the same training with another seed gives another network.
An interval from images alone sees the first part only, and finds an effect in most comparisons of runs that differ in
nothing but their seed (the tests show it). So the standard error of a difference has both parts:

    SE² = var over images (psi) / n + s_first² / S_first + s_second² / S_second

psi is the difference of the arms' influences of an image: how far the estimate moves, to first order, where that
image has more weight. s is the standard deviation over an arm's S seeds of its score on all images. The interval is
that of Student's t with S_first + S_second - 2 degrees of freedom, because so few seeds hardly tell their own spread.
Arms are not paired by seed: the same seed gives other batches to an arm of other images.

Sources: influence functions: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 21; seeds as a
part of the error: Bouthillier et al., "Accounting for Variance in Machine Learning Benchmarks" (MLSys 2021); Holm, "A
Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from cocomine.claim.counts import ArmCounts

LEVEL = 0.95
FEWEST_IMAGES = 5
"""That an interval needs; of an IoU, images with a true pixel of a class that is scored."""
MOST_SEEDS = 1_000
"""Looked at by `seeds_needed`: what more would tell, nobody trains."""
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """What the runs of an arm score on some images.

    Attributes:
        by_seed: of each run, in points of 100 (IoU) or pixels an image (false alarms), (s,).
        influence: of each image on their mean, in the same unit, (n,); its sum is 0.
        image_count: of the images that tell something of it.
    """

    by_seed: FloatArray
    influence: FloatArray
    image_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The difference first minus second; its fields are those of `records.Difference` of the same names."""

    first: float
    second: float
    value: float
    low: float | None
    high: float | None
    p: float | None
    image_count: int
    seed_count: int
    image_error: float
    seed_error_first: float
    seed_error_second: float
    share_of_wins: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far a difference varies by chance, in points: over images s_i, over the seeds of each arm s_s."""

    images: float
    seeds_first: float
    seeds_second: float

    @property
    def seed_variance(self) -> float:
        """Of the difference of one seed of each arm."""
        return self.seeds_first**2 + self.seeds_second**2


EXPECTED_SPREADS = {
    "T1": Spread(images=10.0, seeds_first=1.0, seeds_second=3.0),
    "T2": Spread(images=30.0, seeds_first=1.0, seeds_second=3.0),
}
"""By test set, before anything is measured: from trainings of a small network at 64 px."""


def iou_scores(counts: ArmCounts, images: BoolArray, classes: Sequence[int] | None = None) -> Scores | None:
    """Return the mean IoU over classes, in points: of each run, from the counts summed over images.

    Args:
        counts: Of the runs.
        images: Those that count, (n,).
        classes: Positions of selected classes; all without it. One without a true pixel is not scored.

    Returns:
        None where no class has a true pixel.
    """
    true = counts.true[images]
    asked = range(true.shape[1]) if classes is None else classes
    scored = [index for index in asked if true[:, index].any()]
    if not scored:
        return None
    right, union = (part[:, images][:, :, scored] for part in (counts.right, counts.union))  # (s, n, k)
    mean_union = union.mean(axis=1, keepdims=True)
    iou = right.mean(axis=1, keepdims=True) / mean_union  # (s, 1, k)
    influence = (right - iou * union) / mean_union  # (s, n, k)
    return Scores(
        by_seed=100 * iou.mean(axis=(1, 2)),
        influence=100 * influence.mean(axis=(0, 2)),
        image_count=int(true[:, scored].any(axis=1).sum()),
    )


def false_alarm_scores(counts: ArmCounts, images: BoolArray) -> Scores | None:
    """Return the pixels an image that a run takes for a selected class, on images without any.

    Args:
        counts: Of the runs.
        images: Those that count, (n,).

    Returns:
        None where there is no image.
    """
    if not images.any():
        return None
    pixels = counts.predicted[:, images].sum(axis=2)  # (s, n)
    of_image = pixels.mean(axis=0)
    return Scores(
        by_seed=pixels.mean(axis=1), influence=of_image - of_image.mean(), image_count=int(np.count_nonzero(images))
    )


def minus(first: Scores, second: Scores) -> Scores:
    """Return how far one arm is ahead of another, seed by seed; both have equally many seeds and the same images."""
    return Scores(
        by_seed=first.by_seed - second.by_seed,
        influence=first.influence - second.influence,
        image_count=min(first.image_count, second.image_count),
    )


def difference(first: Scores, second: Scores) -> Estimate:
    """Return how far two arms differ on the same images, with its interval over images and seeds.

    The interval is None where an arm has one seed, or fewer than `FEWEST_IMAGES` images tell something: neither knows
    its spread.
    """
    spread = Spread(
        images=_deviation(first.influence - second.influence),
        seeds_first=_deviation(first.by_seed),
        seeds_second=_deviation(second.by_seed),
    )
    means = float(first.by_seed.mean()), float(second.by_seed.mean())
    value = means[0] - means[1]
    error = _standard_error(first, second, spread)
    freedom = len(first.by_seed) + len(second.by_seed) - 2
    reach = None if error is None else _quantile(freedom) * error
    return Estimate(
        first=means[0],
        second=means[1],
        value=value,
        low=None if reach is None else value - reach,
        high=None if reach is None else value + reach,
        p=None if error is None else _p_value(value, error, freedom),
        image_count=len(first.influence),
        seed_count=min(len(first.by_seed), len(second.by_seed)),
        image_error=spread.images,
        seed_error_first=spread.seeds_first,
        seed_error_second=spread.seeds_second,
        share_of_wins=share_of_wins(first.by_seed, second.by_seed),
    )


def share_of_wins(first: FloatArray, second: FloatArray) -> float:
    """Return P(first > second) over all pairs of a run of each arm, (s,) and (s',); a tie counts half."""
    gaps = np.subtract.outer(first, second)
    return float((np.count_nonzero(gaps > 0) + np.count_nonzero(gaps == 0) / 2) / gaps.size)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values corrected for how many there are, in their order: the chance of any false claim among them."""
    ordered = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[ordered] = np.minimum(1.0, np.maximum.accumulate(np.asarray(p_values)[ordered] * factors))
    return [float(p) for p in corrected]


def half_width(spread: Spread, image_count: int, seed_count: int) -> float:
    """Return half of the interval of a difference on so many images with so many seeds (two or more) of each arm.

    It is the smallest difference that can be told, about: a true one of that size is found in every second check.
    """
    error = math.sqrt(spread.images**2 / image_count + spread.seed_variance / seed_count)
    return _quantile(2 * seed_count - 2) * error


def images_needed(spread: Spread, seed_count: int, reach: float) -> int | None:
    """Return on how many images the interval reaches `reach` to each side; None where no number of images will do."""
    left_to_images = (reach / _quantile(2 * seed_count - 2)) ** 2 - spread.seed_variance / seed_count
    return math.ceil(spread.images**2 / left_to_images) if left_to_images > 0 else None


def seeds_needed(spread: Spread, image_count: int, reach: float) -> int | None:
    """Return with how many seeds of each arm the interval reaches `reach`; None where not with `MOST_SEEDS`."""
    counts = range(2, MOST_SEEDS + 1)
    return next((count for count in counts if half_width(spread, image_count, count) <= reach), None)


def _standard_error(first: Scores, second: Scores, spread: Spread) -> float | None:
    fewest_seeds = min(len(first.by_seed), len(second.by_seed))
    if fewest_seeds < 2 or min(first.image_count, second.image_count) < FEWEST_IMAGES:
        return None
    of_images = spread.images**2 / len(first.influence)
    of_seeds = spread.seeds_first**2 / len(first.by_seed) + spread.seeds_second**2 / len(second.by_seed)
    return math.sqrt(of_images + of_seeds)


def _p_value(value: float, error: float, freedom: int) -> float:
    """Return how often chance alone makes a difference of that size; runs that are all alike differ in nothing."""
    if not error:
        return float(value == 0)
    return float(2 * stdtr(freedom, -abs(value) / error))


def _quantile(freedom: int) -> float:
    return float(stdtrit(freedom, (1 + LEVEL) / 2))


def _deviation(values: FloatArray) -> float:
    """Return the standard deviation of a sample; 0 of a single value, which does not tell it."""
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0
