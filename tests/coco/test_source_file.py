"""The bytes of any records, in any order, are those of the file; a file that changed gives none."""

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco import source_file as source_module
from cocomine.coco.source_file import LARGEST_GAP, LONGEST_READ, SourceFile
from cocomine.errors import DatasetError
from cocomine.system.files import stamp_of

DATA = bytes(range(256)) * ((3 * LONGEST_READ) // 256)
PLACES = st.sampled_from([0, 100, LARGEST_GAP, LONGEST_READ, 2 * LONGEST_READ, len(DATA)])
NEAR = st.builds(lambda place, more: min(max(place + more, 0), len(DATA)), PLACES, st.integers(-300, 300))
SPANS = st.tuples(NEAR, NEAR).map(sorted)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> SourceFile:
    return source_of(tmp_path_factory.mktemp("source") / "large.bin", DATA)


@pytest.fixture
def small(tmp_path: Path) -> SourceFile:
    return source_of(tmp_path / "small.bin", b"0123456789")


def source_of(path: Path, data: bytes) -> SourceFile:
    path.write_bytes(data)
    return SourceFile(path=path, stamp=stamp_of(path.stat()), sha256="")


def read(source: SourceFile, spans: Sequence[Sequence[int]]) -> list[bytes]:
    return list(source.records(np.array(spans, dtype=np.int64).reshape(-1, 2)))


@given(spans=st.lists(SPANS, max_size=12))
def test_records_are_read_in_any_order_overlapping_and_far_apart(large: SourceFile, spans: list[list[int]]) -> None:
    assert read(large, spans) == [DATA[start:stop] for start, stop in spans]


@given(lengths=st.lists(st.integers(0, 400), max_size=60), gap=st.integers(0, 5))
def test_neighbours_are_read_as_if_each_alone(large: SourceFile, lengths: list[int], gap: int) -> None:
    stops = np.cumsum([length + gap for length in lengths], dtype=np.int64)
    spans = [[int(stop) - length, int(stop)] for stop, length in zip(stops, lengths, strict=True)]
    assert read(large, spans) == [DATA[start:stop] for start, stop in spans]


def test_neighbours_are_read_together() -> None:
    spans = np.array([[index * 100, index * 100 + 50] for index in range(1000)])
    assert source_module._run_borders(spans) == [0, 1000]


def test_what_is_read_at_once_is_bounded() -> None:
    spans = np.array([[index * 100, index * 100 + 100] for index in range(3 * LONGEST_READ // 100)])
    borders = source_module._run_borders(spans)
    longest = max(int(spans[stop - 1, 1] - spans[start, 0]) for start, stop in pairwise(borders))
    assert longest <= LONGEST_READ + 100


def test_no_records_are_none(small: SourceFile) -> None:
    assert read(small, []) == []


def test_one_record_is_given_by_its_range(small: SourceFile) -> None:
    assert small.record((3, 6)) == b"345"


@pytest.mark.parametrize("data", [b"012345678", b"0123456789x", b""])
def test_a_file_of_another_length_is_told(small: SourceFile, data: bytes) -> None:
    small.path.write_bytes(data)
    with pytest.raises(DatasetError, match=r"small.bin: the file changed since .* Open the dataset again"):
        small.record((3, 6))


def test_a_file_of_another_time_is_told(small: SourceFile) -> None:
    os.utime(small.path, ns=(1, 1))
    with pytest.raises(DatasetError, match="changed"):
        small.record((3, 6))


def test_a_file_that_is_cut_while_it_is_read_is_told(tmp_path: Path) -> None:
    source = source_of(tmp_path / "cut.bin", b"0123456789" * 10_000)
    records = source.records(np.array([[0, 10], [90_000, 90_010]]))
    assert next(records) == b"0123456789"
    os.truncate(source.path, 90_005)
    with pytest.raises(DatasetError, match=r"cut.bin: the file changed"):
        next(records)


def test_a_file_that_is_gone_is_told(small: SourceFile) -> None:
    small.path.unlink()
    with pytest.raises(DatasetError, match=r"small.bin: the file cannot be read any more \(No such file"):
        small.record((3, 6))


def test_a_range_beyond_the_end_is_told(small: SourceFile) -> None:
    with pytest.raises(DatasetError, match="changed"):
        small.record((8, 12))
