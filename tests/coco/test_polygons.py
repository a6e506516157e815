"""The polygons of many annotations at once."""

import numpy as np
import pytest

from cocomine.coco.masks import LARGEST_COORDINATE_PX, LARGEST_OUTLINE_PX, Segmentation
from cocomine.coco.polygons import drawn_polygons

SQUARE = [0.0, 0.0, 4.0, 0.0, 4.0, 4.0, 0.0, 4.0]


@pytest.mark.parametrize("far", [1e308, -1e308, 2.0 * LARGEST_COORDINATE_PX])
@pytest.mark.parametrize("scale", [None, 100.0])
def test_a_polygon_with_a_corner_absurdly_far_is_left_out_and_those_beside_it_stay(
    far: float, scale: float | None
) -> None:
    odd = [0.0, 0.0, far, 0.0, far, 1.0]
    segmentations: list[Segmentation] = [[SQUARE], [odd, SQUARE], [odd]]
    scales = None if scale is None else np.full((3, 2), scale)
    found = drawn_polygons(segmentations, scales_xy=scales)
    assert found.owners.tolist() == [0, 1]
    assert found.enclosed_px().tolist() == [16 * (scale or 1) ** 2] * 2


def test_where_all_are_absurd_none_is_left() -> None:
    found = drawn_polygons([[[0.0, 0.0, 1e308, 0.0, 1e308, 1.0]]])
    assert (len(found.owners), len(found.parts())) == (0, 0)


def test_an_outline_that_is_too_long_is_left_out_though_each_corner_is_near() -> None:
    width = float(LARGEST_COORDINATE_PX)
    zigzag = [0.0, 0.0, width, 1.0] * (int(LARGEST_OUTLINE_PX / width) + 1)
    assert drawn_polygons([[zigzag], [SQUARE]]).owners.tolist() == [1]
