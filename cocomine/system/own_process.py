"""How does work go on in a process that outlives the one which started it?

In a session of its own, with a folder through which everything between the two passes. Whoever starts it takes the lock
of the file `lock` in that folder before anything is written there, and hands it to the process, which holds it for
life; the system gives it back when the process has ended, however it ended. So a locked folder has a living process,
even one that is suspended and says nothing, and of two that start the same work at the same moment one wins.

The process signs what it says with its id, the moment it started (ids are used again) and its computer's name, and says
it again from time to time. Where lock or signature show that it lives, it lives, however long it was silent: a closed
lid or a stopped process wakes up and goes on. Only one of another computer, whose lock may not be seen here, is judged
by its heartbeat.
"""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

import psutil

from cocomine.system.locks import try_lock, wait_for_lock
from cocomine.system.subprocesses import with_this_package

LOCK, LOG = "lock", "log.txt"
LOCK_LIMIT_S = 3.0  # a process that is just ending, or a page that is just looking, holds it no longer
_START_TOLERANCE_S = 5.0  # psutil's start times shift when the clock is set
Life = Literal["awake", "asleep", "gone"]
"""Of a process that has not said that it ended: suspended or silent ones are asleep."""


class NoLocksError(OSError):
    """A file system cannot lock files."""


class Signed(Protocol):
    """What a process says of itself, in a record that it replaces again and again."""

    @property
    def heartbeat(self) -> float:
        """When it said it, in seconds since the epoch."""

    @property
    def pid(self) -> int | None:
        """Its id."""

    @property
    def started(self) -> float | None:
        """When it started, in seconds since the epoch."""

    @property
    def host(self) -> str | None:
        """The name of its computer."""


def take_folder_lock(folder: Path) -> BinaryIO | None:
    """Take the lock of a folder, held until the returned file is closed everywhere; None where another has it.

    Raises:
        NoLocksError: its file system has no locks.
        OSError: the folder cannot be written.
    """
    file = (folder / LOCK).open("a+b")
    try:
        is_ours = wait_for_lock(file, limit_s=LOCK_LIMIT_S)
    except OSError as error:
        file.close()
        raise NoLocksError(error.errno, error.strerror) from error
    if not is_ours:
        file.close()
        return None
    return file


def is_locked(folder: Path) -> bool | None:
    """Return whether a process holds the lock of a folder; None where that cannot be told."""
    try:
        with (folder / LOCK).open("rb") as file:
            return not try_lock(file, shared=True)
    except OSError:
        return None


def inherited_lock(descriptor: int) -> BinaryIO:
    """Return the lock that the starting process took and left open for this one; forked children do not hold it."""
    lock = os.fdopen(descriptor, "rb")
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lock.close)  # or one that survives a kill would keep a dead task alive
    return lock


def start_own_process(module: str, folder: Path, lock: BinaryIO) -> None:
    """Start `python -m module FOLDER LOCK`, hand it the lock, and let what it prints go to the folder's log.

    LOCK is the lock's descriptor; Windows cannot hand it on, so there the process gets none and takes the lock anew.
    """
    command = [sys.executable, "-m", module, str(folder.absolute())]
    handed = () if sys.platform == "win32" else (lock.fileno(),)
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            [*command, *map(str, handed)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=handed,
            env=with_this_package(os.environ) | {"PYTHONUNBUFFERED": "1"},
        )
    # Somebody has to take note of its end, or it would stay in the process table as long as the app runs.
    threading.Thread(target=process.wait, daemon=True).start()


def this_process() -> dict[str, Any]:
    """Return the fields by which this process signs: `pid`, `started`, `host`."""
    return {"pid": os.getpid(), "started": psutil.Process().create_time(), "host": socket.gethostname()}


def life_of(signed: Signed, *, is_held: bool | None, silent_after_s: float, now: float) -> Life:
    """Return how a process is that has not said that it ended.

    Args:
        signed: what it said last.
        is_held: whether somebody holds the folder's lock; None where that cannot be told.
        silent_after_s: how long it may say nothing.
        now: seconds since the epoch, to judge the heartbeat by.
    """
    is_silent = now - signed.heartbeat >= silent_after_s
    process = signed_process(signed)
    if is_held or process is not None:
        return "asleep" if is_silent or _is_suspended(process) else "awake"
    is_here = signed.host == socket.gethostname() or (signed.host is None and is_held is False)
    return "gone" if is_here or is_silent else "awake"


def signed_process(signed: Signed) -> psutil.Process | None:
    """Return the living process of this computer that signed, None if there is none."""
    if signed.pid is None or signed.started is None or signed.host != socket.gethostname():
        return None
    try:
        process = psutil.Process(signed.pid)
        is_same = abs(process.create_time() - signed.started) < _START_TOLERANCE_S
        return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def _is_suspended(process: psutil.Process | None) -> bool:
    try:
        return process is not None and process.status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False
