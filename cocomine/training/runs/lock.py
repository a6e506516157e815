"""Which process may write to a run's folder?

The one that holds the lock of the file `lock` in it. Whoever starts a run takes the lock before anything is looked at
or written, and hands it to the run's process, which holds it for life; the system gives it back when that process has
ended, however it ended. So a locked folder has a living process even if it is suspended and says nothing, and of two
that start the same run at the same moment one wins.

A file system without locks is refused: nothing else
would keep a second process, perhaps on another computer, from the same files.
"""

import os
from pathlib import Path
from typing import BinaryIO

from cocomine.errors import TrainingError
from cocomine.system.locks import try_lock, wait_for_lock

LOCK = "lock"
LOCK_LIMIT_S = 3.0  # a process that is just ending, or a page that is just looking, holds it no longer


def take_lock(folder: Path) -> BinaryIO:
    """Take the lock of a run's folder; it is held until the returned file is closed everywhere.

    Raises:
        TrainingError: Another process holds it, or the file system has no locks.
        OSError: The folder cannot be written.
    """
    file = (folder / LOCK).open("a+b")
    try:
        is_ours = wait_for_lock(file, limit_s=LOCK_LIMIT_S)
    except OSError as error:
        file.close()
        raise TrainingError(
            f"{folder}: its file system cannot lock files ({error.strerror}), so nothing would keep a second process "
            "from the same run. Choose a folder on a local disk (--run DIR; for the app, set COCOMINE_HOME)."
        ) from error
    if not is_ours:
        file.close()
        raise TrainingError(
            f"{folder}: another process is at work on this run and holds its lock. Follow that one, stop it "
            "first, or choose another folder."
        )
    return file


def is_locked(folder: Path) -> bool | None:
    """Return whether a process holds the lock of a run's folder; None where that cannot be told."""
    try:
        with (folder / LOCK).open("rb") as file:
            return not try_lock(file, shared=True)
    except OSError:
        return None


def inherited_lock(descriptor: int) -> BinaryIO:
    """Return the lock that the starting process took and left open for this one."""
    return os.fdopen(descriptor, "rb")
