"""Looking at other processes, which may end between two questions."""

import psutil


def has_ended(process: psutil.Process) -> bool:
    """Return whether a process is gone, or waits only to be counted out by its parent."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
