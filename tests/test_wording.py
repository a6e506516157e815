"""Words for a person: what is shortened keeps what tells it from its like."""

import pytest

from cocomine.wording import brief_duration, counted, duration, percent, shortened, size_words, unbroken


def test_short_text_stays_as_it_is_in_one_line() -> None:
    assert shortened("a\n  b", 10) == "a b"


@pytest.mark.parametrize(("longest", "expected"), [(4, "ab…f"), (5, "ab…ef"), (6, "abcdef"), (2, "a…")])
def test_long_text_keeps_both_ends(longest: int, expected: str) -> None:
    assert shortened("abcdef", longest) == expected


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("犬と猫と鳥", 10, "犬と猫と鳥"),
        ("犬と猫と鳥", 9, "犬と…と鳥"),
        ("犬と猫と鳥", 8, "犬と…鳥"),
        ("犬", 1, "…"),
        ("Прогулка", 8, "Прогулка"),
        ("Прогулка", 5, "Пр…ка"),
    ],
)
def test_a_sign_of_two_columns_counts_as_two(text: str, longest: int, expected: str) -> None:
    assert shortened(text, longest) == expected


def test_names_that_differ_at_their_end_stay_distinct() -> None:
    one, other = (shortened(f"surgical instrument, stainless steel, {kind}", 22) for kind in ("left", "right"))
    assert one != other


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "about 1 second"), (4, "about 5 seconds"), (91, "about 2 minutes"), (5400, "about 2 hours")],
)
def test_a_time_span_is_in_the_singular_only_where_it_is_one(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0 %"),
        (1e-9, "0.0001 %"),
        (0.00032, "0.032 %"),
        (0.0949, "9.5 %"),
        (0.1, "10 %"),
        (0.9949, "99 %"),
        (0.995, "99.5 %"),
        (0.9997, "99.97 %"),
        (0.999999, "99.99 %"),
        (1.0, "100 %"),
        (1.5, "150 %"),
    ],
)
def test_a_share_is_nothing_or_all_only_where_it_is(share: float, said: str) -> None:
    assert percent(share) == said


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (812, "812 bytes"),
        (1000, "1 kB"),
        (52_300, "52 kB"),
        (3_900_000, "3.9 MB"),
        (1_234_000_000, "1.2 GB"),
        (4_114_000_000_000, "4,114.0 GB"),
    ],
)
def test_a_size_is_told_in_a_unit_that_fits(size_bytes: int, said: str) -> None:
    assert size_words(size_bytes) == said


def test_no_line_ends_between_a_number_and_its_sign_or_unit() -> None:
    told = "248 images (52 %), person 958, 12 % under 1 px at 128 × 128 px, 4.7 MB, imbalanced (240 : 11), 3 pxs: 4"
    kept = "248 images (52_%), person 958, 12_% under 1_px at 128 × 128_px, 4.7_MB, imbalanced (240_:_11), 3 pxs: 4"
    assert unbroken(told).replace("\N{NO-BREAK SPACE}", "_") == kept


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "0 s"),
        (6.4, "6 s"),
        (89, "89 s"),
        (95, "2 min"),
        (5340, "89 min"),
        (5400, "1 h 30 min"),
        (7200, "2 h"),
        (40_000, "11 h"),
        (260_000, "3 days"),
    ],
)
def test_a_time_span_is_told_at_a_glance(seconds: float, said: str) -> None:
    assert brief_duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "thing", "said"),
    [
        (1, "image", "1 image"),
        (4114, "image", "4,114 images"),
        (2, "class", "2 classes"),
        (1, "category", "1 category"),
        (0, "category", "0 categories"),
    ],
)
def test_a_number_stands_with_the_form_of_its_word(count: int, thing: str, said: str) -> None:
    assert counted(count, thing) == said
