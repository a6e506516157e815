"""Published results say where an export's number of training images stands among them."""

import pytest

from cocomine.training.runs.expectation import CURVES, PublishedCurve, expected_words


@pytest.mark.parametrize(
    ("image_count", "words"),
    [
        (91, "below 45.1 % (that took 92 images)"),
        (92, "between 45.1 % (92 images) and 55.3 % (183)"),
        (183, "between 55.3 % (183 images) and 64.8 % (366)"),
        (400, "between 64.8 % (366 images) and 69.7 % (732)"),
        (1464, "73.5 % or more (reached with 1,464 images)"),
    ],
)
def test_the_nearest_published_results_are_named(image_count: int, words: str) -> None:
    assert expected_words(CURVES[0], image_count) == words


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.data)
def test_more_images_gave_more(curve: PublishedCurve) -> None:
    counts, values = zip(*curve.points, strict=True)
    assert list(counts) == sorted(counts)
    assert list(values) == sorted(values)
