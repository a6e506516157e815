"""The area that objects are painted by: pycocotools is the oracle where the written one cannot be right."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import rectangle

from cocomine.coco.mask_area import areas_px
from cocomine.coco.masks import Shape, native_mask
from cocomine.coco.paint_order import largest_first
from cocomine.coco.size import Size

NATIVE = Size(60, 80)
CODE = {"size": [60, 80], "counts": [600, 30, 30, 30, 4110]}


def shape(segmentation: Any, written: float, *, annotation_id: int = 1, is_crowd: bool = False) -> Shape:
    return Shape(
        annotation_id=annotation_id,
        category_id=1,
        category_index=0,
        is_crowd=is_crowd,
        area_px=written,
        box_xywh=(0, 0, 80, 60),
        segmentation=segmentation,
        has_mask=True,
    )


def area_px(one: Shape, native: Size) -> float:
    """Return the area of a shape, beside others that have nothing to do with it."""
    beside = [shape([rectangle(1, 1, 3, 3)], 0.0), shape(CODE, 120.0), shape(None, 3.0)]
    shapes = [*beside[:2], one, beside[2]]
    return areas_px(shapes, [NATIVE, NATIVE, native, NATIVE])[2]


@pytest.mark.parametrize(
    "segmentation",
    [
        [rectangle(10, 10, 30, 20)],
        [rectangle(10, 10, 30, 20)] * 3,
        [rectangle(-500, 10, 530, 20)],
        [rectangle(10, 10, 30, 20), rectangle(20, 20, 30, 20)],
        [[5, 5, 70, 50, 70, 5, 5, 50]],
        CODE,
    ],
    ids=["one part", "three times the same", "beyond the border", "overlapping parts", "bow tie", "run-length code"],
)
@pytest.mark.parametrize("written", [math.nan, 0.0, -1.0, 0.5, 1e7])
def test_an_area_that_cannot_be_right_is_that_of_the_mask(segmentation: Any, written: float) -> None:
    assert area_px(shape(segmentation, written), NATIVE) == native_mask(segmentation, NATIVE).sum()


@given(st.floats(301, 1199))
def test_an_area_that_can_be_right_is_as_written(written: float) -> None:
    assert area_px(shape([rectangle(10, 10, 30, 20)], written), NATIVE) == written


def test_without_a_mask_the_area_is_as_written_or_infinite() -> None:
    assert area_px(shape(None, 12.0), NATIVE) == 12.0
    assert area_px(shape([[1, 1, 2, 2]], 12.0), NATIVE) == 12.0
    assert area_px(shape(None, math.nan), NATIVE) == math.inf


def test_an_image_larger_than_any_is_no_reason_to_stop() -> None:
    assert area_px(shape([rectangle(0, 0, 1000, 1000)], 0.0), Size.square(1 << 20)) == 1_000_000


def test_of_equal_areas_the_lower_id_comes_first() -> None:
    shapes = [shape([rectangle(0, 0, 4, 4)], 0, annotation_id=each) for each in (3, 1, 2)]
    assert [each.annotation_id for each in largest_first(shapes, NATIVE)] == [1, 2, 3]
