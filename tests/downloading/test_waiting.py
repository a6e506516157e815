"""A download waits as long as it is asked to, within a bound, and ends at once when it is cancelled."""

import random
import threading
from datetime import UTC, datetime

import pytest

from cocomine.downloading.waiting import Ending, Pace, Patience, asked_wait_s
from cocomine.system.jobs import JobCancelled

NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)


class CountedEnding(Ending):
    """Waits by moving a clock."""

    now_s = 0.0

    def wait(self, wait_s: float) -> None:
        self.now_s += wait_s


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Thu, 26 Nov 2026 12:01:30 GMT", 90.0),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0.0),
        ("Thu, 26 Nov 2026 12:00:10 -0000", 10.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("", 0.0),
        (None, 0.0),
        ("9" * 500, 999_999_999.0),
    ],
)
def test_what_a_server_asks_to_wait_is_read_in_seconds_and_as_a_date(text: str | None, wait_s: float) -> None:
    assert asked_wait_s(text, NOW) == wait_s


def test_waits_double_up_to_the_longest_and_are_spread() -> None:
    patience = Patience(first_wait_s=1, longest_wait_s=5)
    waits = [[patience.wait_s(tries, random.Random(seed)) for seed in range(50)] for tries in (1, 2, 3, 9)]
    assert [
        (0.5 * longest <= min(each), max(each) <= longest) for longest, each in zip((1, 2, 4, 5), waits, strict=True)
    ]
    assert all(0.5 * longest <= each <= longest for longest, of in zip((1, 2, 4, 5), waits, strict=True) for each in of)
    assert all(len(set(of)) > 40 for of in waits)


def test_a_host_is_left_alone_for_as_long_as_it_asked_and_no_other_host_is() -> None:
    ending = CountedEnding()
    pace = Pace(now=lambda: ending.now_s)
    pace.hold("a.org", 3.2)
    pace.wait("b.org", ending)
    assert ending.now_s == 0
    pace.wait("a.org", ending)
    assert ending.now_s == pytest.approx(3.2)


def test_a_download_goes_on_until_it_is_to_end() -> None:
    ending = Ending()
    ending.check()
    ending.begin()
    with pytest.raises(JobCancelled):
        ending.check()


def test_a_wait_ends_when_the_download_is_to_end() -> None:
    ending = Ending()
    threading.Timer(0.05, ending.begin).start()
    with pytest.raises(JobCancelled):
        ending.wait(60)
