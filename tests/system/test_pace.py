"""A pace is that of the last seconds, and what is left follows from it."""

import pytest

from cocomine.system.pace import EARLIEST_S, WINDOW_S, Pace


def paced(*values: tuple[float, float]) -> Pace:
    pace = Pace()
    for time_s, value in values:
        pace.note(time_s, value)
    return pace


def test_nothing_is_told_before_something_was_noted() -> None:
    assert (Pace().per_s(100.0), Pace().left_s(100.0, 10)) == (None, None)


def test_nothing_is_told_of_the_first_moments() -> None:
    assert paced((0.0, 0), (EARLIEST_S / 2, 5)).per_s(EARLIEST_S / 2) is None


def test_a_steady_pace_is_told_with_what_is_left() -> None:
    pace = paced(*((second, 4.0 * second) for second in range(11)))
    assert (pace.per_s(10.0), pace.left_s(10.0, 60.0)) == (4.0, 5.0)


def test_a_pace_that_changes_is_that_of_the_last_seconds() -> None:
    pace = paced(*((second, 100.0 * second) for second in range(50)))
    for second in range(50, 50 + 2 * int(WINDOW_S)):
        pace.note(second, 5000 + second)
    assert pace.per_s(50 + 2 * WINDOW_S - 1) == pytest.approx(1.0)


def test_a_standstill_lets_the_pace_fall() -> None:
    pace = paced(*((second, second) for second in range(5)))
    assert pace.per_s(4.0) == 1.0
    assert pace.per_s(16.0) == 0.25


def test_rare_values_have_a_pace_too() -> None:
    assert paced((0.0, 0), (60.0, 1), (120.0, 2)).per_s(120.0) == pytest.approx(1 / 60)


def test_a_value_that_falls_begins_anew() -> None:
    pace = paced((0.0, 0), (10.0, 100), (11.0, 0), (13.0, 4))
    assert pace.per_s(13.0) == 2.0


def test_nothing_is_left_beyond_the_total_and_no_end_is_seen_at_a_standstill() -> None:
    assert paced((0.0, 0), (10.0, 20)).left_s(10.0, 10.0) == 0.0
    assert paced((0.0, 5), (10.0, 5)).left_s(10.0, 10.0) is None
