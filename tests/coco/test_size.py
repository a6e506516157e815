"""A size has the height first, and turns around for those who want the width first."""

import numpy as np
import pytest

from cocomine.coco.size import Size


def test_a_size_is_the_shape_of_an_array() -> None:
    assert np.zeros(Size(3, 5)).shape == Size(height=3, width=5)


def test_the_width_comes_first_for_those_who_want_it_so() -> None:
    assert Size(3, 5).xy == (5, 3)
    assert Size.of_xy((5, 3)) == Size(height=3, width=5)


@pytest.mark.parametrize(
    ("longest_px", "expected"),
    [(None, (300, 400)), (400, (300, 400)), (900, (300, 400)), (200, (150, 200)), (1, (1, 1))],
)
def test_a_reduced_size_keeps_its_proportions_and_never_grows(
    longest_px: int | None, expected: tuple[int, int]
) -> None:
    assert Size(300, 400).reduced(longest_px) == expected


def test_a_size_beyond_what_memory_holds_is_not_drawn() -> None:
    assert Size(1 << 15, 1 << 15).is_drawable
    assert not Size(1 << 15, (1 << 15) + 1).is_drawable
