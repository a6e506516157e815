"""Pairs against chance: by hand, by law and against a loop over pycocotools."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pair_tables import PRESENCE, looked_for, table_of, two_categories, two_looked_for
from pycocotools.coco import COCO

from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.interference.co_occurrence import co_occurrence, pair_table
from cocomine.mining.statistics.categories import presence


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


@pytest.mark.parametrize(("cells", "keeps_apart"), [((0, 20, 20, 60), True), ((0, 12, 20, 68), False)])
def test_a_pair_never_seen_keeps_apart_only_where_chance_does_not_explain_it(
    cells: tuple[int, int, int, int], keeps_apart: bool
) -> None:
    table = two_categories(*cells)  # 4 and 2.4 images expected; no image is unlikely from 3.7 on
    assert bool(table.keeps_apart[0, 1]) is keeps_apart


def test_a_rare_pair_does_not_shout() -> None:
    table = two_categories(1, 1, 1, 97)  # lift 25 from a single image
    assert table.lift[0, 1] == 25
    spread = math.exp(1.959963984540054 * math.sqrt((100 - 50 - 50 + 2 * 25 - 1) / 100))
    assert table.cautious_lift[0, 1] == pytest.approx(25 / spread)  # 6.3


def test_categories_in_every_image_are_as_chance_would_have_it() -> None:
    table = two_categories(10, 0, 0, 0)
    assert table.cautious_lift.tolist() == [[1, 1], [1, 1]]


def test_no_image_gives_no_lift() -> None:
    table = table_of(np.zeros((0, 2), dtype=bool))
    assert table.counts.tolist() == [[0, 0], [0, 0]]
    assert np.isnan(table.lift).all()


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


# Federated data: only what was looked for counts


@given(matrix=PRESENCE)
def test_where_everything_was_looked_for_the_table_is_that_of_ordinary_data(matrix: Bools) -> None:
    federated, ordinary = table_of(matrix, np.ones_like(matrix)), table_of(matrix)
    for field in ("image_count", "image_counts", "counts", "expected", "lift", "lift_low", "lift_high"):
        np.testing.assert_array_equal(getattr(federated, field), getattr(ordinary, field))


@given(data=looked_for())
def test_federated_counts_are_what_a_loop_over_images_counts(data: tuple[Bools, Bools]) -> None:
    matrix, checked = data
    table = table_of(matrix, checked)
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
    table = table_of(matrix, checked)
    for i, j in zip(*np.triu_indices(matrix.shape[1]), strict=True):
        alone = table_of(matrix[checked[:, i] & checked[:, j]])
        for field in ("counts", "expected", "lift", "lift_low", "lift_high"):
            np.testing.assert_array_equal(getattr(table, field)[i, j], getattr(alone, field)[i, j])


@given(data=looked_for())
def test_a_federated_table_is_symmetric_with_image_counts_on_its_diagonal(data: tuple[Bools, Bools]) -> None:
    matrix, checked = data
    table = table_of(matrix, checked)
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
