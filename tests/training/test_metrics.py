"""The numbers of a prediction, worked out by hand and by scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as reference_confusion
from sklearn.metrics import jaccard_score

from cocomine.training.metrics import (
    SoftSums,
    added,
    baseline_scores,
    conditional_entropy,
    empty_prediction,
    iou_per_label,
    mean_iou,
    network_scores,
    pixel_accuracy,
    soft_sums,
)
from cocomine.training.runs.confusions import confusion_matrix
from cocomine.training.runs.records import Scores

TRUTH = np.array([[0, 1], [1, 255]], dtype=np.uint8)
PREDICTION = np.array([[0, 1], [0, 1]], dtype=np.uint8)
PROBABILITIES = np.array([[[0.9, 0.2], [0.7, 0.5]], [[0.1, 0.8], [0.3, 0.5]]])  # (label, row, column)
OF_THE_TRUTH = np.log([[0.9, 0.8], [0.3, 0.5]])


def test_iou_is_intersection_over_union() -> None:
    confusion = confusion_matrix(TRUTH, PREDICTION, 2)
    assert iou_per_label(confusion).tolist() == [1 / 2, 1 / 2]
    assert pixel_accuracy(confusion) == 2 / 3


@pytest.mark.parametrize("seed", range(10))
def test_the_numbers_agree_with_scikit_learn_on_maps_with_ignored_pixels_and_absent_classes(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.choice([0, 1, 2, 4, 255], p=[0.4, 0.3, 0.1, 0.1, 0.1], size=(9, 9)).astype(np.uint8)
    prediction = random.integers(0, 5, (9, 9)).astype(np.uint8)
    counted = truth != 255
    confusion = confusion_matrix(truth, prediction, 5)
    reference = reference_confusion(truth[counted], prediction[counted], labels=range(5))
    assert np.array_equal(confusion, reference)
    there = [label for label in range(5) if label in truth]
    iou = jaccard_score(truth[counted], prediction[counted], labels=there, average=None)
    assert iou_per_label(confusion)[there] == pytest.approx(iou)
    assert np.isnan(iou_per_label(confusion)[3])
    classes = jaccard_score(truth[counted], prediction[counted], labels=[x for x in there if x], average="macro")
    selected = [1, 2, 3, 4]
    assert mean_iou(confusion, selected) == pytest.approx(classes)
    numbers = network_scores(confusion, soft_sums(np.log(random.random((9, 9))), truth), selected)
    assert numbers.mean_iou_with_background == pytest.approx(iou.mean(), abs=1e-6)


def test_the_mean_is_over_the_selected_labels_that_occur() -> None:
    confusion = np.diag([5, 3, 0, 2])
    confusion[1, 0] = 3  # label 1: 3 of 6
    assert mean_iou(confusion, [1, 2]) == 1 / 2
    assert mean_iou(confusion, [1, 3]) == 3 / 4
    assert math.isnan(mean_iou(confusion, [2]))


def test_a_stray_pixel_of_a_class_that_does_not_occur_leaves_the_others_their_iou() -> None:
    confusion = np.diag([99, 10, 0])
    confusion[0, 2] = 1
    assert iou_per_label(confusion) == pytest.approx([99 / 100, 1, math.nan], nan_ok=True)
    assert mean_iou(confusion, [1, 2]) == 1


def test_equation_2_is_the_mean_probability_of_the_true_label() -> None:
    numbers = network_scores(confusion_matrix(TRUTH, PREDICTION, 2), soft_sums(OF_THE_TRUTH, TRUTH), [1])
    assert numbers.mean_true_probability == pytest.approx((0.9 + 0.8 + 0.3) / 3, abs=1e-6)


def test_equation_2_as_printed_gives_the_same_number() -> None:
    one_hot = np.stack([TRUTH == 0, TRUTH == 1]).astype(float)
    printed = one_hot * PROBABILITIES / (one_hot + PROBABILITIES - one_hot * PROBABILITIES)
    assert soft_sums(OF_THE_TRUTH, TRUTH).true_probability == pytest.approx(printed.sum(0)[TRUTH != 255].sum())


def test_equation_3_is_the_mean_cross_entropy() -> None:
    numbers = network_scores(confusion_matrix(TRUTH, PREDICTION, 2), soft_sums(OF_THE_TRUTH, TRUTH), [1])
    expected = -(math.log(0.9) + math.log(0.8) + math.log(0.3)) / 3
    assert numbers.cross_entropy == pytest.approx(expected, abs=1e-6)


def test_a_true_label_of_no_probability_costs_a_finite_number() -> None:
    impossible = soft_sums(np.array([[-1000.0]]), np.array([[1]]))
    assert impossible.negative_log_likelihood == pytest.approx(12 * math.log(10))


def test_sums_of_images_add_up_to_those_of_their_union() -> None:
    both = soft_sums(np.concatenate([OF_THE_TRUTH] * 2), np.concatenate([TRUTH] * 2))
    one = soft_sums(OF_THE_TRUTH, TRUTH)
    total = added([one, one])
    assert total.pixel_count == both.pixel_count == 6
    assert total.true_probability == pytest.approx(both.true_probability)
    assert total.negative_log_likelihood == pytest.approx(both.negative_log_likelihood)


def test_an_empty_prediction_scores_the_background_share_and_no_class() -> None:
    empty = empty_prediction(confusion_matrix(TRUTH, PREDICTION, 2))
    assert baseline_scores(empty, empty, selected=[1]) == Scores(
        mean_iou=0.0,
        mean_iou_with_background=round(1 / 6, 6),
        iou=[round(1 / 3, 6), 0.0],
        pixel_accuracy=round(1 / 3, 6),
        mean_true_probability=round(1 / 3, 6),
        cross_entropy=round(-(math.log(1 / 3) + 2 * math.log(2 / 3)) / 3, 6),
    )


def test_a_baseline_has_its_iou_at_native_size_and_the_papers_metrics_at_training_size() -> None:
    """At training size, label 0 is predicted on four pixels, one of them wrong, and label 1 on four, half of them."""
    numbers = baseline_scores(np.diag([3, 1]), np.array([[3, 2], [1, 2]]), selected=[1])
    assert (numbers.mean_iou, numbers.pixel_accuracy) == (1.0, 1.0)
    assert numbers.mean_true_probability == 5 / 8
    quarter = (3 * math.log(4 / 3) + math.log(4)) / 8
    assert numbers.cross_entropy == pytest.approx(quarter + 4 * math.log(2) / 8, abs=1e-6)


def test_an_image_that_is_ignored_as_a_whole_has_no_numbers() -> None:
    ignored = np.full((2, 2), 255, dtype=np.uint8)
    none = Scores(
        mean_iou=None,
        mean_iou_with_background=None,
        iou=[None, None],
        pixel_accuracy=None,
        mean_true_probability=None,
        cross_entropy=None,
    )
    confusion = confusion_matrix(ignored, PREDICTION, 2)
    assert network_scores(confusion, soft_sums(OF_THE_TRUTH, ignored), selected=[1]) == none
    assert baseline_scores(confusion, confusion, selected=[1]) == none
    assert soft_sums(OF_THE_TRUTH, ignored) == SoftSums(
        pixel_count=0, true_probability=0.0, negative_log_likelihood=0.0
    )


def test_the_best_constant_guess_of_two_equal_labels_costs_one_bit_and_a_perfect_one_nothing() -> None:
    assert conditional_entropy(np.array([[8, 0], [8, 0]])) == pytest.approx(math.log(2))
    assert conditional_entropy(np.diag([8, 8])) == 0
