"""Differences of arms: by hand, by laws, and against the chance that a simulation knows."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cocomine.claim.arms import ArmName
from cocomine.claim.counts import ArmCounts
from cocomine.claim.statistics import (
    Estimate,
    Scores,
    Spread,
    difference,
    false_alarm_scores,
    half_width,
    holm,
    images_needed,
    iou_scores,
    minus,
    seeds_needed,
    share_of_wins,
)

OBJECT_PX = 100


def counts_of(right: Any, predicted: Any, true: Any) -> ArmCounts:
    """Of lists [seed][image][class], and the truth as [image][class]."""
    parts = (np.asarray(part, dtype=np.int64) for part in (right, predicted, true))
    right, predicted, true = parts
    seeds = tuple(range(len(right)))
    return ArmCounts(arm=ArmName.SELECTED, steps=150, seeds=seeds, right=right, predicted=predicted, true=true)


def everywhere(counts: ArmCounts) -> Any:
    return np.ones(counts.true.shape[0], dtype=bool)


def scores_of(counts: ArmCounts, images: Any = None, classes: Sequence[int] | None = None) -> Scores:
    found = iou_scores(counts, everywhere(counts) if images is None else images, classes)
    assert found is not None
    return found


def random_counts(rng: np.random.Generator, *, seeds: int = 3, images: int = 40, classes: int = 2) -> ArmCounts:
    """Objects of `OBJECT_PX` pixels in two of three images, found in part, with some false alarms."""
    true = OBJECT_PX * (rng.random((images, classes)) < 0.67)
    right = rng.binomial(true, 0.7, (seeds, images, classes))
    return counts_of(right, right + rng.poisson(8, right.shape), true)


def known(estimate: Estimate) -> tuple[float, float, float]:
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.p is not None
    return estimate.low, estimate.high, estimate.p


def test_a_tiny_case_by_hand() -> None:
    """Two seeds, six images of 10 true pixels, nothing wrongly predicted, so IoU is right / 10.

    First: 6 in each image by one seed and 8 by the other: 60 and 80. Second: 5 each, but 4 and 6 in two images: 50, 50.
    """
    true = [[10]] * 6
    first = counts_of([[[6]] * 6, [[8]] * 6], [[[6]] * 6, [[8]] * 6], true)
    uneven = [[4], [6], [5], [5], [5], [5]]
    second = counts_of([uneven, uneven], [uneven, uneven], true)
    found = difference(scores_of(first), scores_of(second))
    images = np.sqrt((10**2 + 10**2) / 5)
    reach = stats.t.ppf(0.975, 2) * np.sqrt(images**2 / 6 + 200 / 2)
    assert (found.first, found.second, found.value) == pytest.approx((70, 50, 20))
    assert (found.image_error, found.seed_error_first, found.seed_error_second) == pytest.approx(
        (images, np.sqrt(200), 0)
    )
    assert (found.low, found.high) == pytest.approx((20 - reach, 20 + reach))
    assert found.p == pytest.approx(2 * stats.t.sf(20 / (reach / stats.t.ppf(0.975, 2)), 2))
    assert (found.image_count, found.seed_count, found.share_of_wins) == (6, 2, 1.0)


def test_the_score_is_the_mean_over_seeds_of_the_iou_of_all_images_together() -> None:
    """4 + 0 of 8 + 2 pixels, 1 + 1 of 4 + 4 pixels, by hand; not the mean over images."""
    counts = counts_of([[[4], [0]], [[1], [1]]], [[[4], [2]], [[1], [1]]], [[8], [0]])
    assert scores_of(counts).by_seed == pytest.approx([100 * 4 / 10, 100 * 2 / 8])


def test_the_influence_of_an_image_is_what_the_jackknife_finds_without_it() -> None:
    """(n - 1) times the fall of the estimate without an image: the same to first order."""
    counts = random_counts(np.random.default_rng(3), images=400)
    whole, images = scores_of(counts), everywhere(counts)
    without = []
    for image in range(400):
        images[image] = False
        without.append(scores_of(counts, images).by_seed.mean())
        images[image] = True
    jackknife = 399 * (whole.by_seed.mean() - np.array(without))
    assert np.abs(whole.influence - jackknife).max() < 0.03 * np.abs(jackknife).max()
    assert whole.influence.sum() == pytest.approx(0, abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_difference_turns_its_sign_with_the_arms(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = (scores_of(random_counts(rng)) for _ in range(2))
    there, back = difference(first, second), difference(second, first)
    assert (back.value, back.first, back.second) == pytest.approx((-there.value, there.second, there.first))
    assert known(back) == pytest.approx((-known(there)[1], -known(there)[0], known(there)[2]))
    assert back.share_of_wins == pytest.approx(1 - there.share_of_wins)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_images_and_of_seeds_says_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = random_counts(rng)
    runs = [random_counts(rng, images=40) for _ in range(2)]
    arms = [counts_of(np.minimum(run.right, truth.true), run.predicted + OBJECT_PX, truth.true) for run in runs]
    images, seeds = rng.permutation(40), rng.permutation(3)
    mixed = [counts_of(a.right[seeds][:, images], a.predicted[seeds][:, images], a.true[images]) for a in arms]
    there, here = (difference(*map(scores_of, each)) for each in (arms, mixed))
    assert (here.value, *known(here)) == pytest.approx((there.value, *known(there)))


def test_one_seed_has_a_value_and_no_interval() -> None:
    rng = np.random.default_rng(0)
    found = difference(scores_of(random_counts(rng, seeds=1)), scores_of(random_counts(rng)))
    assert (found.low, found.high, found.p, found.seed_count) == (None, None, None, 1)
    assert np.isfinite(found.value)


@pytest.mark.parametrize(("with_class", "is_told"), [(4, False), (5, True)])
def test_a_class_in_very_few_images_has_no_interval(with_class: int, is_told: bool) -> None:
    true = [[10]] * with_class + [[0]] * 30
    right = [[5]] * with_class + [[0]] * 30
    arm = scores_of(counts_of([right] * 3, [right] * 3, true))
    assert (difference(arm, arm).low is not None) is is_told


def test_a_class_without_true_pixels_is_not_scored() -> None:
    """Its false alarms would make it 0; the mean is that of the other class alone."""
    counts = counts_of([[[5, 0]] * 6], [[[5, 9]] * 6], [[10, 0]] * 6)
    assert scores_of(counts).by_seed == pytest.approx([50])
    assert iou_scores(counts, everywhere(counts), [1]) is None


def test_one_class_and_some_images_can_be_asked_for() -> None:
    counts = counts_of([[[5, 2], [9, 9]]], [[[5, 2], [9, 9]]], [[10, 10], [10, 10]])
    assert scores_of(counts, np.array([True, False]), [1]).by_seed == pytest.approx([20])


def test_false_alarms_are_pixels_an_image_of_all_selected_classes_together() -> None:
    counts = counts_of(np.zeros((2, 3, 2)), [[[4, 2], [0, 0], [7, 7]], [[8, 2], [2, 0], [7, 7]]], np.zeros((3, 2)))
    found = false_alarm_scores(counts, np.array([True, True, False]))
    assert found is not None
    assert found.by_seed == pytest.approx([3, 6])
    assert found.influence == pytest.approx([3.5, -3.5])
    assert false_alarm_scores(counts, np.zeros(3, dtype=bool)) is None


def test_arms_that_are_alike_differ_in_nothing() -> None:
    arm = scores_of(counts_of([[[10]] * 6] * 3, [[[10]] * 6] * 3, [[10]] * 6))
    assert known(difference(arm, arm)) == (0, 0, 1)


def test_how_far_one_arm_is_ahead_is_a_score_like_any_other() -> None:
    rng = np.random.default_rng(5)
    first, second = (scores_of(random_counts(rng)) for _ in range(2))
    ahead, nothing = minus(first, second), minus(first, first)
    assert difference(ahead, nothing).value == pytest.approx(difference(first, second).value)
    assert difference(ahead, nothing).image_error == pytest.approx(difference(first, second).image_error)


def test_wins_are_counted_over_all_pairs_of_seeds_and_a_tie_is_half_a_win() -> None:
    assert share_of_wins(np.array([1.0, 3.0]), np.array([2.0, 3.0])) == pytest.approx((0 + 0 + 1 + 0.5) / 4)


def test_holm_corrects_as_in_the_paper_by_hand() -> None:
    """.01 is the smallest of four, .02 of three, .03 of two; .02 × 3 and .03 × 2 are both .06."""
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_the_half_width_is_that_of_the_difference() -> None:
    rng = np.random.default_rng(8)
    found = difference(*(scores_of(random_counts(rng, seeds=4)) for _ in range(2)))
    spread = Spread(images=found.image_error, seeds_first=found.seed_error_first, seeds_second=found.seed_error_second)
    low, high, _ = known(found)
    assert half_width(spread, 40, 4) == pytest.approx((high - low) / 2)


@given(images=st.floats(1, 60), seeds=st.floats(0, 8), seed_count=st.integers(2, 20), reach=st.floats(0.5, 20))
def test_so_many_images_are_enough_and_one_fewer_is_not(
    images: float, seeds: float, seed_count: int, reach: float
) -> None:
    spread = Spread(images=images, seeds_first=seeds, seeds_second=seeds)
    needed = images_needed(spread, seed_count, reach)
    if needed is None:
        assert half_width(spread, 10**12, seed_count) >= reach * (1 - 1e-9)
    else:
        assert half_width(spread, needed, seed_count) <= reach * (1 + 1e-9)
        assert needed == 1 or half_width(spread, needed - 1, seed_count) > reach * (1 - 1e-9)


def test_where_the_seeds_alone_are_too_far_apart_more_images_cannot_tell() -> None:
    """2 × 3² / 3 seeds is 6, its root 2.45 times t(4) = 2.78: ±6.8 points are left on any number of images."""
    spread = Spread(images=20, seeds_first=3, seeds_second=3)
    assert images_needed(spread, 3, 6.7) is None
    assert images_needed(spread, 3, 6.9) is not None


def test_so_many_seeds_are_enough_and_one_fewer_is_not() -> None:
    spread = Spread(images=10, seeds_first=3, seeds_second=3)
    needed = seeds_needed(spread, 700, 2.0)
    assert needed is not None
    assert half_width(spread, 700, needed) <= 2.0 < half_width(spread, 700, needed - 1)
    assert seeds_needed(spread, 20, 2.0) is None, "the images alone leave more"


IMAGES, RUNS, WORLDS = 300, 8, 12


def runs_of_one_arm(rng: np.random.Generator, run_count: int = RUNS, *, hard: Any = None) -> ArmCounts:
    """Runs that differ in their seed alone: all find the same images hard, and each is a little better or worse.

    Args:
        hard: How well an image is found on the logit scale, (1, n, 1).
    """
    hard = rng.normal(0.8, 1.0, (1, IMAGES, 1)) if hard is None else hard
    run = rng.normal(0, 0.12, (run_count, 1, 1))
    both = rng.normal(0, 0.4, (run_count, IMAGES, 1))
    true = np.full((IMAGES, 1), OBJECT_PX)
    right = rng.binomial(OBJECT_PX, 1 / (1 + np.exp(-(hard + run + both))))
    return counts_of(right, right + rng.poisson(6, right.shape), true)


def of_seeds(counts: ArmCounts, chosen: Sequence[int]) -> ArmCounts:
    picked = list(chosen)
    return counts_of(counts.right[picked], counts.predicted[picked], counts.true)


def null_differences() -> list[Estimate]:
    """All 280 comparisons of 3 against 3 of 8 runs, in some worlds: every difference is chance."""
    rng = np.random.default_rng(14)
    found = []
    for _ in range(WORLDS):
        counts = runs_of_one_arm(rng)
        scores = {three: scores_of(of_seeds(counts, three)) for three in combinations(range(RUNS), 3)}
        pairs = [pair for pair in combinations(scores, 2) if not set(pair[0]) & set(pair[1])]
        found += [difference(scores[first], scores[second]) for first, second in pairs]
    return found


def test_runs_that_differ_in_their_seed_only_are_rarely_told_apart() -> None:
    """At most 7 % of false claims; from images alone, the obvious way, most comparisons would be one."""
    found = null_differences()
    assert len(found) == WORLDS * 280
    false_claims = np.mean([known(each)[2] < 0.05 for each in found])
    from_images = np.mean([abs(each.value) > 1.96 * each.image_error / np.sqrt(IMAGES) for each in found])
    assert false_claims <= 0.07
    assert from_images > 0.4


def test_an_interval_holds_the_true_difference_in_about_95_of_100_checks() -> None:
    """New images and new seeds each time; the truth is that of many more of both."""
    rng = np.random.default_rng(41)
    repetitions, better = 300, 0.3
    truth = np.mean([_difference_of_two_arms(rng, better, seeds=8).value for _ in range(150)])
    found = [_difference_of_two_arms(rng, better, seeds=3) for _ in range(repetitions)]
    held = [low <= truth <= high for low, high, _ in map(known, found)]
    assert truth > 3
    assert 0.925 <= np.mean(held) <= 0.985


def _difference_of_two_arms(rng: np.random.Generator, better: float, seeds: int) -> Estimate:
    """Of two arms on the same images, of which the first is better by so much on the logit scale."""
    hard = rng.normal(0.8, 1.0, (1, IMAGES, 1))
    first, second = (runs_of_one_arm(rng, seeds, hard=hard + shift) for shift in (better, 0.0))
    return difference(scores_of(first), scores_of(second))
