"""Is anybody at work on a run?

A run's process holds the lock of its folder for life, and its status names the process with the moment it started, as
ids are used again. Where either says that the process lives, nothing may start the run a second time, however long it
has been silent: a closed lid or a stopped process wakes up and goes on writing. Only a process of another computer,
whose lock may not be seen here, is judged by its heartbeat.

A run that claims to be active without a process is *lost*; an active one that is suspended or silent is *asleep*.
"""

import os
import socket
from collections.abc import Mapping
from typing import Any

import psutil

SILENT_AFTER_S = 120.0  # a step of the paper's 32 images takes up to a minute on one busy core
ACTIVE_STATES = ("starting", "preparing", "running", "stopping")
ENDED_STATES = ("stopped", "done", "failed")
_START_TOLERANCE_S = 5.0  # psutil's start times shift when the clock is set


def this_process() -> dict[str, Any]:
    """Return the entries of a status that name the process which writes it."""
    return {"pid": os.getpid(), "started": psutil.Process().create_time(), "host": socket.gethostname()}


def judged_state(status: Mapping[str, Any], *, is_locked: bool | None, now: float) -> str:
    """Return the state of a run: as its status says, or "asleep" or "lost" where that cannot be so.

    Args:
        status: As in `status.json`; may be empty.
        is_locked: Whether a process holds the folder's lock; None where that cannot be told.
        now: Seconds since the epoch, to judge the heartbeat by.
    """
    claimed = str(status.get("state", ""))
    if claimed in ENDED_STATES:
        return claimed
    is_silent = now - float(status.get("heartbeat", 0.0)) >= SILENT_AFTER_S
    process = _process(status)
    if is_locked or process is not None:
        return "asleep" if is_silent or _is_suspended(process) else claimed or "running"
    is_here = status.get("host") == socket.gethostname() or (status.get("host") is None and is_locked is False)
    return "lost" if is_here or is_silent else claimed or "lost"


def _process(status: Mapping[str, Any]) -> psutil.Process | None:
    """Return the living process of this computer that wrote the status, None if there is none."""
    pid, started = status.get("pid"), status.get("started")
    if pid is None or started is None or status.get("host") != socket.gethostname():
        return None
    try:
        process = psutil.Process(pid)
        is_same = abs(process.create_time() - started) < _START_TOLERANCE_S
        return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def _is_suspended(process: psutil.Process | None) -> bool:
    try:
        return process is not None and process.status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False
