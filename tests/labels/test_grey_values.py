"""Algorithm 2 by look-up table, against a plain loop over the pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from cocomine.errors import ExportError
from cocomine.labels.grey_values import relabel

SHAPES = st.tuples(st.integers(0, 6), st.integers(0, 6))


@st.composite
def masks(draw: st.DrawFn) -> tuple[NDArray[np.uint8], list[int]]:
    values = draw(st.lists(st.integers(0, 254), unique=True, min_size=1, max_size=8))
    return draw(arrays.arrays(np.uint8, SHAPES, elements=st.sampled_from([*values, 255]))), values


@given(case=masks())
def test_a_table_gives_what_a_loop_over_the_pixels_gives(case: tuple[NDArray[np.uint8], list[int]]) -> None:
    grey, values = case
    expected = [[255 if pixel == 255 else values.index(pixel) for pixel in row] for row in grey.tolist()]
    found = relabel(grey, values)
    assert found.tolist() == expected
    assert found.shape == grey.shape
    assert found.dtype == np.uint8


@given(case=masks())
def test_the_mask_given_is_not_changed(case: tuple[NDArray[np.uint8], list[int]]) -> None:
    grey, values = case
    before = grey.copy()
    relabel(grey, values)
    np.testing.assert_array_equal(grey, before)


def test_values_in_any_order_are_right_where_the_paper_s_loop_is_not() -> None:
    assert relabel(np.array([3, 1, 0, 2], dtype=np.uint8), [3, 1, 0, 2]).tolist() == [0, 1, 2, 3]


def test_255_becomes_a_class_only_if_it_is_named() -> None:
    grey = np.array([0, 255], dtype=np.uint8)
    assert relabel(grey, [0]).tolist() == [0, 255]
    assert relabel(grey, [0, 255]).tolist() == [0, 1]


def test_a_value_named_twice_is_an_error() -> None:
    with pytest.raises(ExportError, match=r"\[1, 1\] name one twice. Name each once"):
        relabel(np.zeros(1, dtype=np.uint8), [1, 1])


def test_a_value_in_the_mask_that_is_not_named_is_an_error() -> None:
    with pytest.raises(ExportError, match=r"grey values \[7, 9\], which are not among \[0, 1\]. Add them"):
        relabel(np.array([0, 9, 7, 1], dtype=np.uint8), [0, 1])


@pytest.mark.parametrize("value", [-1, 256])
def test_a_number_that_is_no_grey_value_is_an_error(value: int) -> None:
    with pytest.raises(ExportError, match=f"{value} is no grey value of a mask. Name values from 0 to 255"):
        relabel(np.zeros(1, dtype=np.uint8), [0, value])


def test_of_several_numbers_that_are_no_grey_values_the_first_is_named() -> None:
    with pytest.raises(ExportError, match=r"^300 is no grey value"):
        relabel(np.zeros(1, dtype=np.uint8), [300, 0, -1])
