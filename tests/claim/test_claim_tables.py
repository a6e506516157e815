"""Which differences stand together, and what may be called told."""

import pytest
from claims import comparison, difference, planted_result

from cocomine.claim.arms import ArmName
from cocomine.claim.number_words import interval_words, p_words, plain_number, signed, with_interval
from cocomine.claim.records import Result
from cocomine.claim.sentences import is_claimed
from cocomine.claim.tables import (
    MEAN,
    false_alarms,
    forest_cells,
    forest_rows,
    learning_speeds,
    pairs,
    what_words,
)


@pytest.mark.parametrize(
    ("value", "words"),
    [(5.34, "+5.3"), (-39.9, "−39.9"), (0.0, "0.0"), (-0.04, "0.0"), (0.04, "0.0"), (12345.6, "+12,345.6")],
)
def test_a_difference_is_told_with_its_sign_and_never_as_minus_nothing(value: float, words: str) -> None:
    assert signed(value) == words


def test_an_interval_is_told_where_there_is_one() -> None:
    assert with_interval(difference(5.3, 2.0)) == "+5.3 (+3.3 to +7.3)"
    assert interval_words(difference(5.3, None)) == "–"
    assert with_interval(difference(5.3, None)) == "+5.3"


def test_levels_and_p_values_are_told_as_exactly_as_they_are_known() -> None:
    assert [plain_number(value) for value in (56.25, -0.01, 1234.5)] == ["56.2", "0.0", "1,234.5"]
    assert [p_words(p) for p in (0.0004, 0.0132, 1.0, None)] == ["< 0.001", "0.013", "1.000", "–"]


def test_what_few_seeds_say_is_never_told_whatever_the_interval() -> None:
    assert is_claimed(difference(5.3, 2.0, is_primary=True))
    assert not is_claimed(difference(5.3, 2.0, is_primary=True, seed_count=2))
    assert not is_claimed(difference(0.5, 2.4, is_primary=True))


def test_a_difference_that_is_not_primary_is_told_by_its_corrected_p_alone() -> None:
    assert not is_claimed(difference(5.3, 2.0, p=0.01, p_corrected=0.06))
    assert is_claimed(difference(5.3, 2.0, p=0.01, p_corrected=0.04))


def test_pairs_stand_once_and_the_primary_one_first() -> None:
    found = pairs(planted_result())
    assert [(pair.second, pair.steps) for pair in found] == [
        (ArmName.HALF, 150),
        (ArmName.ALL, 150),
        (ArmName.ALL, 450),
        (ArmName.AGAIN, 150),
    ]
    assert found[1].words == "selected images only − selected images, all labels (A − C), 150 steps"


def test_rows_of_the_chart_hold_both_sets_of_test_images_and_the_mean_on_top() -> None:
    result = planted_result()
    mean, apple, pear = forest_rows(result, pairs(result)[0])
    assert (mean.name, apple.name, pear.name) == (MEAN, "apple", "pear")
    assert [each and each.value for each in mean.both] == [5.3, -39.9]
    assert [each and each.value for each in pear.both] == [None, 0.6]
    assert forest_cells(pear) == ("–", "+0.6 (−3.1 to +4.3), cannot be told")


def test_a_class_that_is_called_as_the_mean_keeps_its_own_row() -> None:
    rows = [difference(1.0), difference(2.0, what="class", class_name=MEAN)]
    result = Result(protocol_sha256="0" * 64, differences=tuple(rows), sentences=("",))
    assert [row.on_natural_mix and row.on_natural_mix.value for row in forest_rows(result, pairs(result)[0])] == [1, 2]


def test_halves_with_and_without_a_rival_are_no_rows_of_the_chart() -> None:
    half = difference(-9.0, rival="pear", with_rival=True)
    result = Result(protocol_sha256="0" * 64, differences=(half, difference(1.0)), sentences=("",))
    assert [row.on_natural_mix for row in forest_rows(result, pairs(result)[0])] == [difference(1.0)]
    assert what_words(half) == "mIoU, images with pear"


def test_false_alarms_and_learning_speed_are_found() -> None:
    result = planted_result()
    assert [each.value for each in false_alarms(result)] == [79.0]
    assert [[(each.comparison.steps, each.value) for each in group] for group in learning_speeds(result)] == [
        [(150, 8.9), (450, 2.6)]
    ]


def test_the_same_arms_on_other_test_images_are_no_learning_speed() -> None:
    differences = (difference(1.0), difference(2.0, compared=comparison(test_set="T1", steps=450)))
    assert not learning_speeds(Result(protocol_sha256="0" * 64, differences=differences, sentences=("",)))
