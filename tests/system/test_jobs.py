"""Work beside the pages ends with its result, its error, or because somebody cancelled it."""

import threading

import pytest

from cocomine.system.jobs import Job, JobCancelled, Progress

WAIT_S = 10.0


def ended(job: Job[int]) -> Job[int]:
    assert job.wait(WAIT_S)
    return job


def test_a_job_ends_with_what_the_work_returns() -> None:
    job = ended(Job(lambda _: 42))
    assert (job.state, job.result()) == ("done", 42)


def test_a_job_tells_how_far_it_is() -> None:
    seen, go_on = threading.Event(), threading.Event()

    def work(progress: Progress) -> int:
        progress(1, 4)
        seen.set()
        assert go_on.wait(WAIT_S)
        return 1

    job = Job(work)
    assert seen.wait(WAIT_S)
    assert (job.state, job.share) == ("running", 0.25)
    go_on.set()
    assert ended(job).state == "done"


def test_a_job_without_a_report_has_no_share_and_no_time_left() -> None:
    job = ended(Job(lambda _: 1))
    assert (job.share, job.left_s) == (0.0, None)


def test_the_error_of_the_work_is_raised_where_its_result_is_asked_for() -> None:
    def work(_: Progress) -> int:
        raise ValueError("broken")

    job = ended(Job(work))
    assert job.state == "failed"
    with pytest.raises(ValueError, match="broken"):
        job.result()


def test_a_cancelled_job_ends_at_its_next_report() -> None:
    cancelled = threading.Event()

    def work(progress: Progress) -> int:
        progress(0, 2)
        assert cancelled.wait(WAIT_S)
        progress(1, 2)
        return 1

    job = Job(work)
    job.cancel()
    cancelled.set()
    assert ended(job).state == "cancelled"
    with pytest.raises(JobCancelled):
        job.result()


def test_a_job_cancelled_while_it_still_waits_does_nothing() -> None:
    done: list[int] = []

    def work(_: Progress) -> int:
        done.append(1)
        return 1

    job = Job(work, delay_s=WAIT_S)
    job.cancel()
    assert ended(job).state == "cancelled"
    assert done == []
