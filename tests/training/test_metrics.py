import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.training.metrics import (
    SoftSums,
    added,
    background_baseline,
    class_mean_iou,
    confusion_matrix,
    constant_guess_entropy,
    iou_per_label,
    mean_cross_entropy,
    mean_true_probability,
    pixel_accuracy,
    scores,
    soft_sums,
)
from cocomine.training.runs.records import Scores

TRUTH = np.array([[0, 1], [1, 255]], dtype=np.uint8)
PREDICTION = np.array([[0, 1], [0, 1]], dtype=np.uint8)
PROBABILITIES = np.array([[[0.9, 0.2], [0.7, 0.5]], [[0.1, 0.8], [0.3, 0.5]]])  # (label, row, column)


def test_rows_are_the_truth_and_ignored_pixels_count_nowhere() -> None:
    assert confusion_matrix(TRUTH, PREDICTION, 2).tolist() == [[1, 0], [1, 1]]


def test_iou_is_intersection_over_union() -> None:
    confusion = confusion_matrix(TRUTH, PREDICTION, 2)
    assert iou_per_label(confusion).tolist() == [1 / 2, 1 / 2]
    assert pixel_accuracy(confusion) == 2 / 3


@given(st.integers(0, 2**32 - 1))
def test_iou_agrees_with_sets_of_pixels(seed: int) -> None:
    truth, prediction = np.random.default_rng(seed).integers(0, 4, (2, 5, 5))
    iou = iou_per_label(confusion_matrix(truth, prediction, 4))
    for label in range(4):
        union = ((truth == label) | (prediction == label)).sum()
        expected = ((truth == label) & (prediction == label)).sum() / union if union else math.nan
        assert iou[label] == pytest.approx(expected, nan_ok=True)


def test_the_mean_is_over_the_picked_labels_that_occur() -> None:
    confusion = np.diag([5, 3, 0, 2])
    confusion[0, 1] = 3  # label 1: 3 of 6
    assert class_mean_iou(confusion, selected=[1, 2]) == 1 / 2
    assert class_mean_iou(confusion, selected=[1, 3]) == 3 / 4
    assert math.isnan(class_mean_iou(confusion, selected=[2]))


def test_a_class_that_is_only_predicted_has_iou_zero() -> None:
    assert iou_per_label(np.array([[4, 1], [0, 0]])).tolist() == [4 / 5, 0]


def test_equation_2_is_the_mean_probability_of_the_true_label() -> None:
    assert mean_true_probability(soft_sums(PROBABILITIES, TRUTH)) == pytest.approx((0.9 + 0.8 + 0.3) / 3)


def test_equation_2_as_printed_gives_the_same_number() -> None:
    one_hot = np.stack([TRUTH == 0, TRUTH == 1]).astype(float)
    printed = one_hot * PROBABILITIES / (one_hot + PROBABILITIES - one_hot * PROBABILITIES)
    counted = TRUTH != 255
    expected = printed.sum(0)[counted].mean()
    assert mean_true_probability(soft_sums(PROBABILITIES, TRUTH)) == pytest.approx(expected)


def test_equation_3_is_the_mean_cross_entropy() -> None:
    expected = -(math.log(0.9) + math.log(0.8) + math.log(0.3)) / 3
    assert mean_cross_entropy(soft_sums(PROBABILITIES, TRUTH)) == pytest.approx(expected)


def test_a_true_label_of_probability_zero_costs_a_finite_number() -> None:
    certain_and_wrong = soft_sums(np.array([[[1.0]], [[0.0]]]), np.array([[1]]))
    assert certain_and_wrong.negative_log_likelihood == pytest.approx(12 * math.log(10))


def test_sums_of_images_add_up_to_those_of_their_union() -> None:
    both = soft_sums(np.concatenate([PROBABILITIES] * 2, axis=1), np.concatenate([TRUTH] * 2))
    one = soft_sums(PROBABILITIES, TRUTH)
    total = added([one, one])
    assert total.pixels_per_label == both.pixels_per_label
    assert mean_cross_entropy(total) == pytest.approx(mean_cross_entropy(both))


def test_predicting_nothing_scores_the_background_share_and_no_class() -> None:
    confusion = confusion_matrix(TRUTH, PREDICTION, 2)
    assert background_baseline(confusion, soft_sums(PROBABILITIES, TRUTH), selected=[1]) == Scores(
        mean_iou=0.0,
        iou=[round(1 / 3, 6), 0.0],
        pixel_accuracy=round(1 / 3, 6),
        mean_true_probability=round(1 / 3, 6),
        cross_entropy=round(-(math.log(1 / 3) + 2 * math.log(2 / 3)) / 3, 6),
    )


def test_an_image_that_is_ignored_as_a_whole_has_no_numbers() -> None:
    ignored = np.full((2, 2), 255, dtype=np.uint8)
    empty = scores(confusion_matrix(ignored, PREDICTION, 2), soft_sums(PROBABILITIES, ignored), selected=[1])
    assert (empty.mean_iou, empty.iou, empty.pixel_accuracy) == (None, [None, None], None)
    assert (empty.mean_true_probability, empty.cross_entropy) == (None, None)


def test_the_best_constant_guess_of_two_equal_labels_costs_one_bit() -> None:
    sums = SoftSums(pixels_per_label=(8, 8), true_probability=0.0, negative_log_likelihood=0.0)
    assert constant_guess_entropy(sums) == pytest.approx(math.log(2))
