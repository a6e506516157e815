"""Images of one file, and those that are said to be one, are in one group."""

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import image

from cocomine.mining.selection.file_groups import image_groups, joined_groups


def sets_of(groups: list[int]) -> set[frozenset[int]]:
    return {frozenset(place for place, each in enumerate(groups) if each == group) for group in groups}


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.lists(st.integers(0, n - 1))))))
def test_whoever_is_together_with_one_is_together_with_all_that_it_is_with(case: tuple[int, list[list[int]]]) -> None:
    count, together = case
    expected = [{place} for place in range(count)]
    for places in together:
        union = set[int]().union(*(expected[place] for place in places))
        for place in union:
            expected[place] = union
    assert sets_of(joined_groups(count, together).tolist()) == {frozenset(each) for each in expected}


def test_of_no_images_there_are_no_groups() -> None:
    assert joined_groups(0, []).tolist() == []


def test_images_of_the_same_file_name_are_together(make_dataset: MakeDataset) -> None:
    names = {1: "a.jpg", 2: "b.jpg", 3: "./a.jpg", 4: "sub/../b.jpg", 5: "A.jpg"}
    (split,) = make_dataset([image(key) | {"file_name": name} for key, name in names.items()], []).splits
    assert sets_of(image_groups(split, np.arange(5)).tolist()) == {frozenset(each) for each in ({0, 2}, {1, 3}, {4})}


@pytest.mark.parametrize("far", [99, -1])
def test_images_can_be_said_to_be_together_and_others_than_these_do_not_matter(
    make_dataset: MakeDataset, far: int
) -> None:
    (split,) = make_dataset([image(key) for key in (10, 20, 30, 40)], []).splits
    groups = image_groups(split, np.array([0, 2, 3]), [(10, 40, far), (far, 20)])
    assert sets_of(groups.tolist()) == {frozenset({0, 2}), frozenset({1})}
