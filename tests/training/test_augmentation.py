"""What a batch becomes before the network sees it, checked against numbers worked out by hand."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from cocomine.training.augmentation import augmented, drawn_changes, normalised

GENERATOR = torch.Generator()
ROW = torch.tensor([0.0, 0.1, 0.2, 0.3])
ONE_IMAGE = ROW.expand(1, 3, 4, 4)  # brighter from left to right
ONE_LABEL_MAP = torch.tensor([0, 1, 2, 255], dtype=torch.uint8).expand(1, 4, 4)


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the random numbers of each draw are: size of the crop, its centre, flip, brightness and contrast."""
    values = [0.0, 0.5, 0.9, 0.5]  # the whole image, as it is
    drawn: Iterator[float] = iter(values)
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: torch.full(shape, next(drawn)))
    return values


def test_augmentation_that_draws_nothing_changes_nothing(draws: list[float]) -> None:
    assert draws
    images, labels = augmented(ONE_IMAGE, ONE_LABEL_MAP, drawn_changes(1, GENERATOR))
    assert torch.allclose(images, ONE_IMAGE, atol=1e-6)
    assert torch.equal(labels, ONE_LABEL_MAP)


def test_a_flip_is_from_left_to_right(draws: list[float]) -> None:
    draws[2] = 0.4
    images, labels = augmented(ONE_IMAGE, ONE_LABEL_MAP, drawn_changes(1, GENERATOR))
    assert torch.allclose(images, ONE_IMAGE.flip(3), atol=1e-6)
    assert torch.equal(labels, ONE_LABEL_MAP.flip(2))


def test_the_smallest_crop_is_a_half_of_each_side_and_pixels_are_areas(draws: list[float]) -> None:
    """Output pixel i of 4 lies at (i + 0.5) / 4 of the crop, which is pixels 0 and 1: at -0.25, 0.25, 0.75 and 1.25."""
    draws[0], draws[1] = 1.0, 0.0
    images, labels = augmented(ONE_IMAGE, ONE_LABEL_MAP, drawn_changes(1, GENERATOR))
    assert images[0, 0].tolist() == [pytest.approx([0.0, 0.025, 0.075, 0.125], abs=1e-6)] * 4
    assert labels[0].tolist() == [[0, 0, 1, 1]] * 4


def test_a_crop_stays_inside_the_image(draws: list[float]) -> None:
    draws[0], draws[1] = 1.0, 1.0
    _, labels = augmented(ONE_IMAGE, ONE_LABEL_MAP, drawn_changes(1, GENERATOR))
    assert labels[0].tolist() == [[2, 2, 255, 255]] * 4


def test_brightness_and_contrast_change_by_a_fifth_at_most(draws: list[float]) -> None:
    """The mean is 0.15; contrast 1.2 makes -0.03, 0.09, 0.21 and 0.33 of the row, brightness multiplies by 1.2."""
    draws[3] = 1.0
    images, _ = augmented(ONE_IMAGE, ONE_LABEL_MAP, drawn_changes(1, GENERATOR))
    assert images[0, 2, 0].tolist() == pytest.approx([0.0, 0.108, 0.252, 0.396], abs=1e-6)


def test_the_network_sees_colours_as_imagenet_weights_expect() -> None:
    image = np.array([[[255, 0, 51]]], dtype=np.uint8)
    seen = normalised(image[np.newaxis], torch.device("cpu"))
    assert seen.shape == (1, 3, 1, 1)
    assert seen.flatten().tolist() == pytest.approx([(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225])


def test_augmentation_moves_image_and_labels_together() -> None:
    labels = torch.zeros(16, 32, 32, dtype=torch.uint8)
    labels[:, 8:24, 4:16] = 1
    images = labels[:, None].float().expand(16, 3, 32, 32)
    moved, moved_labels = augmented(images, labels, drawn_changes(16, torch.Generator().manual_seed(0)))
    bright = moved.mean(1) > moved.amin((1, 2, 3))[:, None, None] / 2 + moved.amax((1, 2, 3))[:, None, None] / 2
    assert (bright == (moved_labels == 1)).float().mean() > 0.97
    assert set(moved_labels.flatten().tolist()) == {0, 1}
    assert not torch.equal(moved_labels, labels)
