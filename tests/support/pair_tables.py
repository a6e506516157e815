"""Tables of pairs for tests: of two categories by hand, and of any by Hypothesis."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cocomine.coco.arrays import Bools
from cocomine.mining.interference.co_occurrence import PairTable, pair_table

PRESENCE = arrays.arrays(bool, st.tuples(st.integers(0, 12), st.integers(1, 5)))


@st.composite
def looked_for(draw: st.DrawFn) -> tuple[Bools, Bools]:
    """Which image has which category, and in which it was looked for."""
    matrix = draw(PRESENCE)
    return matrix, matrix | draw(arrays.arrays(bool, matrix.shape))


def table_of(matrix: Bools, examined: Bools | None = None) -> PairTable:
    return pair_table(matrix, tuple(f"c{index}" for index in range(matrix.shape[1])), examined=examined)


def two_categories(both: int, first_only: int, second_only: int, neither: int) -> PairTable:
    rows = [[1, 1]] * both + [[1, 0]] * first_only + [[0, 1]] * second_only + [[0, 0]] * neither
    return pair_table(np.array(rows, dtype=bool), ("cup", "table"))


def two_looked_for(images: Sequence[str]) -> PairTable:
    """Each image in two signs: `+` there, `-` looked for and not there, `?` not looked for."""
    signs = np.array([list(image) for image in images])
    return pair_table(signs == "+", ("cup", "table"), examined=signs != "?")
