"""Conditional share, Jaccard and NPMI: by hand, by law, and all of them on real COCO against pycocotools."""

import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pair_tables import PRESENCE, looked_for, table_of, two_categories, two_looked_for
from pycocotools.coco import COCO

from cocomine.cli.parser import main
from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import Dataset
from cocomine.mining.interference.co_occurrence import DIRECTED, Measure, pair_table
from cocomine.mining.interference.pair_measure import has_too_few_images, mask_measure, pair_measure
from cocomine.mining.statistics.categories import presence

FROM_IMAGES = (Measure.COUNTS, Measure.CONDITIONAL, Measure.JACCARD, Measure.LIFT, Measure.NPMI)
CELL = st.integers(0, 40)


def test_the_four_images_by_hand(four_images: Dataset) -> None:
    table = pair_table(presence(four_images), four_images.category_names)  # cat, dog, cup in 2, 1, 2 of 4 images
    assert table.conditional_share.tolist() == [[1, 0.5, 0.5], [1, 1, 0], [0.5, 0, 1]]
    assert table.jaccard.tolist() == [[1, 1 / 2, 1 / 3], [1 / 2, 1, 0], [1 / 3, 0, 1]]
    assert table.npmi.tolist() == [[1, 0.5, 0], [0.5, 1, -1], [0, -1, 1]]  # ln 2 / ln 4 for cat and dog


def test_npmi_by_hand() -> None:
    table = two_categories(30, 20, 10, 40)  # lift 1.5, both in 0.3 of the images
    assert table.npmi[0, 1] == pytest.approx(math.log(1.5) / -math.log(0.3))


def test_a_share_is_of_the_first_ones_images() -> None:
    table = two_categories(30, 20, 10, 40)
    assert (table.conditional_share[0, 1], table.conditional_share[1, 0]) == (30 / 50, 30 / 40)
    assert table.jaccard[0, 1] == 30 / 60


def test_federated_measures_count_the_images_where_both_were_looked_for() -> None:
    table = two_looked_for(["++", "+-", "-+", "--", "+?", "+?", "?+", "?-"])
    assert table.single_counts.tolist() == [[4, 2], [2, 3]]
    assert (table.conditional_share[0, 1], table.conditional_share[1, 0]) == (1 / 2, 1 / 2)
    assert (table.jaccard[0, 1], table.npmi[0, 1]) == (1 / 3, 0)


@given(data=looked_for())
def test_federated_measures_are_those_of_the_images_where_both_were_looked_for(data: tuple[Bools, Bools]) -> None:
    matrix, checked = data
    table = table_of(matrix, checked)
    for i, j in product(range(matrix.shape[1]), repeat=2):
        alone = table_of(matrix[checked[:, i] & checked[:, j]])
        for name in ("conditional_share", "jaccard", "npmi"):
            np.testing.assert_array_equal(getattr(table, name)[i, j], getattr(alone, name)[i, j])


@given(data=looked_for())
def test_jaccard_and_npmi_do_not_care_which_category_is_the_first(data: tuple[Bools, Bools]) -> None:
    table = table_of(*data)
    np.testing.assert_array_equal(table.jaccard, table.jaccard.T)
    np.testing.assert_array_equal(table.npmi, table.npmi.T)


@given(matrix=PRESENCE)
def test_what_both_share_does_not_care_whose_images_are_asked(matrix: Bools) -> None:
    table = table_of(matrix)
    both = np.nan_to_num(table.conditional_share) * table.single_counts
    np.testing.assert_allclose(both, both.T)


@given(data=looked_for())
def test_shares_lie_between_nothing_and_all_and_npmi_between_never_and_always(data: tuple[Bools, Bools]) -> None:
    table = table_of(*data)
    for values, low in ((table.conditional_share, 0), (table.jaccard, 0), (table.npmi, -1)):
        known = values[~np.isnan(values)]
        assert ((low <= known) & (known <= 1)).all()


@given(matrix=PRESENCE)
def test_jaccard_is_at_most_either_share(matrix: Bools) -> None:
    table = table_of(matrix)
    known = ~np.isnan(table.conditional_share) & ~np.isnan(table.conditional_share.T)
    smaller = np.minimum(table.conditional_share, table.conditional_share.T)
    assert (table.jaccard[known] <= smaller[known]).all()


@given(matrix=PRESENCE)
def test_a_category_always_comes_with_itself(matrix: Bools) -> None:
    table, occurs = table_of(matrix), matrix.any(axis=0)
    for values in (table.conditional_share, table.jaccard, table.npmi):
        np.testing.assert_allclose(values.diagonal()[occurs], 1)
        assert np.isnan(values.diagonal()[~occurs]).all()


@given(matrix=PRESENCE)
def test_npmi_has_the_sign_of_what_is_more_than_chance(matrix: Bools) -> None:
    table = table_of(matrix)
    inner = ~np.isnan(table.lift) & (table.counts < len(matrix))  # a pair in every image has 1 by its limit
    sign = np.where(np.isclose(table.lift, 1, rtol=1e-12), 0, np.sign(table.lift - 1))[inner]
    npmi = np.where(np.isclose(table.npmi, 0, atol=1e-12), 0, np.sign(table.npmi))[inner]
    np.testing.assert_array_equal(npmi, sign)


def test_the_limits_of_npmi() -> None:
    never, always, everywhere = two_categories(0, 50, 40, 10), two_categories(30, 0, 0, 70), two_categories(9, 0, 0, 0)
    assert [table.npmi[0, 1] for table in (never, always, everywhere)] == [-1, pytest.approx(1), 1]
    assert np.isnan(two_categories(0, 5, 0, 5).npmi[0, 1])


@given(both=CELL, first=CELL, second=CELL, neither=CELL)
def test_one_more_image_with_both_and_one_less_with_each_raises_every_measure(
    both: int, first: int, second: int, neither: int
) -> None:
    assume(first and second)
    before = two_categories(both, first, second, neither)
    after = two_categories(both + 1, first - 1, second - 1, neither + 1)  # the same images with each, and in all
    for measure in FROM_IMAGES:
        old, new = (pair_measure(table, measure).values[0, 1] for table in (before, after))
        assert new > old or measure is Measure.LIFT  # the cautious one may stay at chance
    assert after.lift[0, 1] > before.lift[0, 1]


@pytest.mark.parametrize("measure", FROM_IMAGES)
@settings(max_examples=30)
@given(data=looked_for())
def test_only_directed_measures_differ_by_which_category_is_the_first(
    measure: Measure, data: tuple[Bools, Bools]
) -> None:
    view = pair_measure(table_of(*data), measure)
    assert view.is_directed == (measure in DIRECTED)
    if not view.is_directed:
        np.testing.assert_array_equal(view.shown, view.shown.T)


@given(data=looked_for(), fewest=st.integers(0, 6))
def test_a_pair_has_too_few_images_where_there_are_few_and_chance_would_give_few(
    data: tuple[Bools, Bools], fewest: int
) -> None:
    table = table_of(*data)
    few = has_too_few_images(table, fewest)
    np.testing.assert_array_equal(few, few.T)
    for i, j in product(range(len(table.names)), repeat=2):
        assert few[i, j] == (max(table.counts[i, j], table.expected[i, j]) < fewest)


def test_a_planted_exclusion_does_not_have_too_few_images() -> None:
    table = two_categories(0, 40, 30, 30)  # 12 by chance
    assert not has_too_few_images(table, 12)[0, 1]
    assert has_too_few_images(table, 13)[0, 1]


def test_a_count_is_shown_however_small() -> None:
    table = two_categories(1, 4, 4, 91)
    shown = {measure: pair_measure(table, measure, fewest_images=5).shown[0, 1] for measure in FROM_IMAGES}
    assert [measure for measure, value in shown.items() if not np.isnan(value)] == [Measure.COUNTS]


def test_overlap_is_left_out_where_there_are_too_few_images() -> None:
    shares = np.full((2, 2), 0.5)
    view = mask_measure(two_categories(1, 4, 4, 91), Measure.OVERLAP, shares, is_estimate=True, fewest_images=5)
    assert np.isnan(view.shown).all()
    assert (view.is_directed, view.is_estimate) == (True, True)


# Oracles


def independent_counts(folder: Path) -> tuple[list[str], int, list[list[int]]]:
    """Names, images and the images of each pair by sets of pycocotools' ids, all splits together."""
    splits = [COCO(path) for path in sorted((folder / "annotations").glob("instances_*.json"))]
    categories = splits[0].loadCats(splits[0].getCatIds())
    images = [
        {(number, image_id) for number, split in enumerate(splits) for image_id in split.catToImgs[category["id"]]}
        for category in categories
    ]
    counts = [[len(first & second) for second in images] for first in images]
    return [category["name"] for category in categories], sum(len(split.imgs) for split in splits), counts


@pytest.mark.real
@pytest.mark.slow
def test_the_command_equals_an_independent_count_and_a_calculation_by_hand(
    coco_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pairs", str(coco_folder), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    names, image_count, counts = independent_counts(coco_folder)
    assert (value["categories"], value["image_count"]) == (names, image_count)
    assert value["counts"] == counts
    for first, second in (("mouse", "keyboard"), ("person", "dog"), ("cup", "dining table"), ("person", "zebra")):
        i, j = names.index(first), names.index(second)
        p, p_i, p_j = (number / image_count for number in (counts[i][j], counts[i][i], counts[j][j]))
        lift, expected = p / (p_i * p_j), p_i * p_j * image_count
        low, high = 0.0, -math.log(0.025) / expected
        if p:
            spread = 1.959963984540054 * math.sqrt((1 / p - 1 / p_i - 1 / p_j + 2 * p / (p_i * p_j) - 1) / image_count)
            low, high = lift * math.exp(-spread), lift * math.exp(spread)
        found = [value[key][i][j] for key in ("expected", "lift", "lift_low", "lift_high")]
        assert found == pytest.approx([expected, lift, low, high], abs=5e-7)  # told to six digits
        union = counts[i][i] + counts[j][j] - counts[i][j]
        found = [value[key][i][j] for key in ("conditional_share", "jaccard", "npmi")]
        npmi = math.log(lift) / -math.log(p) if p else -1
        assert found == pytest.approx([counts[i][j] / counts[i][i], counts[i][j] / union, npmi], abs=5e-7)


def test_no_pair_has_too_few_images_unless_a_number_is_asked_for() -> None:
    assert pair_measure(two_categories(0, 1, 1, 98), Measure.CONDITIONAL).shown[0, 1] == 0
