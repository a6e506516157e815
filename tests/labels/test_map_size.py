"""How large label maps are, and how much of them there is."""

import numpy as np
import pytest

from cocomine.coco.size import Size
from cocomine.labels.map_size import map_areas_px, map_size
from cocomine.mining.selection.recipe import MaskShape

NATIVE_SIZES = (Size(40, 80), Size(80, 40), Size(64, 64), Size(10, 5))


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [
        (MaskShape.SQUARE, [(20, 20)] * 4),
        (MaskShape.LONGEST, [(10, 20), (20, 10), (20, 20), (20, 10)]),
        (MaskShape.NATIVE, [*NATIVE_SIZES]),
    ],
)
def test_areas_are_those_of_the_sizes(shape: MaskShape, sizes: list[tuple[int, int]]) -> None:
    assert [map_size(native, shape, size_px=20) for native in NATIVE_SIZES] == sizes
    heights, widths = np.array(NATIVE_SIZES).T
    areas = map_areas_px(widths, heights, shape, size_px=20)
    assert areas.tolist() == pytest.approx([height * width for height, width in sizes])


@pytest.mark.parametrize(("native", "size"), [((1, 1), (20, 20)), ((1, 200), (1, 20)), ((200, 1), (20, 1))])
def test_a_map_has_a_pixel_however_thin_its_image_is(native: tuple[int, int], size: tuple[int, int]) -> None:
    assert map_size(Size(*native), MaskShape.LONGEST, size_px=20) == size


def test_an_image_of_one_pixel_and_one_of_none_have_their_areas() -> None:
    sides = np.array([1, 0])
    assert map_areas_px(sides, sides, MaskShape.LONGEST, size_px=20).tolist() == [400, 0]
