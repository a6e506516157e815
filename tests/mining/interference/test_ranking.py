"""Orders keep what belongs together together; rankings begin with what stands out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pair_tables import PRESENCE, looked_for, table_of, two_categories, two_looked_for

from cocomine.coco.arrays import Bools
from cocomine.mining.interference.co_occurrence import Measure, pair_table
from cocomine.mining.interference.pair_measure import pair_measure
from cocomine.mining.interference.ranking import (
    by_cluster,
    by_strength,
    by_supercategory,
    most_frequent,
    notable_pairs,
    ranked_pair_count,
    ranked_pairs,
    strongest_companions,
    strongest_pairs,
)

FROM_IMAGES = (Measure.COUNTS, Measure.CONDITIONAL, Measure.JACCARD, Measure.LIFT, Measure.NPMI)


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


def test_a_category_of_which_nothing_is_known_has_no_strength() -> None:
    weak = np.repeat(np.array([[0, 1, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool), [300, 200, 200, 300], axis=0)
    assert by_strength(table_of(weak)) == [1, 2, 0]


def test_of_pairs_that_luck_may_explain_the_one_in_most_images_comes_first() -> None:
    matrix = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 1], [1, 0, 0]], dtype=bool)
    table = table_of(matrix)
    assert strongest_pairs(table) == [(0, 2), (1, 2), (0, 1)]
    assert (table.cautious_lift == 1).all()


def test_pairs_more_than_six_doublings_from_chance_are_alike() -> None:
    matrix = np.zeros((2000, 4), dtype=bool)
    matrix[:10, :2] = True  # 200 times more often than by chance, at least 108 times
    matrix[10:15, 2:] = True  # 400 times, at least 166
    assert table_of(matrix).cautious_lift[[0, 2], [1, 3]] == pytest.approx([107.8, 166.5], abs=0.5)
    assert by_strength(table_of(matrix)) == [0, 1, 2, 3]


def test_pairs_that_keep_apart_more_than_six_doublings_are_alike() -> None:
    matrix = np.zeros((2000, 4), dtype=bool)
    matrix[[*range(350), *range(1000, 1350)], 0] = matrix[[*range(350, 700), *range(1350, 1700)], 1] = True
    matrix[:1000, 2] = matrix[1000:, 3] = True  # never with each other, with the first two as often as by chance
    assert table_of(matrix).cautious_lift[[0, 2], [1, 3]] == pytest.approx([1 / 66.4, 1 / 135.5], rel=0.01)
    assert by_strength(table_of(matrix)) == [0, 1, 2, 3]


def test_of_pairs_in_as_many_images_the_one_further_from_chance_comes_first() -> None:
    matrix = np.zeros((100, 4), dtype=bool)
    matrix[:30, 0] = matrix[20:50, 1] = True  # together in 10, where chance brings 9
    matrix[60:70, 2:] = True  # together in 10, where chance brings 1
    view = pair_measure(table_of(matrix), Measure.COUNTS)
    assert ranked_pairs(view)[:2] == [(2, 3), (0, 1)]


def test_a_category_that_never_occurs_has_no_pair() -> None:
    matrix = np.array([[1, 1, 0], [1, 0, 0]], dtype=bool)
    assert strongest_pairs(table_of(matrix)) == [(0, 1)]


def test_the_most_frequent_categories_are_those_with_the_most_images() -> None:
    present = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 1], [0, 0, 0]], dtype=bool)
    table = pair_table(present, ("a", "b", "c"))
    assert most_frequent(table, 2) == {0, 2}
    assert most_frequent(table, 9) == {0, 1, 2}


def test_a_pair_that_cannot_be_told_is_no_strong_pair() -> None:
    assert strongest_pairs(two_looked_for(["+?", "?+"])) == []


@given(matrix=PRESENCE, data=st.data())
def test_an_order_by_cluster_names_each_category_asked_for_once(matrix: Bools, data: st.DataObject) -> None:
    asked = data.draw(st.permutations(range(matrix.shape[1])).map(lambda order: order[: len(order) // 2 + 1]))
    assert sorted(by_cluster(table_of(matrix), asked)) == sorted(asked)


def test_categories_that_come_together_stand_together() -> None:
    rng = np.random.default_rng(3)
    groups = rng.random((900, 3)) < 0.3
    matrix = groups[:, [0, 1, 2, 0, 1, 2, 0, 1, 2]] & (rng.random((900, 9)) < 0.8)
    order = by_cluster(table_of(matrix), range(9))
    kinds = [position % 3 for position in order]
    assert sum(one != other for one, other in zip(kinds[1:], kinds[:-1], strict=True)) == 2


def test_a_pair_that_was_never_looked_for_is_put_in_order_as_one_by_chance() -> None:
    apart, by_chance = ["+?-", "-?+"] * 100, ["?++", "?+-", "?-+", "?--"] * 25
    signs = np.array([list(image) for image in (*apart, *by_chance)])
    first_last_and_between = by_cluster(table_of(signs == "+", signs != "?"), [0, 1, 2])
    assert first_last_and_between[1] == 1


def test_equal_tables_are_ordered_by_cluster_equally() -> None:
    matrix = np.random.default_rng(1).random((300, 40)) < 0.2
    assert by_cluster(table_of(matrix), range(40)) == by_cluster(table_of(matrix.copy()), range(40))


def test_a_planted_exclusion_stays_where_pairs_with_few_images_are_left_out() -> None:
    exclusion, rare = two_categories(0, 40, 30, 30), two_categories(1, 4, 4, 91)  # 12 and 0.25 by chance
    assert strongest_pairs(exclusion, fewest_images=5) == [(0, 1)]
    assert (strongest_pairs(rare), strongest_pairs(rare, fewest_images=5)) == ([(0, 1)], [])
    assert strongest_pairs(two_categories(0, 1, 1, 98)) == [(0, 1)]  # none is left out unless asked for


@pytest.mark.parametrize("measure", FROM_IMAGES)
@settings(max_examples=30)
@given(data=looked_for(), fewest=st.integers(0, 4))
def test_a_ranking_names_each_pair_that_is_shown_once_and_no_other(
    measure: Measure, data: tuple[Bools, Bools], fewest: int
) -> None:
    view = pair_measure(table_of(*data), measure, fewest_images=fewest)
    ranked = ranked_pairs(view)
    told = {(int(i), int(j)) for i, j in zip(*np.nonzero(~np.isnan(view.shown)), strict=True)}
    assert len(set(ranked)) == len(ranked)
    assert set(ranked) == (told if view.is_directed else {(i, j) for i, j in told if i < j})


@pytest.mark.parametrize("measure", [Measure.COUNTS, Measure.CONDITIONAL, Measure.JACCARD])
@settings(max_examples=30)
@given(matrix=PRESENCE)
def test_of_a_measure_without_a_middle_the_highest_value_comes_first(measure: Measure, matrix: Bools) -> None:
    view = pair_measure(table_of(matrix), measure)
    values = [view.values[pair] for pair in ranked_pairs(view)]
    assert values == sorted(values, reverse=True)


@given(matrix=PRESENCE)
def test_by_npmi_the_pair_furthest_from_chance_comes_first(matrix: Bools) -> None:
    view = pair_measure(table_of(matrix), Measure.NPMI)
    values = [abs(view.values[pair]) for pair in ranked_pairs(view)]
    assert values == sorted(values, reverse=True)


def test_of_many_others_the_strongest_companions_are_taken() -> None:
    rng = np.random.default_rng(5)
    matrix = rng.random((400, 6)) < 0.3
    matrix[:, 4] = matrix[:, 1]
    matrix[:, 5] = ~matrix[:, 0]
    view = pair_measure(table_of(matrix), Measure.LIFT)
    assert strongest_companions(view, [0, 1], 2) == [4, 5]
    assert strongest_companions(view, [0, 1], 100) == [2, 3, 4, 5]
    assert strongest_companions(view, range(6), 100) == []


def test_a_category_of_which_nothing_is_known_beside_the_picked_ones_is_no_companion() -> None:
    signs = np.array([list(image) for image in ("++?-", "+-?+", "-+?+", "?++-")])  # a and c never looked for together
    table = table_of(signs == "+", signs != "?")
    assert strongest_companions(pair_measure(table, Measure.LIFT), [0], 100) == [1, 3]
    assert strongest_companions(pair_measure(table, Measure.LIFT, fewest_images=50), [0], 100) == [1, 3]
    assert strongest_companions(pair_measure(table, Measure.COUNTS), [1], 1) == [0]  # the first of those alike


def test_a_companion_in_too_few_images_comes_after_one_as_by_chance() -> None:
    matrix = np.zeros((100, 3), dtype=bool)
    matrix[:50, 0] = matrix[:2, 1] = matrix[25:75, 2] = True
    view = pair_measure(table_of(matrix), Measure.LIFT, fewest_images=5)
    assert strongest_companions(view, [0], 1) == [2]
    assert strongest_companions(view, [0], 2) == [1, 2]


def test_only_pairs_with_one_of_some_categories_are_ranked() -> None:
    view = pair_measure(table_of(np.random.default_rng(2).random((90, 5)) < 0.4), Measure.CONDITIONAL)
    asked = ranked_pairs(view, having=[1, 4])
    assert asked == [pair for pair in ranked_pairs(view) if {1, 4} & set(pair)]
    assert len(asked) == ranked_pair_count(view, having=[1, 4]) == 14
    assert ranked_pairs(view, having=[1, 4], limit=3) == asked[:3]
    assert ranked_pair_count(view) == 20


def test_of_the_picked_categories_only_their_own_pairs_stand_out() -> None:
    rng = np.random.default_rng(4)
    matrix = rng.random((500, 4)) < 0.2
    matrix[:, 3], matrix[:, 2] = matrix[:, 1], ~matrix[:, 0]
    table = table_of(matrix)
    assert set(notable_pairs(table)) == {(1, 3), (0, 2)}
    assert notable_pairs(table, having=[0]) == [(0, 2)]


def test_a_pair_little_above_or_below_chance_stands_out_where_luck_does_not_explain_it() -> None:
    assert notable_pairs(two_categories(3000, 2000, 1000, 4000)) == [(0, 1)]  # lift 1.5
    assert notable_pairs(two_categories(2000, 3000, 3000, 2000)) == [(0, 1)]  # lift 0.8


def test_nothing_stands_out_where_luck_may_explain_all() -> None:
    assert notable_pairs(two_categories(20, 30, 20, 30)) == []


def test_where_no_pair_keeps_apart_more_that_come_together_stand_out() -> None:
    rng = np.random.default_rng(0)
    matrix = (rng.random((500, 1)) < 0.2) & (rng.random((500, 4)) < 0.9)
    table = table_of(matrix)
    assert notable_pairs(table) == strongest_pairs(table)[:3]
    assert all(table.lift[pair] > 1 for pair in notable_pairs(table))


def test_of_three_that_stand_out_one_is_a_pair_that_keeps_apart() -> None:
    together = np.random.default_rng(3).random((400, 1)) < 0.3
    matrix = np.hstack([together, together, together, ~together])
    found = notable_pairs(table_of(matrix))
    assert [table_of(matrix).lift[pair] > 1 for pair in found] == [True, True, False]
