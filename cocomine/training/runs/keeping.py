"""How is a run given another name, or deleted so that one wrong click loses nothing?

A deleted run is renamed into another folder of the workspace, whole and at once, and comes back from there until it is
removed for good. Nothing moves while a process is at work on it: whoever moves a run holds its lock.
"""

import re
from pathlib import Path

from cocomine.errors import TrainingError
from cocomine.system.trash import Kind, moved, name_before, place_in_trash
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import CONFIG

_KIND = Kind(
    words="a run",
    mark=CONFIG,
    taken="has this name already. Choose another, or move that one away first.",
    error=TrainingError,
    held=take_lock,
)
_NAME = re.compile(r"[^\s/\\:*?\"<>|.][^/\\:*?\"<>|]{0,99}")


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
    return moved(folder, folder.with_name(name), _KIND, done="renamed")


def delete_run(folder: Path, deleted: Path) -> Path:
    """Move a run among the deleted ones, and return where it is now.

    Args:
        folder: Of the run.
        deleted: `Workspace.deleted_runs`.

    Raises:
        TrainingError: It is no run, a link, at work, or on another disk than the deleted ones.
    """
    return moved(folder, place_in_trash(deleted, folder.name), _KIND, done="moved to the trash")


def restore_run(folder: Path, runs: Path) -> Path:
    """Move a deleted run back, and return where it is now.

    Raises:
        TrainingError: It is not there, or another run has its name now.
    """
    return moved(folder, runs / name_before(folder), _KIND, done="restored")


def deleted_runs(deleted: Path) -> list[Path]:
    """Return the deleted runs, by name."""
    return sorted(path.parent for path in deleted.glob(f"*/{CONFIG}"))
