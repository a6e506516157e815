"""How many processor cores may this process use?

Not how many the computer has: a container or a batch system may grant fewer, and threads beyond these only wait for
each other.

Sources: sched_getaffinity(2); https://docs.kernel.org/admin-guide/cgroup-v2.html (`cpu.max`);
https://docs.kernel.org/scheduler/sched-bwc.html (`cpu.cfs_quota_us`, the same of version 1)
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")
THREADS = "OMP_NUM_THREADS"
"""The variable by which a person, or a batch system, says how many threads a process is to compute with."""


def usable_cores() -> int:
    """Return the number of cores, at least 1."""
    granted = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = min(_quotas(OWN_CGROUPS, CGROUPS), default=float(granted))
    return max(1, min(granted, math.ceil(quota)))


def computing_threads() -> int:
    """Return how many threads PyTorch is to compute with: as many as `OMP_NUM_THREADS` says, at most `usable_cores`.

    PyTorch by itself takes as many threads as the computer has cores, however few are granted.
    """
    said = os.environ.get(THREADS, "").split(",")[0].strip()  # further numbers are for parallel regions in others
    most = usable_cores()
    return max(1, min(int(said), most)) if said.isdecimal() else most


def _quotas(own: Path, root: Path) -> Iterator[float]:
    """Yield the cores that each control group above this process grants it, where it grants a number."""
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return  # not Linux
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = root / "cpu" if controllers else root
        parts = Path(path.lstrip("/")).parts
        for depth in range(len(parts) + 1):
            yield from _quota(top.joinpath(*parts[:depth]))


def _quota(folder: Path) -> Iterator[float]:
    """Yield the cores that one control group grants, of either version; nothing where it has no limit."""
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        try:
            quota, period = " ".join((folder / name).read_text(encoding="utf-8") for name in names).split()
        except (OSError, ValueError):
            continue
        if quota.isdigit() and period.isdigit() and int(period):  # else "max" or -1, no limit
            yield int(quota) / int(period)
