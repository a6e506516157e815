"""The runs of a map say what its pixels say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from cocomine.labels.map_runs import MapRuns, map_runs

FEW = st.sampled_from([0, 1, 2, 255])
MAPS = arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=FEW)


def pixels_of(runs: MapRuns) -> NDArray[np.uint8]:
    rows = np.repeat(runs.values, runs.lengths).reshape(runs.size.height, runs.size.width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


@given(labels=MAPS)
def test_the_runs_of_a_map_are_its_rows_with_a_zero_before_each(labels: NDArray[np.uint8]) -> None:
    runs = map_runs(labels)
    np.testing.assert_array_equal(pixels_of(runs), labels)
    assert (runs.values[1:] != runs.values[:-1]).all()


@given(labels=MAPS)
def test_a_map_shows_the_values_of_its_pixels_but_for_0(labels: NDArray[np.uint8]) -> None:
    assert map_runs(labels).shown == {*labels.ravel().tolist()} - {0}


@given(labels=MAPS)
def test_a_map_with_other_values_has_those_runs_that_their_pixels_have(labels: NDArray[np.uint8]) -> None:
    values = np.zeros(256, dtype=np.uint8)
    values[[1, 2, 255]] = 7, 7, 0
    replaced, expected = map_runs(labels).replaced(values), map_runs(values[labels])
    assert replaced.starts.tolist() == expected.starts.tolist()
    assert replaced.values.tolist() == expected.values.tolist()
