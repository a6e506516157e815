"""Confusion matrices of images, of which only the filled cells are kept."""

from typing import Any

import numpy as np
import pytest

from cocomine.training.runs.confusions import Confusions, confusion_matrix

TRUTH = np.array([[0, 1], [1, 255]], dtype=np.uint8)
PREDICTION = np.array([[0, 1], [0, 1]], dtype=np.uint8)


@pytest.fixture
def maps() -> list[Any]:
    """Truth and prediction of five images with six labels, label 4 nowhere true, the last image ignored throughout."""
    random = np.random.default_rng(0)
    images = [random.choice([0, 0, 0, 1, 2, 3, 5, 255], size=(2, 8, 7)).astype(np.uint8) for _ in range(5)]
    for image in images:
        image[1, image[1] == 255] = 4
    images[-1][0] = 255
    return images


@pytest.fixture
def confusions(maps: list[Any]) -> Confusions:
    return Confusions.joined([Confusions.of_image(truth, prediction, 6) for truth, prediction in maps])


def test_rows_are_the_truth_and_ignored_pixels_count_nowhere() -> None:
    assert confusion_matrix(TRUTH, PREDICTION, 2).tolist() == [[1, 0], [1, 1]]


def test_only_filled_cells_are_kept() -> None:
    kept = Confusions.of_image(TRUTH, PREDICTION, 253)
    assert (kept.cell.tolist(), kept.pixels.tolist()) == ([0, 253, 254], [1, 1, 1])


@pytest.mark.parametrize("count", [0, 2, 5, None])
def test_the_first_images_add_up_to_the_matrix_of_their_pixels(
    confusions: Confusions, maps: list[Any], count: int | None
) -> None:
    first = confusions.first(count)
    chosen = maps[:count]
    expected = sum(
        (confusion_matrix(truth, prediction, 6) for truth, prediction in chosen), np.zeros((6, 6), dtype=np.int64)
    )
    assert np.array_equal(first.total(), expected)
    assert first.image_count == len(chosen)


def test_areas_are_pixels_of_each_label_in_each_image(confusions: Confusions, maps: list[Any]) -> None:
    areas = confusions.areas()
    for index, (truth, prediction) in enumerate(maps):
        for label in range(6):
            is_true, is_predicted = truth == label, (prediction == label) & (truth != 255)
            assert areas.true[index, label] == is_true.sum()
            assert areas.predicted[index, label] == is_predicted.sum()
            assert areas.right[index, label] == (is_true & is_predicted).sum()
            assert areas.union[index, label] == (is_true | is_predicted).sum()
