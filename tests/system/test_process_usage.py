"""What a process takes is that of the process that signed, and of no other that has its number now."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from cocomine.system.own_process import this_process
from cocomine.system.process_usage import ProcessUsage, start_of, usage_of
from cocomine.training.runs.records import Status

OWN = Status(state="running", **this_process())


def usage(at: float, cpu_s: float) -> ProcessUsage:
    return ProcessUsage(at=at, cpu_s=cpu_s, memory_bytes=0, thread_count=1)


def test_busy_cores_are_processor_time_over_time() -> None:
    assert usage(12.0, 9.0).cores_since(usage(10.0, 6.0)) == 1.5
    assert usage(10.0, 9.0).cores_since(usage(10.0, 6.0)) is None
    assert usage(12.0, 5.0).cores_since(usage(10.0, 6.0)) == 0.0


def test_this_process_takes_memory_time_and_a_thread() -> None:
    taken, start = usage_of(OWN), start_of(OWN)
    assert taken is not None
    assert start is not None
    assert taken.memory_bytes > 1_000_000
    assert taken.thread_count >= 1
    assert taken.cpu_s > 0
    cores = taken.cores_since(start)
    assert cores is not None
    assert cores > 0


@pytest.mark.parametrize(
    "change",
    [
        lambda: replace(OWN, pid=2**31 - 1),
        lambda: replace(OWN, started=1.0),
        lambda: replace(OWN, host="elsewhere"),
        lambda: replace(OWN, pid=None),
    ],
)
def test_another_process_is_not_taken_for_it(change: Callable[[], Status]) -> None:
    assert usage_of(change()) is None
