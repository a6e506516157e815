"""What a stored label map shows is known only where its values are bytes, one for each pixel."""

import io

import numpy as np
import pytest
from PIL import Image

from cocomine.coco.size import Size
from cocomine.exporting.shown_map import stored_map


def png(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, format="PNG")
    return buffer.getvalue()


def test_a_map_shows_its_values() -> None:
    values = np.zeros((3, 4), dtype=np.uint8)
    values[1, 2], values[2] = 7, 255
    found = stored_map(png(values))
    assert found is not None
    assert found.size == Size(height=3, width=4)
    assert found.values == frozenset({7, 255})


@pytest.mark.parametrize("values", [np.zeros((3, 4, 3), dtype=np.uint8), np.zeros((3, 4), dtype=np.uint16)])
def test_colours_and_larger_numbers_are_no_labels(values: np.ndarray) -> None:
    assert stored_map(png(values)) is None
