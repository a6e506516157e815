"""Words for a person: what is shortened keeps what tells it from its like."""

import pytest

from cocomine.wording import duration, shortened


def test_short_text_stays_as_it_is_in_one_line() -> None:
    assert shortened("a\n  b", 10) == "a b"


@pytest.mark.parametrize(("longest", "expected"), [(4, "ab…f"), (5, "ab…ef"), (6, "abcdef"), (2, "a…")])
def test_long_text_keeps_both_ends(longest: int, expected: str) -> None:
    assert shortened("abcdef", longest) == expected


def test_names_that_differ_at_their_end_stay_distinct() -> None:
    one, other = (shortened(f"surgical instrument, stainless steel, {kind}", 22) for kind in ("left", "right"))
    assert one != other


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "about 1 second"), (4, "about 5 seconds"), (91, "about 2 minutes"), (5400, "about 2 hours")],
)
def test_a_time_span_is_in_the_singular_only_where_it_is_one(seconds: float, said: str) -> None:
    assert duration(seconds) == said
