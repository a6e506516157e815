"""The spans of a mask are the pixels that it has where it is drawn."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cocomine.coco.mask_spans import mask_spans
from cocomine.coco.masks import Segmentation, native_mask
from cocomine.coco.size import Size

NATIVE = Size(12, 9)
COORDINATES = st.integers(-5, 20) | st.floats(-5, 20)
POLYGONS = st.lists(st.lists(COORDINATES, min_size=2, max_size=12), max_size=3)
CODES = st.lists(st.integers(0, 60), max_size=5).map(
    lambda runs: {"size": [*NATIVE], "counts": [*runs, max(NATIVE.pixel_count - sum(runs), 0)]}
)


def drawn(spans: NDArray[np.int64]) -> NDArray[np.bool_]:
    mask = np.zeros(NATIVE.pixel_count, dtype=bool)
    for start, stop in spans.tolist():
        assert not mask[start:].any()
        mask[start:stop] = True
    return mask.reshape(NATIVE.xy).T


@given(st.lists(POLYGONS | CODES | st.none(), max_size=4))
def test_spans_are_the_pixels_of_the_mask(segmentations: list[Segmentation]) -> None:
    found = mask_spans(segmentations, NATIVE)
    assert len(found) == len(segmentations)
    for spans, segmentation in zip(found, segmentations, strict=True):
        np.testing.assert_array_equal(drawn(spans), native_mask(segmentation, NATIVE))


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
    (spans,) = mask_spans([code], NATIVE)
    assert spans.shape == (0, 2)
