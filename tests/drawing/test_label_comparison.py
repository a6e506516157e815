"""What is predicted stands beside what is true, and each kind of error has its colour."""

import io

import numpy as np
from PIL import Image

from cocomine.colours import rgb
from cocomine.drawing.label_comparison import (
    ERROR_COLOURS,
    FALSE_POSITIVE,
    GAP_PX,
    MISSED,
    WRONG_CLASS,
    Look,
    comparison_jpeg,
    error_map,
)

SIDE_PX = 32
TRUTH = np.array([[0, 0, 1, 1, 255, 255]], dtype=np.uint8)
PREDICTION = np.array([[0, 2, 0, 2, 0, 1]], dtype=np.uint8)
COLOURS = {1: "#ff0000", 2: "#00ff00"}


def test_each_error_has_its_kind_and_ignored_pixels_have_none() -> None:
    assert error_map(TRUTH, PREDICTION).tolist() == [[0, FALSE_POSITIVE, MISSED, WRONG_CLASS, 0, 0]]
    assert not error_map(TRUTH, TRUTH).any()


def colours_of(strip: bytes) -> list[list[int]]:
    """The colour in the middle of each panel."""
    with Image.open(io.BytesIO(strip)) as image:
        row: list[list[int]] = np.asarray(image)[SIDE_PX // 2].tolist()
    return row[SIDE_PX // 2 :: SIDE_PX + GAP_PX]


def strip(truth: int, prediction: int | None, look: Look) -> list[list[int]]:
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "#0000ff")
    maps = [None if label is None else np.full((4, 4), label, dtype=np.uint8) for label in (truth, prediction)]
    assert maps[0] is not None
    return colours_of(comparison_jpeg(image, maps[0], maps[1], COLOURS, look))


def near(found: list[list[int]], *expected: str) -> bool:
    """Whether colours are these, but for what JPEG loses."""
    return bool(np.abs(np.array(found) - [rgb(each) for each in expected]).max() <= 4)


def test_image_truth_and_prediction_stand_side_by_side() -> None:
    assert near(strip(1, 2, Look(opacity=1.0)), "#0000ff", "#ff0000", "#00ff00")


def test_the_image_shows_through_the_paint() -> None:
    assert near(strip(1, 0, Look(opacity=0.5)), "#0000ff", "#80007f", "#0000ff")
    assert near(strip(1, 0, Look(opacity=0.0)), "#0000ff", "#0000ff", "#0000ff")


def test_errors_take_the_place_of_the_prediction() -> None:
    look = Look(opacity=1.0, errors_only=True)
    assert near(strip(1, 2, look), "#0000ff", "#ff0000", ERROR_COLOURS[WRONG_CLASS])
    assert near(strip(1, 0, look), "#0000ff", "#ff0000", ERROR_COLOURS[MISSED])
    assert near(strip(0, 2, look), "#0000ff", "#0000ff", ERROR_COLOURS[FALSE_POSITIVE])
    assert near(strip(1, 1, look), "#0000ff", "#ff0000", "#1d1d1d")  # the blue image in grey


def test_without_a_prediction_there_are_two_panels() -> None:
    assert near(strip(1, None, Look(opacity=1.0)), "#0000ff", "#ff0000")
