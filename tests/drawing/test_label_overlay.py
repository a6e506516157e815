"""Labels with a colour are painted over the image, at any size of theirs; the rest of it stays."""

import numpy as np
import pytest
from PIL import Image

from cocomine.drawing.label_overlay import overlaid

GREY = Image.new("RGB", (4, 2), (100, 100, 100))
LABELS = np.array([[0, 1, 2, 255]], dtype=np.uint8)


@pytest.mark.parametrize(("opacity", "red"), [(0.0, (100, 100, 100)), (0.5, (178, 50, 50)), (1.0, (255, 0, 0))])
def test_only_labels_with_a_colour_are_painted_as_strongly_as_asked(opacity: float, red: tuple[int, ...]) -> None:
    pixels = np.asarray(overlaid(GREY, LABELS, {1: "#ff0000"}, opacity=opacity))

    assert pixels.shape == (2, 4, 3)
    for row in pixels:
        np.testing.assert_allclose(row, [(100, 100, 100), red, (100, 100, 100), (100, 100, 100)], atol=1)


def test_each_label_has_its_colour() -> None:
    pixels = np.asarray(overlaid(GREY, LABELS, {1: "#ff0000", 2: "#0000ff"}, opacity=1.0))

    assert pixels[0, 1:3].tolist() == [[255, 0, 0], [0, 0, 255]]
