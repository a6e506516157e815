"""Objects are filled with what surrounds them; nothing else of the image changes."""

import numpy as np
import pytest

from cocomine.drawing.erasing import control_mask, filled_with_blur, filled_with_ring

GREEN = (20, 180, 60)


@pytest.fixture
def image() -> tuple[np.ndarray, np.ndarray]:
    """A red disc on plain green, and where it is."""
    rows, columns = np.mgrid[:48, :64]
    mask = (rows - 20) ** 2 + (columns - 30) ** 2 < 100
    pixels = np.full((48, 64, 3), GREEN, dtype=np.uint8)
    pixels[mask] = (250, 10, 10)
    return pixels, mask


def test_on_a_plain_ground_an_object_is_gone(image: tuple[np.ndarray, np.ndarray]) -> None:
    pixels, mask = image
    plain = np.full_like(pixels, GREEN)

    np.testing.assert_array_equal(filled_with_ring(pixels, mask, np.random.default_rng(0)), plain)
    np.testing.assert_array_equal(filled_with_blur(pixels, mask), plain)


def test_only_the_masked_pixels_change_and_the_given_image_does_not() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    before, mask = pixels.copy(), np.zeros((40, 40), dtype=bool)
    mask[5:15, 8:20] = True

    for filled in (filled_with_ring(pixels, mask, np.random.default_rng(0)), filled_with_blur(pixels, mask)):
        np.testing.assert_array_equal(filled[~mask], before[~mask])
        assert (filled[mask] != before[mask]).any()
    np.testing.assert_array_equal(pixels, before)


def test_noise_has_the_mean_and_the_spread_of_the_ring() -> None:
    rng = np.random.default_rng(2)
    pixels = rng.normal((60, 120, 200), (5, 10, 20), (128, 128, 3)).round().clip(0, 255).astype(np.uint8)
    mask = np.zeros((128, 128), dtype=bool)
    mask[30:90, 30:90] = True

    filled = filled_with_ring(pixels, mask, rng)[mask]

    np.testing.assert_allclose(filled.mean(0), (60, 120, 200), atol=2)
    np.testing.assert_allclose(filled.std(0), (5, 10, 20), rtol=0.15)


def test_far_from_everything_the_blur_is_the_mean_colour() -> None:
    pixels = np.zeros((64, 64, 3), dtype=np.uint8)
    mask = np.ones((64, 64), dtype=bool)
    mask[0, 0] = False
    pixels[0, 0] = (9, 90, 200)

    np.testing.assert_array_equal(filled_with_blur(pixels, mask)[63, 63], (9, 90, 200))


def test_an_image_that_is_nothing_but_the_object_cannot_be_filled() -> None:
    pixels, mask = np.zeros((32, 32, 3), dtype=np.uint8), np.ones((32, 32), dtype=bool)

    with pytest.raises(ValueError, match="whole image"):
        filled_with_ring(pixels, mask, np.random.default_rng(0))
    with pytest.raises(ValueError, match="whole image"):
        filled_with_blur(pixels, mask)


def test_a_control_is_as_large_and_lies_where_nothing_else_is(image: tuple[np.ndarray, np.ndarray]) -> None:
    _, mask = image

    control = control_mask(mask, mask, np.random.default_rng(0))

    assert control.sum() == mask.sum()
    assert not (control & mask).any()
    np.testing.assert_array_equal(control, control_mask(mask, mask, np.random.default_rng(0)))
