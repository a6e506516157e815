"""Who is in the images of a class, and what is left without them: by hand and by law."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_tables import PRESENCE, looked_for, table_of, two_categories, two_looked_for

from cocomine.charts.companions import MOST_BARS, images_left_figure
from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import Dataset
from cocomine.mining.interference.co_occurrence import PairTable, pair_table
from cocomine.mining.interference.companions import (
    association_sentence,
    avoided_sentence,
    companion_rows,
    companion_sentence,
    companions,
    images_left,
    strongest_association,
)
from cocomine.mining.statistics.categories import presence

CAT, DOG, CUP = range(3)
"""Positions of the classes of the four images."""


def table_of_images(*rows: str, examined: tuple[str, ...] | None = None) -> PairTable:
    """Return the pairs of images, each the letters of its classes; of "abc" unless told otherwise."""
    letters = "abc"

    def marks(images: tuple[str, ...]) -> Bools:
        return np.array([[letter in image for letter in letters] for image in images])

    return pair_table(marks(rows), tuple(letters), examined=None if examined is None else marks(examined))


def test_the_companions_of_cats_by_hand(four_images: Dataset) -> None:
    table = pair_table(presence(four_images), four_images.category_names)
    dog, cup = companions(table, CAT)
    assert (dog.name, dog.index, dog.both_count, dog.image_count, dog.left_count) == ("dog", DOG, 1, 2, 1)
    assert (dog.share, dog.share_left) == (0.5, 0.5)
    assert dog.lift == 2  # 2 of 4 images have a cat, 1 a dog: chance brings half an image
    assert (cup.name, cup.lift) == ("cup", 1)


def test_a_class_is_not_lost_with_one_that_it_seldom_meets(four_images: Dataset) -> None:
    table = pair_table(presence(four_images), four_images.category_names)
    assert [(each.name, each.share_left) for each in companions(table, CUP)] == [("cat", 0.5)]
    assert [(each.name, each.share_left) for each in companions(table, DOG)] == [("cat", 0)]


def test_those_in_most_images_come_first() -> None:
    table = table_of_images("abc", "ac", "ac", "a")
    assert [(each.name, each.both_count, each.left_count) for each in companions(table, 0)] == [
        ("c", 3, 1),
        ("b", 1, 3),
    ]


def test_a_companion_is_told_in_one_sentence() -> None:
    table = table_of_images("ab", "ab", "ab", "a")
    assert companion_sentence(companions(table, 0)[0]) == (
        "b is in 75 % of its images; excluding b leaves 1 of 4 images."
    )


def test_federated_shares_are_of_the_images_where_the_companion_was_looked_for() -> None:
    table = table_of_images("ab", "ab", "a", "a", "a", examined=("ab", "ab", "ab", "a", "a"))
    (beside,) = companions(table, 0)
    assert (beside.both_count, beside.examined_count, beside.left_count, beside.unexamined_count) == (2, 3, 1, 2)
    assert beside.share == pytest.approx(2 / 3)
    assert companion_sentence(beside) == (
        "b is in 2 of 3 images where it was annotated too (67 %); excluding b leaves 1 of them, and 2 more where "
        "it was not annotated."
    )


def test_a_federated_companion_found_wherever_it_was_looked_for_leaves_none_of_these() -> None:
    (beside,) = companions(table_of_images("ab", "a", examined=("ab", "a")), 0)
    assert "is in 1 of 1 image where it was annotated too (100 %); excluding b leaves 0 of them" in (
        companion_sentence(beside)
    )


def test_a_class_that_never_occurs_has_no_companions() -> None:
    assert companions(table_of_images("a", "ab"), 2) == []
    assert avoided_sentence(table_of_images("a", "ab"), 2) is None


def test_the_one_furthest_beyond_chance_is_named_if_luck_does_not_explain_it() -> None:
    table = table_of_images(*["ab"] * 20, *["ac"] * 30, *["c"] * 50)
    found = strongest_association(companions(table, 0))
    assert found is not None
    assert found.name == "b"
    assert association_sentence(found) == "Strongest association: b, lift 2.0 (95 % CI 1.6–2.4)."
    assert strongest_association(companions(table_of_images("ab", "a", "b", ""), 0)) is None
    assert strongest_association([]) is None


def test_one_that_never_meets_it_is_named_if_luck_does_not_explain_it() -> None:
    assert avoided_sentence(table_of_images(*["a"] * 50, *["b"] * 50), 0) == (
        "b and a never appear together (25 images expected by chance)."
    )
    assert avoided_sentence(table_of_images("a", "b"), 0) is None


@given(matrix=PRESENCE)
def test_companions_are_those_that_share_an_image_the_most_frequent_first(matrix: Bools) -> None:
    table = table_of(matrix)
    for index in range(matrix.shape[1]):
        beside = companions(table, index)
        meets = np.asarray((matrix[:, [index]] & matrix).any(axis=0))
        meets[index] = False
        assert {each.index for each in beside} == set(np.flatnonzero(meets).tolist())
        counts = [each.both_count for each in beside]
        assert counts == sorted(counts, reverse=True)


@given(matrix=PRESENCE)
def test_what_is_left_is_what_a_look_at_the_images_finds(matrix: Bools) -> None:
    for index in range(matrix.shape[1]):
        for each in companions(table_of(matrix), index):
            left = [row for row in matrix if row[index] and not row[each.index]]
            assert each.left_count == len(left) == images_left(matrix, index, [each.index])
            assert each.share + each.share_left == pytest.approx(1)
            assert each.both_count + each.left_count == each.image_count
            assert not each.unexamined_count


@given(data=looked_for())
def test_federated_numbers_add_up_to_all_images_of_the_class(data: tuple[Bools, Bools]) -> None:
    matrix, checked = data
    table = table_of(matrix, checked)
    for index in range(matrix.shape[1]):
        for each in companions(table, index):
            assert each.both_count + each.left_count + each.unexamined_count == each.image_count
            assert each.unexamined_count == int((matrix[:, index] & ~checked[:, each.index]).sum())
            assert 0 < each.share <= 1


@given(matrix=PRESENCE, chosen=st.data())
def test_forbidding_more_never_leaves_more_images(matrix: Bools, chosen: st.DataObject) -> None:
    size = matrix.shape[1]
    index = chosen.draw(st.integers(0, size - 1))
    excluded = chosen.draw(st.lists(st.integers(0, size - 1).filter(lambda other: other != index), unique=True))
    assert images_left(matrix, index, []) == int(matrix[:, index].sum())
    for end in range(len(excluded)):
        assert images_left(matrix, index, excluded[: end + 1]) <= images_left(matrix, index, excluded[:end])


def test_the_bars_are_those_of_the_first_companions() -> None:
    names = tuple(f"class {number}" for number in range(MOST_BARS + 3))
    table = pair_table(np.ones((4, len(names)), dtype=bool), names)
    figure = images_left_figure(companions(table, 0), theme="light")
    left, lost, numbers = figure.data
    assert len(left.x) == len(lost.x) == MOST_BARS
    assert list(figure.layout.yaxis.ticktext) == list(names[1 : MOST_BARS + 1])
    assert set(numbers.text) == {"none"}


def test_bars_tell_what_is_left_and_take_no_name_for_html() -> None:
    table = pair_table(np.array([[True, True], [True, False]]), ("a", "<b>bold</b>" + "x" * 40))
    left, lost, numbers = images_left_figure(companions(table, 0), theme="dark").data
    assert (left.x, lost.x, numbers.text) == ((0.5,), (0.5,), ("50 % · 1",))
    assert left.customdata[0].startswith("Without &lt;b&gt;bold&lt;/b&gt;…xxx")
    assert left.customdata[0].endswith("xxx: 1 of 2 images left (50 %)")


def test_the_rows_of_a_table_have_the_numbers_rounded_to_what_it_shows() -> None:
    # a cup is in 3 of 9 images, a table in 2, both in 1: ln(lift) varies by (9 - 3 - 9/2 + 2 * 3/2 - 1) / 9
    (row,) = companion_rows(companions(two_categories(1, 2, 1, 5), 0))
    assert row == {
        "class": "table",
        "images with both": 1,
        "% of its images": 33.33,
        "images left": 2,
        "% left": 66.67,
        "lift": 1.5,
        "95 % CI from": 0.44,
        "to": 5.09,
    }
    (companion,) = companions(two_categories(1, 2, 1, 5), 0)
    (row,) = companion_rows([replace(companion, lift=1.23456)])
    assert row["lift"] == 1.23


def test_a_federated_row_has_the_images_where_the_companion_was_looked_for() -> None:
    (row,) = companion_rows(companions(two_looked_for(["++", "+-", "+-", "+?"]), 0))
    assert list(row)[:7] == [
        "class",
        "images with both",
        "of images",
        "% of its images",
        "images left",
        "% left",
        "not annotated",
    ]
    assert (row["of images"], row["not annotated"], row["% of its images"]) == (3, 1, 33.33)
