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


@given(values=VALUES, endings=st.sets(st.text(max_size=3), max_size=3), length=st.integers(0, 12))
def test_none_that_ends_in_what_is_asked_for_is_left_out(values: list[str], endings: set[str], length: int) -> None:
    values += ["/".join([value, *endings]) for value in values]
    asked = {value[-length:] for value in values[::3]} | endings
    found = string_column(values).likely_to_end_in(asked)
    assert [value for value in values if value.endswith(tuple(asked))] == [
        value for value in found if value.endswith(tuple(asked))
    ]


def test_what_ends_otherwise_is_not_decoded() -> None:
    names = string_column(f"train/{number:012d}.jpg" for number in range(5000))
    assert names.likely_to_end_in({"000000000042.jpg", "notes.txt", "a longer name than any of these.jpg"}) == (
        "train/000000000042.jpg",
    )
    assert names.likely_to_end_in({"\udcff is no letter"}) == names.likely_to_end_in(set()) == ()
