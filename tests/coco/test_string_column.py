"""Texts in two arrays are the sequence of texts that they were made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.string_column import StringColumn, string_column

VALUES = st.lists(st.text(max_size=6), max_size=8)


@given(values=VALUES)
def test_they_are_what_they_were_made_of(values: list[str]) -> None:
    assert list(string_column(values)) == values


@given(values=VALUES, data=st.data())
def test_each_is_found_by_its_place_from_either_end(values: list[str], data: st.DataObject) -> None:
    found = string_column([*values, "last"])
    place = data.draw(st.integers(-len(found), len(found) - 1))
    assert found[place] == [*values, "last"][place]


@given(
    values=VALUES, start=st.integers(-9, 9), stop=st.none() | st.integers(-9, 9), step=st.sampled_from([1, 2, -1, -3])
)
def test_a_slice_is_the_slice_of_the_list(values: list[str], start: int, stop: int | None, step: int) -> None:
    assert string_column(values)[start:stop:step] == tuple(values[start:stop:step])


@given(values=VALUES, other=st.text(max_size=6))
def test_they_are_a_sequence_like_any_other(values: list[str], other: str) -> None:
    found = string_column(values)
    assert len(found) == len(values)
    assert (other in found) == (other in values)
    assert list(reversed(found)) == values[::-1]


@pytest.mark.parametrize("place", [3, -4, 100])
def test_beyond_the_end_there_is_none(place: int) -> None:
    with pytest.raises(IndexError):
        string_column(["a", "", "ü"])[place]


@given(values=VALUES)
def test_their_arrays_make_them_again(values: list[str]) -> None:
    found = string_column(values)
    assert list(StringColumn(found.utf8, found.ends)) == values
    assert found.utf8.nbytes == len("".join(values).encode())


def test_they_are_taken_from_an_iterator_once() -> None:
    assert list(string_column(str(number) for number in range(3))) == ["0", "1", "2"]


PARTS = st.text("ab.ü", max_size=10)


@given(
    paths=st.lists(st.lists(PARTS, min_size=1, max_size=3), max_size=6), slash=st.sampled_from("/\\"), data=st.data()
)
def test_no_path_to_a_name_is_left_out(paths: list[list[str]], slash: str, data: st.DataObject) -> None:
    values = [slash.join(parts) for parts in paths]
    names = data.draw(st.sets(PARTS | st.sampled_from([parts[-1] for parts in paths] or [""]), max_size=4))
    expected = [value for value, parts in zip(values, paths, strict=True) if parts[-1] in names]
    found = string_column(values).paths_to(names)
    assert [value for value in found if value in expected] == expected
    assert set(found) <= set(values)


def test_what_ends_otherwise_is_not_decoded() -> None:
    names = string_column([f"train/{number:012d}.jpg" for number in range(5000)] + ["train/g", "g"])
    assert names.paths_to({"000000000042.jpg", "notes.txt", "a longer name than any of these.jpg", "g", ".jpg"}) == (
        "train/000000000042.jpg",
        "train/g",
        "g",
    )
    assert names.paths_to({"\udcff is no letter"}) == names.paths_to(set()) == ()
