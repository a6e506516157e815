"""Pairs against chance: by hand, by law and against a loop over pycocotools."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools.coco import COCO

from cocomine.coco.dataset import Bools, Dataset
from cocomine.coco.opening import open_dataset
from cocomine.mining.interference import (
    PairTable,
    co_occurrence,
    pair_table,
)
from cocomine.mining.pair_order import (
    by_strength,
    by_supercategory,
    most_frequent,
    strongest_pairs,
)
from cocomine.mining.pair_words import pair_sentence
from cocomine.mining.statistics import presence

PRESENCE = arrays.arrays(bool, st.tuples(st.integers(0, 12), st.integers(1, 5)))


def table_of(matrix: Bools) -> PairTable:
    return pair_table(matrix, tuple(f"c{index}" for index in range(matrix.shape[1])))


def two_categories(both: int, first_only: int, second_only: int, neither: int) -> PairTable:
    rows = [[1, 1]] * both + [[1, 0]] * first_only + [[0, 1]] * second_only + [[0, 0]] * neither
    return pair_table(np.array(rows, dtype=bool), ("cup", "table"))


@given(matrix=PRESENCE)
def test_co_occurrence_is_symmetric_with_image_counts_on_its_diagonal(matrix: Bools) -> None:
    counts = co_occurrence(matrix)
    np.testing.assert_array_equal(counts, counts.T)
    np.testing.assert_array_equal(counts.diagonal(), matrix.sum(axis=0))


@given(matrix=PRESENCE)
def test_co_occurrence_is_what_a_loop_over_images_counts(matrix: Bools) -> None:
    size = matrix.shape[1]
    expected = [[sum(bool(row[i] and row[j]) for row in matrix) for j in range(size)] for i in range(size)]
    np.testing.assert_array_equal(co_occurrence(matrix), expected)


@given(matrix=PRESENCE)
def test_no_pair_meets_more_often_than_its_rarer_category_occurs(matrix: Bools) -> None:
    counts = co_occurrence(matrix)
    single = counts.diagonal()
    assert (counts <= np.minimum(single[:, None], single[None, :])).all()


@given(matrix=PRESENCE)
def test_lift_lies_in_its_interval_and_is_unknown_only_where_a_category_never_occurs(matrix: Bools) -> None:
    table = table_of(matrix)
    never = np.logical_not(matrix.any(axis=0, keepdims=True))[0]
    unknown = never[:, None] | never[None, :]
    for values in (table.lift, table.lift_low, table.lift_high, table.cautious_lift):
        np.testing.assert_array_equal(np.isnan(values), unknown)
        np.testing.assert_array_equal(values, values.T)
    known = ~unknown
    assert (table.lift_low[known] <= table.lift[known] * (1 + 1e-12)).all()
    assert (table.lift[known] <= table.lift_high[known] * (1 + 1e-12)).all()


@given(matrix=PRESENCE)
def test_cautious_lift_lies_between_chance_and_lift(matrix: Bools) -> None:
    table = table_of(matrix)
    known = ~np.isnan(table.lift)
    lift, cautious = table.lift[known], table.cautious_lift[known]
    assert (np.minimum(lift, 1) <= cautious * (1 + 1e-12)).all()
    assert (cautious <= np.maximum(lift, 1) * (1 + 1e-12)).all()


@given(matrix=PRESENCE, seed=st.integers(0, 9))
def test_the_order_of_images_does_not_matter(matrix: Bools, seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(matrix)
    np.testing.assert_array_equal(table_of(shuffled).lift_high, table_of(matrix).lift_high)


def test_lift_by_hand() -> None:
    table = two_categories(20, 30, 20, 30)  # 50 and 40 of 100 images, 20 expected by chance
    assert table.counts.tolist() == [[50, 20], [20, 40]]
    assert table.expected[0, 1] == 20
    assert table.lift[0, 1] == 1


def test_the_interval_of_lift_by_hand() -> None:
    table = two_categories(30, 20, 10, 40)  # 50 and 40 of 100 images
    # By hand, over the four cells of the table: sum of p g^2 less the square of the sum of p g, over N,
    # with g the derivative of ln p - ln p_i - ln p_j by the cell.
    cells = {0.3: 1 / 0.3 - 1 / 0.5 - 1 / 0.4, 0.2: -1 / 0.5, 0.1: -1 / 0.4}
    variance = (sum(p * g * g for p, g in cells.items()) - sum(p * g for p, g in cells.items()) ** 2) / 100
    spread = math.exp(1.959963984540054 * math.sqrt(variance))
    assert table.lift[0, 1] == pytest.approx(1.5)
    assert table.lift_low[0, 1] == pytest.approx(1.5 / spread)
    assert table.lift_high[0, 1] == pytest.approx(1.5 * spread)


def test_the_interval_covers_independent_categories_95_times_in_100() -> None:
    rng = np.random.default_rng(7)
    matrices = rng.random((2000, 400, 2)) < [0.3, 0.2]
    tables = [table_of(matrix) for matrix in matrices]
    covered = np.mean([table.lift_low[0, 1] <= 1 <= table.lift_high[0, 1] for table in tables])
    assert 0.935 < covered < 0.965


def test_a_pair_never_seen_has_the_exact_poisson_bound() -> None:
    table = two_categories(0, 50, 40, 10)
    assert (table.lift[0, 1], table.lift_low[0, 1]) == (0, 0)
    assert math.exp(-table.lift_high[0, 1] * table.expected[0, 1]) == pytest.approx(0.025)


def test_a_rare_pair_does_not_shout() -> None:
    table = two_categories(1, 1, 1, 97)  # lift 25 from a single image
    assert table.lift[0, 1] == 25
    assert table.cautious_lift[0, 1] < 10


def test_categories_in_every_image_are_as_chance_would_have_it() -> None:
    table = two_categories(10, 0, 0, 0)
    assert table.cautious_lift.tolist() == [[1, 1], [1, 1]]


def test_no_image_gives_no_lift() -> None:
    table = table_of(np.zeros((0, 2), dtype=bool))
    assert table.counts.tolist() == [[0, 0], [0, 0]]
    assert np.isnan(table.lift).all()


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ((30, 20, 10, 40), "cup and table: 30 images, 20 expected by chance, 1.5× more"),
        ((5, 45, 35, 15), "cup and table: 5 images, 20 expected by chance, 4.0× fewer"),
        ((20, 30, 20, 30), "cup and table: 20 images, 20 expected by chance, as many as by chance"),
        ((0, 3, 3, 94), "cup and table: 0 images, 0.1 expected by chance, never together"),
        ((4000, 0, 0, 12000), "cup and table: 4,000 images, 1,000 expected by chance, 4.0× more"),
    ],
)
def test_a_pair_is_told_in_one_sentence(cells: tuple[int, int, int, int], sentence: str) -> None:
    assert pair_sentence(two_categories(*cells), 0, 1) == sentence


def test_a_category_alone_is_told_by_its_image_count() -> None:
    assert pair_sentence(two_categories(30, 20, 10, 40), 0, 0) == "cup: 50 of 100 images"


def test_supercategories_stay_together_in_the_order_they_appear() -> None:
    assert by_supercategory(["food", "animal", "food", "thing", "animal"]) == [0, 2, 1, 4, 3]


@given(matrix=PRESENCE)
def test_an_order_by_strength_names_each_category_once(matrix: Bools) -> None:
    assert sorted(by_strength(table_of(matrix))) == list(range(matrix.shape[1]))


def test_the_strongest_pair_comes_first() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.random((500, 4)) < 0.2
    matrix[:, 3] = matrix[:, 1]
    table = table_of(matrix)
    assert strongest_pairs(table)[0] == (1, 3)
    assert by_strength(table)[:2] == [1, 3]


def test_of_pairs_that_luck_may_explain_the_one_in_most_images_comes_first() -> None:
    matrix = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 1], [1, 0, 0]], dtype=bool)
    table = table_of(matrix)
    assert strongest_pairs(table) == [(0, 2), (1, 2), (0, 1)]
    assert (table.cautious_lift == 1).all()


def test_a_category_that_never_occurs_has_no_pair() -> None:
    matrix = np.array([[1, 1, 0], [1, 0, 0]], dtype=bool)
    assert strongest_pairs(table_of(matrix)) == [(0, 1)]


def test_the_four_images_by_hand(four_images: Dataset) -> None:
    table = pair_table(presence(four_images), four_images.category_names)
    assert table.counts.tolist() == [[2, 1, 1], [1, 1, 0], [1, 0, 2]]
    assert table.lift[0].tolist() == [2, 2, 1]


@pytest.mark.real
def test_real_pairs_agree_with_a_loop_over_pycocotools(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder, splits=["val2017"])
    peer = COCO(dataset.splits[0].source.path)
    ids = [category.category_id for category in dataset.categories]
    expected = [[len(peer.getImgIds(catIds=[first, second])) for second in ids] for first in ids]
    np.testing.assert_array_equal(co_occurrence(presence(dataset)), expected)


def test_the_most_frequent_categories_are_those_with_the_most_images() -> None:
    present = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 1], [0, 0, 0]], dtype=bool)
    table = pair_table(present, ("a", "b", "c"))
    assert most_frequent(table, 2) == {0, 2}
    assert most_frequent(table, 9) == {0, 1, 2}


# Federated data: only what was looked for counts


@st.composite
def looked_for(draw: st.DrawFn) -> tuple[Bools, Bools]:
    """Which image has which category, and in which it was looked for."""
    matrix = draw(PRESENCE)
    return matrix, matrix | draw(arrays.arrays(bool, matrix.shape))


def federated_table(matrix: Bools, checked: Bools) -> PairTable:
    return pair_table(matrix, tuple(f"c{index}" for index in range(matrix.shape[1])), checked=checked)


def two_looked_for(images: Sequence[str]) -> PairTable:
    """Each image in two signs: `+` there, `-` looked for and not there, `?` not looked for."""
    signs = np.array([list(image) for image in images])
    return pair_table(signs == "+", ("cup", "table"), checked=signs != "?")


@given(matrix=PRESENCE)
def test_where_everything_was_looked_for_the_table_is_that_of_ordinary_data(matrix: Bools) -> None:
    federated, ordinary = federated_table(matrix, np.ones_like(matrix)), table_of(matrix)
    for field in ("image_count", "image_counts", "counts", "expected", "lift", "lift_low", "lift_high"):
        np.testing.assert_array_equal(getattr(federated, field), getattr(ordinary, field))


@given(data=looked_for())
def test_federated_counts_are_what_a_loop_over_images_counts(data: tuple[Bools, Bools]) -> None:
    matrix, checked = data
    table = federated_table(matrix, checked)
    size = range(matrix.shape[1])
    for i, j in [(i, j) for i in size for j in size]:
        rows = [row for row, looked in zip(matrix, checked, strict=True) if looked[i] and looked[j]]
        both, first, second = (sum(bool(row[a] and row[b]) for row in rows) for a, b in ((i, j), (i, i), (j, j)))
        assert (table.image_counts[i, j], table.counts[i, j]) == (len(rows), both)
        assert table.expected[i, j] == pytest.approx(first * second / max(len(rows), 1))
        lift = both * len(rows) / (first * second) if first * second else math.nan
        assert table.lift[i, j] == pytest.approx(lift, nan_ok=True)


@given(data=looked_for())
def test_a_federated_pair_is_that_of_the_images_where_both_were_looked_for(data: tuple[Bools, Bools]) -> None:
    matrix, checked = data
    table = federated_table(matrix, checked)
    for i, j in zip(*np.triu_indices(matrix.shape[1]), strict=True):
        alone = table_of(matrix[checked[:, i] & checked[:, j]])
        for field in ("counts", "expected", "lift", "lift_low", "lift_high"):
            np.testing.assert_array_equal(getattr(table, field)[i, j], getattr(alone, field)[i, j])


@given(data=looked_for())
def test_a_federated_table_is_symmetric_with_image_counts_on_its_diagonal(data: tuple[Bools, Bools]) -> None:
    matrix, checked = data
    table = federated_table(matrix, checked)
    for values in (table.image_counts, table.counts, table.expected, table.lift, table.lift_low, table.lift_high):
        np.testing.assert_array_equal(values, values.T)
    np.testing.assert_array_equal(table.counts.diagonal(), matrix.sum(axis=0))
    np.testing.assert_array_equal(table.image_counts.diagonal(), checked.sum(axis=0))
    np.testing.assert_array_equal(np.isnan(table.lift), np.isnan(table.lift_low))
    assert np.isnan(table.lift[table.image_counts == 0]).all()


def test_a_federated_pair_by_hand() -> None:
    table = two_looked_for(["++", "+-", "-+", "--", "+?", "+?", "?+", "?-"])
    assert table.image_counts.tolist() == [[6, 4], [4, 6]]
    assert table.counts.tolist() == [[4, 1], [1, 3]]
    assert (table.expected[0, 1], table.lift[0, 1]) == (1, 1)  # 2 and 2 of the 4 images where both were looked for


def test_what_was_not_looked_for_makes_no_pair_look_strong() -> None:
    images = ["++"] * 20 + ["+-", "-+"] * 5 + ["??"] * 970
    careless = pair_table(np.array([list(image) for image in images]) == "+", ("cup", "table"))
    assert careless.lift[0, 1] == 32
    assert two_looked_for(images).lift[0, 1] == pytest.approx(0.96)


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (["++", "+-", "-+", "--"], "cup and table: 1 of 4 images where both were looked for, 1.0 expected by chance"),
        (["+?", "?+"], "cup and table: no image where both were looked for"),
        (["+-", "+-", "?+"], "cup and table: 0 of 2 images where both were looked for, too few to compare"),
    ],
)
def test_a_federated_pair_is_told_with_the_images_where_both_were_looked_for(images: list[str], sentence: str) -> None:
    assert pair_sentence(two_looked_for(images), 0, 1).startswith(sentence)


def test_a_federated_category_is_told_with_the_images_where_it_was_looked_for() -> None:
    assert pair_sentence(two_looked_for(["+?", "-+", "?+"]), 0, 0) == "cup: 1 of 2 images where it was looked for"


def test_a_pair_that_cannot_be_told_is_no_strong_pair() -> None:
    assert strongest_pairs(two_looked_for(["+?", "?+"])) == []
