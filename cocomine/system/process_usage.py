"""How much of the computer does a process take that goes on beside the app?"""

import time
from dataclasses import dataclass

import psutil

from cocomine.system.own_process import Signed, signed_process


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUsage:
    """What a process and its children took up to a moment.

    Attributes:
        at: that moment, in seconds since the epoch.
        cpu_s: processor time since their start.
        memory_bytes: resident now; what they share counts in each.
        thread_count: of all of them.
    """

    at: float
    cpu_s: float
    memory_bytes: int
    thread_count: int

    def cores_since(self, before: "ProcessUsage") -> float | None:
        """Return how many cores were busy on average since an earlier moment; None where that is not earlier."""
        passed_s = self.at - before.at
        return max(0.0, self.cpu_s - before.cpu_s) / passed_s if passed_s > 0 else None


def usage_of(signed: Signed) -> ProcessUsage | None:
    """Return what the process that signed takes now; None where it is gone or on another computer."""
    process = signed_process(signed)
    if process is None:
        return None
    try:
        family = [process, *process.children(recursive=True)]
        times = [each.cpu_times() for each in family]
        return ProcessUsage(
            at=time.time(),
            cpu_s=sum(each.user + each.system for each in times),
            memory_bytes=sum(each.memory_info().rss for each in family),
            thread_count=sum(each.num_threads() for each in family),
        )
    except psutil.Error:  # it, or a child of it, ended meanwhile
        return None


def start_of(signed: Signed) -> ProcessUsage | None:
    """Return the moment at which the process that signed had taken nothing yet."""
    return (
        None if signed.started is None else ProcessUsage(at=signed.started, cpu_s=0.0, memory_bytes=0, thread_count=0)
    )
