"""The interval of mIoU over images holds what it promises, in a world whose truth is known."""

import math

import numpy as np
import pytest
from scipy.stats import t

from cocomine.training.runs.confusions import Areas
from cocomine.training.runs.interval import (
    FEWEST_IMAGES,
    Interval,
    iou_intervals,
    mean_iou_difference,
    mean_iou_interval,
)


def areas(right: list[list[int]], true: list[list[int]], predicted: list[list[int]]) -> Areas:
    """Of lists [image][label]."""
    return Areas(right=np.array(right), true=np.array(true), predicted=np.array(predicted))


def test_the_interval_is_the_jackknife_on_the_logit_scale_by_hand() -> None:
    """One class: 2 of 4, 3 of 4 and 1 of 4 pixels right, so 6 of 12; without one image 4, 3 and 5 of 8."""
    found = mean_iou_interval(areas([[0, 2], [0, 3], [0, 1]], [[0, 4]] * 3, [[9, 2], [9, 3], [9, 1]]), [1])
    without = [math.log(iou / (1 - iou)) for iou in (4 / 8, 3 / 8, 5 / 8)]  # 0 and two of opposite sign: no bias
    error = math.sqrt(2 / 3 * sum(value**2 for value in without))
    reach = t.ppf(0.975, 2) * error
    assert found is not None
    assert (found.low, found.high) == pytest.approx((1 / (1 + math.exp(reach)), 1 / (1 + math.exp(-reach))))


def test_a_bias_widens_the_interval_to_the_corrected_value_and_leaves_the_other_bound() -> None:
    """10 of 20, and 0 of 10 without the first: the mean without one image lies below."""
    found = mean_iou_interval(areas([[0, 8], [0, 1], [0, 1]], [[0, 10]] * 3, [[0, 8], [0, 1], [0, 1]]), [1])
    logits = [math.log(iou / (1 - iou)) for iou in (2 / 20, 9 / 20, 9 / 20)]
    mean, centre = sum(logits) / 3, math.log((10 / 30) / (20 / 30))
    reach = t.ppf(0.975, 2) * math.sqrt(2 / 3 * sum((value - mean) ** 2 for value in logits))
    corrected = 3 * centre - 2 * mean
    assert corrected > centre
    assert found is not None
    assert (found.low, found.high) == pytest.approx(
        (1 / (1 + math.exp(reach - centre)), 1 / (1 + math.exp(-corrected - reach)))
    )


@pytest.mark.parametrize(
    "counts",
    [
        areas([[2]], [[4]], [[4]]),  # one image
        areas([[4]] * 3, [[4]] * 3, [[4]] * 3),  # all right
        areas([[0]] * 3, [[4]] * 3, [[0]] * 3),  # all wrong
        areas([[2], [0]], [[4], [0]], [[4], [1]]),  # without the first image there is no class
        areas([[0]] * 2, [[0]] * 2, [[3]] * 2),  # no class at all
    ],
)
def test_there_is_no_interval_where_images_tell_nothing_of_their_spread(counts: Areas) -> None:
    assert mean_iou_interval(counts, [0]) is None


def test_a_class_that_an_image_alone_has_widens_the_interval() -> None:
    """Its IoU is the same whichever other image is left out, so only its own absence tells how much hangs on it."""
    common = areas([[5, 0]] * 9 + [[6, 0]], [[10, 0]] * 10, [[10, 0]] * 10)
    rare = areas([[5, 0]] * 9 + [[6, 2]], [[10, 0]] * 9 + [[10, 10]], [[10, 0]] * 9 + [[10, 10]])
    narrow, wide = mean_iou_interval(common, [0, 1]), mean_iou_interval(rare, [0, 1])
    assert narrow is not None
    assert wide is not None
    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)


def world(random: np.random.Generator, image_count: int) -> Areas:
    """Images of three classes, each in a third of them, with sizes and qualities that differ as in photographs."""
    shape = (image_count, 3)
    true = (np.exp(random.normal(8, 1.2, shape)) * (random.random(shape) < 0.35)).astype(np.int64)
    quality = random.beta(3, 1.5, (image_count, 1)) * random.beta(4, 1, shape)  # an image is hard for all its classes
    right = (true * quality).astype(np.int64)
    alarms = (random.random(shape) < 0.1) * np.exp(random.normal(6, 1.2, shape))
    return Areas(right=right, true=true, predicted=right + (true * 0.2 + alarms).astype(np.int64))


def test_in_about_95_of_100_worlds_the_interval_holds_the_truth() -> None:
    random = np.random.default_rng(0)
    whole = world(random, 200_000)
    truth = float((whole.right.sum(0) / whole.union.sum(0)).mean())
    found = [mean_iou_interval(world(random, 40), [0, 1, 2]) for _ in range(400)]
    intervals = [interval for interval in found if isinstance(interval, Interval)]
    assert len(intervals) == 400
    assert 0.92 <= sum(each.low <= truth <= each.high for each in intervals) / 400 <= 0.99
    assert 0.05 < sum(each.high - each.low for each in intervals) / 400 < 0.3  # and it says something


def better(world: Areas, random: np.random.Generator) -> Areas:
    """What another network gets right in the same images: more, by another part in each of them."""
    missed = world.true - world.right
    more = (missed * random.beta(1.5, 6, missed.shape)).astype(np.int64)
    return Areas(right=world.right + more, true=world.true, predicted=world.predicted + more)


def test_in_about_95_of_100_worlds_the_interval_of_a_difference_holds_the_truth_and_pairs_make_it_narrow() -> None:
    random = np.random.default_rng(1)
    whole = world(random, 200_000)
    other = better(whole, random)
    truth = float((other.right.sum(0) / other.union.sum(0) - whole.right.sum(0) / whole.union.sum(0)).mean())
    held, widths, apart = 0, [], []
    for _ in range(400):
        images = world(random, 40)
        alone = mean_iou_interval(images, [0, 1, 2])
        found = mean_iou_difference(images, better(images, random), [0, 1, 2])
        assert alone is not None
        assert found is not None
        held += found.low <= truth <= found.high
        widths.append(found.high - found.low)
        apart.append(alone.high - alone.low)
    assert 0.91 <= held / 400 <= 0.99
    assert np.mean(widths) < 0.5 * np.mean(apart)


def test_a_difference_by_hand() -> None:
    """Of four pixels in each of five images 11 of 20 are right, and 14 of 20 by the other network."""
    first = areas([[2], [3], [2], [2], [2]], [[4]] * 5, [[2], [3], [2], [2], [2]])
    second = areas([[3], [3], [3], [3], [2]], [[4]] * 5, [[3], [3], [3], [3], [2]])
    found = mean_iou_difference(first, second, [0])
    without = [2 / 16, 3 / 16, 2 / 16, 2 / 16, 3 / 16]
    error = math.sqrt(4 / 5 * sum((value - sum(without) / 5) ** 2 for value in without))
    reach = t.ppf(0.975, 4) * error
    assert found is not None
    assert (found.low, found.high) == pytest.approx((3 / 20 - reach, 3 / 20 + reach))
    assert mean_iou_difference(first, first, [0]) is None
    few = areas([[2]] * 4, [[4]] * 4, [[3]] * 4)
    assert mean_iou_difference(few, areas([[3], [2], [2], [2]], [[4]] * 4, [[3]] * 4), [0]) is None


def test_the_interval_of_a_class_is_that_of_its_own_images() -> None:
    """Five images say something of the first class, and one more of the second alone."""
    counts = areas([[0, 2], [1, 3], [2, 1], [3, 1], [2, 2], [0, 2]], [[4, 4]] * 5 + [[0, 4]], [[4, 4]] * 5 + [[0, 4]])
    own = areas([[0], [1], [2], [3], [2]], [[4]] * 5, [[4]] * 5)
    second = areas([[2], [3], [1], [1], [2], [2]], [[4]] * 6, [[4]] * 6)
    assert iou_intervals(counts) == [mean_iou_interval(own, [0]), mean_iou_interval(second, [0])]


def test_a_false_alarm_in_an_image_without_the_class_counts_as_its_image() -> None:
    counts = areas([[2], [3], [1], [1], [2], [0]], [[4]] * 5 + [[0]], [[4]] * 5 + [[9]])
    assert iou_intervals(counts) == [mean_iou_interval(counts, [0])]
    one_px = areas([[2], [3], [1], [1], [2], [0]], [[4]] * 5 + [[0]], [[4]] * 5 + [[1]])
    assert iou_intervals(one_px) == [mean_iou_interval(one_px, [0])]
    assert iou_intervals(counts) != iou_intervals(areas([[2], [3], [1], [1], [2]], [[4]] * 5, [[4]] * 5))


def test_a_class_in_too_few_images_has_no_interval() -> None:
    few = FEWEST_IMAGES - 1
    assert iou_intervals(areas([[2], [3], [1], [1]], [[4]] * few, [[4]] * few)) == [None]


def test_the_interval_of_a_class_holds_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    whole = world(random, 200_000)
    truth = whole.right.sum(0) / whole.union.sum(0)
    found = [iou_intervals(world(random, 40)) for _ in range(200)]
    hits = [
        each.low <= right <= each.high
        for intervals in found
        for each, right in zip(intervals, truth, strict=True)
        if each is not None
    ]
    assert len(hits) > 550
    assert 0.88 <= sum(hits) / len(hits) <= 0.98
