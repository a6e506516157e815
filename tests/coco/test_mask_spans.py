"""The spans of a mask are the pixels that it has where it is drawn."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.mask_spans import mask_spans
from cocomine.coco.masks import Segmentation, native_mask, scaled_mask
from cocomine.coco.size import Size
from cocomine.errors import DatasetError

NATIVE = Size(12, 9)
COORDINATES = st.integers(-5, 20) | st.floats(-5, 20)
POLYGONS = st.lists(st.lists(COORDINATES, min_size=2, max_size=12), max_size=3)
CODES = st.lists(st.integers(0, 60), max_size=5).map(
    lambda runs: {"size": [*NATIVE], "counts": [*runs, max(NATIVE.pixel_count - sum(runs), 0)]}
)


SIZES = st.sampled_from([NATIVE, Size(5, 4), Size(24, 18), Size(7, 30), Size(40, 3)])


@given(st.lists(st.tuples(POLYGONS | CODES | st.none(), SIZES), max_size=5))
def test_spans_are_the_pixels_of_the_mask_at_any_size(masks: list[tuple[Segmentation, Size]]) -> None:
    segmentations, sizes = [each for each, _ in masks], [size for _, size in masks]
    spans = mask_spans(segmentations, natives=[NATIVE] * len(masks), sizes=sizes)
    found = spans.laid_together(range(len(masks)), sizes)
    for mask, segmentation, size in zip(found, segmentations, sizes, strict=True):
        np.testing.assert_array_equal(mask.T, scaled_mask(segmentation, native=NATIVE, size=size))


@given(st.lists(POLYGONS | CODES, min_size=1, max_size=4))
def test_later_masks_lie_over_earlier_ones(segmentations: list[Segmentation]) -> None:
    count = len(segmentations)
    spans = mask_spans(segmentations, natives=[NATIVE] * count, sizes=[NATIVE] * count)
    (found,) = spans.painted(range(300, 300 + count), [0] * count, [NATIVE], np.uint16)
    expected = np.zeros(NATIVE, dtype=np.uint16)
    for value, segmentation in enumerate(segmentations, start=300):
        expected[native_mask(segmentation, NATIVE)] = value
    np.testing.assert_array_equal(found.T, expected)


def test_masks_of_images_of_many_sizes_are_those_of_each_alone() -> None:
    natives = [Size(12, 9), Size(9, 12), Size(30, 31)]
    polygon: Segmentation = [[1.0, 1.0, 8.0, 1.5, 7.0, 8.0]]
    spans = mask_spans([polygon] * 3, natives=natives, sizes=natives)
    for mask, native in zip(spans.laid_together(range(3), natives), natives, strict=True):
        np.testing.assert_array_equal(mask.T, native_mask(polygon, native))


def test_an_image_larger_than_any_is_refused() -> None:
    large = Size.square(1 << 20)
    with pytest.raises(DatasetError, match="too large for its masks"):
        mask_spans([None], natives=[large], sizes=[large])


@pytest.mark.parametrize(
    "code",
    [
        {"size": [9, 12], "counts": [0, 108]},
        {"size": [12, 9], "counts": [0, 109]},
        {"size": [12, 9], "counts": [-1, 109]},
        {"size": [12, 9], "counts": []},
        {"size": [12, 9], "counts": "P"},
        {},
    ],
)
def test_a_code_that_does_not_fit_covers_nothing(code: dict[str, Any]) -> None:
    spans = mask_spans([code], natives=[NATIVE], sizes=[NATIVE])
    assert spans.bounds.shape == (0, 2)
