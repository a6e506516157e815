"""How much memory may a new process take here?

What the computer has free, and no more than a container or a batch system grants.

Source: https://docs.kernel.org/admin-guide/cgroup-v2.html (`memory.max`, `memory.current`)
"""

from pathlib import Path

import psutil

CGROUPS = Path("/sys/fs/cgroup")


def available_bytes(cgroups: Path = CGROUPS) -> int:
    """Return how many bytes can still be taken without swapping.

    Args:
        cgroups: where the control group of a container shows its limits.
    """
    free = int(psutil.virtual_memory().available)
    limit, used = _number(cgroups / "memory.max"), _number(cgroups / "memory.current")
    return free if limit is None or used is None else max(0, min(free, limit - used))


def _number(path: Path) -> int | None:
    """Return the number in a file; None where it holds "max", or there is none."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
