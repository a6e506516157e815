"""How is a run given another name, or deleted so that one wrong click loses nothing?

A deleted run is renamed into the trash of the workspace, whole and at once, and comes back from there. Nothing moves
while a process is at work on it: whoever moves a run holds its lock.
"""

import os
import re
from pathlib import Path

from cocomine.errors import TrainingError
from cocomine.system.folders import folder_names
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import CONFIG

TRASHED_RUNS = "runs"
"""The folder in the trash of the workspace where runs are."""
_NAME = re.compile(r"[^\s/\\:*?\"<>|.][^/\\:*?\"<>|]{0,99}")
_COPY = re.compile(r"~\d+\Z")  # after the name of a folder in the trash, where there is one of that name already


def run_size_bytes(folder: Path) -> int:
    """Return how much room the files of a run take."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def rename_run(folder: Path, name: str) -> Path:
    """Give a run another name in its place, and return its folder.

    Raises:
        TrainingError: It is no run or at work, or the name is taken or cannot be one.
    """
    if not _NAME.fullmatch(name):
        raise TrainingError(f"{name!r} cannot be the name of a run. Use letters, digits, spaces, - and _.")
    return _moved(folder, folder.with_name(name), "renamed")


def delete_run(folder: Path, trash: Path) -> Path:
    """Move a run into the trash, and return where it is now.

    Raises:
        TrainingError: It is no run, a link, at work, or on another disk than the trash.
    """
    target = trash / TRASHED_RUNS / folder.name
    taken = folder_names(target.parent) if target.parent.is_dir() else ()
    number = 2
    while target.name in taken:
        target, number = target.with_name(f"{folder.name}~{number}"), number + 1
    return _moved(folder, target, "moved to the trash")


def restore_run(folder: Path, runs: Path) -> Path:
    """Move a run back out of the trash, and return where it is now.

    Raises:
        TrainingError: It is not there, or another run has its name now.
    """
    return _moved(folder, runs / _COPY.sub("", folder.name), "restored")


def deleted_runs(trash: Path) -> list[Path]:
    """Return the runs in the trash, by name."""
    found = (trash / TRASHED_RUNS).glob(f"*/{CONFIG}")
    return sorted(path.parent for path in found)


def _moved(folder: Path, target: Path, done: str) -> Path:
    if folder.is_symlink() or not (folder / CONFIG).is_file():
        raise TrainingError(f"{folder}: is no folder of a run, so it is not {done}. Name one that holds {CONFIG}.")
    if os.path.lexists(target):
        raise TrainingError(f"{target}: has this name already. Choose another, or move that one away first.")
    try:
        with take_lock(folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)
    except OSError as error:
        raise TrainingError(
            f"{folder}: cannot be {done} ({error.strerror}), {target}. Do it in a file manager."
        ) from error
    return target
