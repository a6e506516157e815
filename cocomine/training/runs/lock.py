"""Which process may write to a run's folder?

The one that holds its lock, see `cocomine.system.own_process`. A file system without locks is refused: nothing else
would keep a second process, perhaps on another computer, from the same files.
"""

from pathlib import Path
from typing import BinaryIO

from cocomine.errors import TrainingError
from cocomine.system.own_process import NoLocksError, take_folder_lock


def take_lock(folder: Path) -> BinaryIO:
    """Take the lock of a run's folder; it is held until the returned file is closed everywhere.

    Raises:
        TrainingError: Another process holds it, or the file system has no locks.
        OSError: The folder cannot be written.
    """
    try:
        file = take_folder_lock(folder)
    except NoLocksError as error:
        raise TrainingError(
            f"{folder}: its file system cannot lock files ({error.strerror}), so nothing would keep a second process "
            "from the same run. Choose a folder on a local disk (--run DIR; for the app, set COCOMINE_HOME)."
        ) from error
    if file is None:
        raise TrainingError(
            f"{folder}: another process is at work on this run and holds its lock. Follow that one, stop it "
            "first, or choose another folder."
        )
    return file
