"""Which process may write to a run's folder?

The one that holds the lock of the file `lock` in it. Whoever starts a run takes the lock before anything is looked at
or written, and hands it to the run's process, which holds it for life; the system gives it back when that process has
ended, however it ended. So a locked folder has a living process even if it is suspended and says nothing, and of two
that start the same run at the same moment one wins.

The lock is advisory (`flock`; one byte of the file on Windows). A file system without locks is refused: nothing else
would keep a second process, perhaps on another computer, from the same files.
"""

import os
import time
from pathlib import Path
from typing import BinaryIO

from cocomine.errors import TrainingError
from cocomine.system.files import took_lock

LOCK = "lock"
LOCK_LIMIT_S = 3.0  # a process that is just ending, or a page that is just looking, holds it no longer
_LOCK_PAUSE_S = 0.02


def take_lock(folder: Path) -> BinaryIO:
    """Take the lock of a run's folder; it is held until the returned file is closed everywhere.

    Raises:
        TrainingError: Another process holds it, or the file system has no locks.
        OSError: The folder cannot be written.
    """
    file = (folder / LOCK).open("a+b")
    until = time.monotonic() + LOCK_LIMIT_S
    while not _locked(file, folder):
        if time.monotonic() > until:
            file.close()
            raise TrainingError(
                f"{folder}: another process is at work on this run and holds its lock. Follow that one, stop it "
                "first, or choose another folder."
            )
        time.sleep(_LOCK_PAUSE_S)
    return file


def is_locked(folder: Path) -> bool | None:
    """Return whether a process holds the lock of a run's folder; None where that cannot be told."""
    try:
        with (folder / LOCK).open("rb") as file:
            return not took_lock(file, shared=True)
    except OSError:
        return None


def _locked(file: BinaryIO, folder: Path) -> bool:
    try:
        return took_lock(file)
    except OSError as error:
        file.close()
        raise TrainingError(
            f"{folder}: its file system cannot lock files ({error.strerror}), so nothing would keep a second process "
            "from the same run. Choose a folder on a local disk (--run DIR; for the app, set COCOMINE_HOME)."
        ) from error


def inherited_lock(descriptor: int) -> BinaryIO:
    """Return the lock that the starting process took and left open for this one."""
    return os.fdopen(descriptor, "rb")
