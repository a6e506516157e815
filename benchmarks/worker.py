"""A process of its own for one side, so that neither's memory or imports weigh on the other.

`python -m benchmarks.worker MODULE:CLASS JOB [CORES]` makes the side, then runs
one method for each line it reads and answers each with one line, a `Sample`.
Starting Python and importing are never timed. With CORES it, and what it
starts, may use so many only.
"""

import io
import os
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

import msgspec

from benchmarks.job import Job

STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one piece of work took.

    Attributes:
        cpu_s: processor time of all threads, and of processes it started and waited for.
        peak_bytes: largest resident memory of the process since its start; mapped pages of files count.
        outcome: what it returned, to compare the two sides.
    """

    cpu_s: float
    wall_s: float
    peak_bytes: int
    outcome: Any = None


def measured(work: Callable[[], Any]) -> Sample:
    """Run a piece of work and return what it took."""
    cpu_s, start = _cpu_s(), time.perf_counter()
    outcome = work()
    wall_s = time.perf_counter() - start
    return Sample(cpu_s=_cpu_s() - cpu_s, wall_s=wall_s, peak_bytes=_peak_bytes(), outcome=outcome)


def _cpu_s() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def _peak_bytes() -> int:
    """Return the high-water mark; Linux hands `ru_maxrss` down from the process that started this one."""
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(place: str, job: str, cores: str = "") -> None:
    """Answer until the input ends."""
    if cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
    module, _, name = place.partition(":")
    answers = sys.stdout
    with redirect_stdout(io.StringIO()):  # pycocotools tells what it does
        side = getattr(import_module(module), name)(msgspec.json.decode(job, type=Job))
        for line in sys.stdin:
            answer = msgspec.json.encode(measured(getattr(side, line.strip())))
            print(answer.decode(), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
