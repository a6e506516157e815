"""The images behind a confusion, and those that are predicted worst, by hand."""

import numpy as np
import pytest

from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.evaluation_file import ImageCounts
from cocomine.training.runs.image_ranking import ConfusedImage, lowest_iou, most_confused

MATRICES = {
    7: [[5, 1, 0], [2, 8, 0], [0, 0, 0]],
    11: [[9, 0, 0], [0, 0, 0], [0, 0, 0]],  # neither class is in it
    30: [[0, 3, 0], [6, 3, 1], [0, 0, 4]],
    42: [[0, 0, 0], [2, 1, 0], [3, 0, 0]],
}
"""By image id: background, cat, dog; true in rows."""


@pytest.fixture
def counts() -> ImageCounts:
    return counts_of(MATRICES)


def counts_of(matrices: dict[int, list[list[int]]]) -> ImageCounts:
    cells = np.array(list(matrices.values())).reshape(len(matrices), 9)
    image_index, cell = np.nonzero(cells)
    confusions = Confusions(
        label_count=3, image_count=len(cells), image_index=image_index, cell=cell, pixels=cells[cells > 0]
    )
    return ImageCounts(step=1, image_ids=tuple(matrices), confusions=confusions)


def test_the_images_with_most_pixels_of_a_confusion_come_first(counts: ImageCounts) -> None:
    assert most_confused(counts, 1, 0) == [
        ConfusedImage(image_id=30, pixel_count=6, share=0.6),
        ConfusedImage(image_id=7, pixel_count=2, share=0.2),
        ConfusedImage(image_id=42, pixel_count=2, share=2 / 3),
    ]
    assert [each.image_id for each in most_confused(counts, 1, 0, most=1)] == [30]


def test_a_confusion_that_is_not_there_has_no_images(counts: ImageCounts) -> None:
    assert most_confused(counts, 2, 1) == []


def test_the_mean_iou_of_an_image_is_over_the_classes_in_it(counts: ImageCounts) -> None:
    cat_30, dog_30 = 3 / (6 + 3 + 1 + 3), 4 / 5
    found = lowest_iou(counts, [1, 2])
    assert [(each.image_id, each.label_count) for each in found] == [(42, 2), (30, 2), (7, 1)]
    assert [each.iou for each in found] == pytest.approx([(1 / 3 + 0) / 2, (cat_30 + dog_30) / 2, 8 / 11])


def test_of_one_class_only_the_images_with_it_are_ranked(counts: ImageCounts) -> None:
    assert [(each.image_id, each.iou) for each in lowest_iou(counts, [2])] == [(42, 0.0), (30, pytest.approx(0.8))]
    assert [each.image_id for each in lowest_iou(counts, [1], most=2)] == [30, 42]


def test_a_class_of_one_pixel_is_in_its_image() -> None:
    (found,) = lowest_iou(counts_of({3: [[8, 0, 0], [0, 1, 0], [0, 0, 0]]}), [1, 2])
    assert (found.image_id, found.iou, found.label_count) == (3, 1.0, 1)
