"""A report counts phases, paces and the time left, and is where work pauses and ends."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cocomine.background.records import CANCEL, PAUSE, STATUS, Status, record_in
from cocomine.background.reporting import AskedToEnd, Report
from cocomine.system.jobs import JobCancelled


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def report(tmp_path: Path, clock: Clock) -> Report:
    return Report(tmp_path, clock=clock)


@pytest.fixture
def told(tmp_path: Path, report: Report) -> Callable[[], Status]:
    """What stands in the folder after one more writing."""

    def now() -> Status:
        report._write()
        status = record_in(tmp_path / STATUS, Status)
        assert status is not None
        return status

    return now


def test_phases_count_as_much_of_the_whole_as_they_weigh(report: Report, told: Callable[[], Status]) -> None:
    report.plan({"one": 1.0, "three": 3.0})
    report.phase("one")(1, 2)
    assert told().share == 0.125
    report.phase("three")(1, 2)
    status = told()
    assert (status.phase, status.done, status.total, status.share) == (1, 1, 2, 0.625)


def test_a_phase_that_was_not_planned_is_the_last_one(report: Report, told: Callable[[], Status]) -> None:
    report.plan({"one": 1.0})
    report.phase("another")(1, 2)
    status = told()
    assert (status.phases, status.share) == (("one", "another"), 0.75)


def test_pace_and_time_left_follow_from_what_was_counted(
    report: Report, clock: Clock, told: Callable[[], Status]
) -> None:
    report.plan({"one": 1.0, "two": 1.0})
    progress = report.phase("one")
    for done in range(5):
        progress(done, 8)
        report.count_bytes(1000 * done, 8000)
        clock.now_s += 1
    clock.now_s -= 1
    status = told()
    assert (status.per_s, status.bytes_per_s, status.bytes_done, status.bytes_total) == (1.0, 1000.0, 4000, 8000)
    assert status.left_s == pytest.approx(12.0)  # a quarter of the whole took four seconds


def test_a_pause_counts_neither_for_the_pace_nor_for_the_time_left(
    report: Report, clock: Clock, tmp_path: Path, told: Callable[[], Status]
) -> None:
    report.plan({"one": 1.0})
    progress = report.phase("one")
    for done in range(5):
        progress(done, 8)
        clock.now_s += 1
    (tmp_path / PAUSE).touch()
    working = threading.Thread(target=progress, args=(5, 8))
    working.start()
    while told().state != "paused":
        pass
    clock.now_s += 1000
    assert told().per_s == 1.0
    (tmp_path / PAUSE).unlink()
    working.join(60)
    status = told()
    assert status.state == "running"
    assert status.per_s == 1.0
    assert status.left_s == pytest.approx(3.0)


def test_cancelled_work_ends_at_its_next_report(report: Report, tmp_path: Path) -> None:
    progress = report.phase("one")
    (tmp_path / CANCEL).touch()
    report._looked_at = float("-inf")  # some time has passed
    with pytest.raises(JobCancelled):
        progress(1, 2)


def test_control_files_are_not_looked_for_at_every_report(report: Report, tmp_path: Path, clock: Clock) -> None:
    progress = report.phase("one")
    (tmp_path / CANCEL).touch()
    progress(1, 2)
    clock.now_s += 1
    with pytest.raises(JobCancelled):
        progress(2, 2)


def test_work_that_the_system_ends_is_told_apart_from_cancelled_work(report: Report) -> None:
    progress = report.phase("one")
    report.ask_to_end("SIGTERM")
    with pytest.raises(AskedToEnd, match="SIGTERM"):
        progress(1, 2)


def test_what_the_work_expects_stands_until_it_expects_something_else(
    report: Report, clock: Clock, told: Callable[[], Status]
) -> None:
    progress = report.phase("Training")
    report.expect(60.0)
    for done in range(4):
        progress(done, 1000)
        clock.now_s += 1
    assert told().left_s == pytest.approx(56.0)  # and not what the pace of four seconds says
    report.expect(100.0)
    assert told().left_s == pytest.approx(100.0)
    clock.now_s += 1000
    assert told().left_s == 0
    report.end("done", "")
    assert told().left_s is None


def test_the_last_word_has_no_pace_and_a_whole_share(report: Report, tmp_path: Path, clock: Clock) -> None:
    progress = report.phase("one")
    for done in range(5):
        progress(done, 8)
        clock.now_s += 1
    report.end("done", "Fine.")
    status = record_in(tmp_path / STATUS, Status)
    assert status is not None
    assert (status.state, status.share, status.message) == ("done", 1.0, "Fine.")
    assert (status.per_s, status.left_s) == (None, None)
    assert status.ended
