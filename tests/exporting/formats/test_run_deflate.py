"""What is compressed by runs is what zlib inflates."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.exporting.formats.run_deflate import ADLER_BASE, CODE_BITS, adler32_of_runs, zlib_of_runs

LENGTHS = st.integers(1, 9) | st.integers(1, 1_000) | st.sampled_from([258, 259, 260, 261, 262, 516, 70_000])
RUNS = st.lists(st.tuples(st.integers(0, 255), LENGTHS), min_size=1, max_size=20)


@given(RUNS)
def test_any_runs_are_inflated_to_themselves(runs: list[tuple[int, int]]) -> None:
    values, lengths = np.array(runs).T
    data = zlib_of_runs(values.astype(np.uint8), lengths)
    assert zlib.decompress(data) == np.repeat(values, lengths).astype(np.uint8).tobytes()


@pytest.mark.parametrize("value", [0, 15, 16, 62, 63, 255])
def test_a_run_of_any_length_is_inflated_to_itself(value: int) -> None:
    for length in range(1, 1_100):
        data = zlib_of_runs(np.array([value, 1], dtype=np.uint8), np.array([length, 1]))
        assert zlib.decompress(data) == bytes([value]) * length + b"\x01"


@given(RUNS)
def test_the_check_sum_is_that_of_the_bytes(runs: list[tuple[int, int]]) -> None:
    values, lengths = np.array(runs).T
    every = np.repeat(values, lengths).astype(np.uint8)
    assert adler32_of_runs(values.astype(np.uint8), lengths) == zlib.adler32(every.tobytes())


def test_the_check_sum_of_a_map_of_gigabytes_does_not_overflow() -> None:
    values, lengths = np.array([255, 7], dtype=np.uint8), np.array([1 << 30, 1 << 30])
    of_bytes = 262 << 30
    every = range(1, (2 << 30) + 1)  # a byte counts as often as bytes are left, itself with them
    first, last = (sum_of(each) for each in (every[1 << 30 :], every[: 1 << 30]))
    counted = (2 << 30) + 255 * first + 7 * last
    assert adler32_of_runs(values, lengths) == counted % ADLER_BASE << 16 | (1 + of_bytes) % ADLER_BASE


def sum_of(numbers: range) -> int:
    return (numbers[0] + numbers[-1]) * len(numbers) // 2


def test_no_bits_are_left_without_a_meaning() -> None:
    """An inflater may refuse a table that is not complete."""
    assert sum(2.0**-bits for bits in CODE_BITS) == 1
