"""A label map survives its PNG, in the classes' colours."""

import io
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from label_files import read_label_png
from numpy.typing import NDArray
from PIL import Image

from cocomine.coco.dataset import Dataset
from cocomine.colours import class_colour, rgb
from cocomine.exporting.formats.label_png import label_png, palette
from cocomine.labels.table import label_table
from cocomine.mining.selection.selection import Selection

MAPS = arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)))


@given(labels=MAPS)
def test_a_label_map_read_from_its_png_is_the_same(four_images: Dataset, labels: NDArray[np.uint8]) -> None:
    data = label_png(labels, palette(label_table(four_images, Selection(classes=("cat",)))))
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "P"
        np.testing.assert_array_equal(np.asarray(image), labels)


def test_a_label_map_read_from_a_file_is_the_same(four_images: Dataset, tmp_path: Path) -> None:
    labels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    path = tmp_path / "a.png"
    path.write_bytes(label_png(labels, palette(label_table(four_images, Selection()))))
    np.testing.assert_array_equal(read_label_png(path), labels)


def test_a_viewer_shows_the_colours_of_the_classes(four_images: Dataset) -> None:
    data = label_png(
        np.array([[0, 1, 255]], dtype=np.uint8), palette(label_table(four_images, Selection(classes=("cup",))))
    )
    with Image.open(io.BytesIO(data)) as image:
        shown = np.asarray(image.convert("RGB"))[0].tolist()
    assert shown == [[0, 0, 0], list(rgb(class_colour(2))), [255, 255, 255]]


def test_neighbouring_classes_have_different_colours() -> None:
    assert len({class_colour(index) for index in range(254)}) == 254
