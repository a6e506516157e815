"""The clock of a run counts what it trained: never a pause, nothing twice, and it never runs back."""

from pathlib import Path

import pytest

from cocomine.training.runs.run_clock import RunClock
from cocomine.training.runs.times import TIMES, Times, TimesReader


class Watch:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


def noted(folder: Path, watch: Watch, *, start: int, took_s: dict[int, float]) -> None:
    """Let a process start at a step and take so long for each of the next ones."""
    clock = RunClock(folder / TIMES, watch)
    clock.start(start)
    for step, seconds in took_s.items():
        watch.now += seconds
        clock.note(step)


def times(folder: Path) -> dict[float, float]:
    read = TimesReader().read(folder / TIMES)
    return dict(zip(read.steps.tolist(), read.seconds.tolist(), strict=True))


def test_a_step_is_written_once_with_the_seconds_since_the_beginning(tmp_path: Path, watch: Watch) -> None:
    noted(tmp_path, watch, start=0, took_s={0: 2.0, 1: 0.5, 2: 0.25})
    clock = RunClock(tmp_path / "again", watch)
    clock.start(0)
    clock.note(3)
    watch.now += 1
    clock.note(3)
    assert times(tmp_path) == {0: 2.0, 1: 2.5, 2: 2.75}
    assert (tmp_path / "again").read_text() == '{"step":3,"seconds":0.0}\n'


def test_a_run_that_goes_on_counts_neither_the_pause_nor_what_it_does_twice(tmp_path: Path, watch: Watch) -> None:
    noted(tmp_path, watch, start=0, took_s={1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0})
    watch.now += 3600
    noted(tmp_path, watch, start=2, took_s={3: 1.5, 4: 1.5})
    assert times(tmp_path) == {1: 1.0, 2: 2.0, 3: 3.5, 4: 5.0}


def test_a_process_killed_in_the_middle_of_a_line_leaves_nothing_of_it(tmp_path: Path, watch: Watch) -> None:
    noted(tmp_path, watch, start=0, took_s={1: 1.0})
    with (tmp_path / TIMES).open("a") as file:
        file.write('{"step":2,"sec')
    noted(tmp_path, watch, start=1, took_s={2: 3.0})
    assert times(tmp_path) == {1: 1.0, 2: 4.0}


@pytest.mark.parametrize("content", [None, "", '{"step":1,"seconds":1.0}\n', 'no\n{"step":5,"seconds":1.0}\n'])
def test_a_run_whose_first_steps_have_no_times_gets_none(tmp_path: Path, watch: Watch, content: str | None) -> None:
    if content is not None:
        (tmp_path / TIMES).write_text(content)
    noted(tmp_path, watch, start=5, took_s={6: 1.0})
    assert not (tmp_path / TIMES).exists()
    assert not TimesReader().read(tmp_path / TIMES)


def test_between_two_lines_time_goes_evenly_and_beyond_the_last_it_is_not_told(tmp_path: Path, watch: Watch) -> None:
    noted(tmp_path, watch, start=0, took_s={0: 2.0, 10: 4.0, 20: 1.0})
    read = TimesReader().read(tmp_path / TIMES)
    assert read.at([0, 5, 10, 20]) == [2.0, 4.0, 6.0, 7.0]
    assert read.at([15, 20, 21, 30]) == [6.5, 7.0]
    assert Times(steps=read.steps[:0], seconds=read.seconds[:0]).at([1]) == []


def test_a_damaged_line_is_left_out_and_time_does_not_run_back(tmp_path: Path) -> None:
    lines = [
        '{"step":1,"seconds":1.0}',
        "x",
        '{"step":2,"seconds":0.5}',
        '{"step":1,"seconds":7}',
        '{"step":3,"seconds":2}',
    ]
    (tmp_path / TIMES).write_text("\n".join([*lines, '{"step":4,']))
    assert times(tmp_path) == {1: 1.0, 3: 2.0}


def test_each_line_is_compared_with_the_one_before_it_and_two_may_be_of_one_time(tmp_path: Path) -> None:
    lines = [(1, 1.0), (5, 3.0), (4, 4.0), (6, 2.0), (7, 3.0)]
    (tmp_path / TIMES).write_text("".join(f'{{"step":{step},"seconds":{seconds}}}\n' for step, seconds in lines))
    assert times(tmp_path) == {1: 1.0, 5: 3.0, 7: 3.0}


def test_one_line_tells_a_time_to_a_thousandth_of_a_second(tmp_path: Path, watch: Watch) -> None:
    noted(tmp_path, watch, start=0, took_s={3: 1.23456})
    read = TimesReader().read(tmp_path / TIMES)
    assert read
    assert read.at([3, 4]) == [1.235]


def test_times_that_were_put_back_are_read_anew(tmp_path: Path, watch: Watch) -> None:
    reader = TimesReader()
    noted(tmp_path, watch, start=0, took_s={1: 1.0, 2: 1.0})
    assert reader.read(tmp_path / TIMES).at([1, 2]) == [1.0, 2.0]
    noted(tmp_path, watch, start=1, took_s={2: 5.0, 3: 1.0})
    assert reader.read(tmp_path / TIMES).at([1, 2, 3]) == [1.0, 6.0, 7.0]
