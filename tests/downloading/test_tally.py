"""Speed is that of the last seconds, and the time left follows from it and from the mean of the images that came."""

from cocomine.downloading.tally import Tally


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_nothing_is_told_before_anything_came() -> None:
    tally = Tally(Clock())
    tally.begin(10)
    assert (tally.state().bytes_per_s, tally.state().left_s) == (0.0, None)
    assert str(tally.state()) == "0 of 10 images · 0 bytes"


def test_speed_and_time_left() -> None:
    clock = Clock()
    tally = Tally(clock)
    tally.begin(10)
    tally.receive(4_000_000)
    tally.finish(was_fetched=True, has_failed=False)
    tally.finish(was_fetched=True, has_failed=False)
    clock.now_s += 2
    state = tally.state()
    assert (state.bytes_per_s, state.left_s) == (2_000_000, 8)
    assert str(state) == "2 of 10 images · 4.0 MB · 2.0 MB/s · about 10 seconds left"


def test_a_slow_beginning_is_forgotten() -> None:
    clock = Clock()
    tally = Tally(clock)
    tally.begin(10)
    clock.now_s += 100
    tally.state()
    for _ in range(10):
        clock.now_s += 1
        tally.receive(1_000_000)
        state = tally.state()
    assert 900_000 < state.bytes_per_s <= 1_000_000


def test_failures_are_counted() -> None:
    tally = Tally(Clock())
    tally.begin(2)
    tally.finish(was_fetched=False, has_failed=True)
    assert str(tally.state()) == "1 of 2 images · 0 bytes · 1 failed"
