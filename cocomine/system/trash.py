"""Where does a folder go that a person deleted, so that it can come back?

Into a trash folder, renamed, whole and at once. Where one of its name is there already it gets a number, which it loses
again on its way back.
"""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from cocomine.errors import CocomineError

_NUMBER = re.compile(r"~\d+\Z")


def place_in_trash(trash: Path, name: str) -> Path:
    """Return where a folder of this name can lie in the trash: `cups`, or `cups~2` where that is taken."""
    place, number = trash / name, 2
    while os.path.lexists(place):
        place, number = trash / f"{name}~{number}", number + 1
    return place


def name_before(folder: Path) -> str:
    """Return the name that a folder in the trash had before it was deleted."""
    return _NUMBER.sub("", folder.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What kind of folder is moved.

    Attributes:
        words: such as "a run".
        mark: the file that shows that it is one.
        taken: what to say where there is another one in its place, such as "has this name already. Choose another".
        error: what is raised where it cannot be moved.
        held: gives what holds a folder while it moves, such as its lock.
    """

    words: str
    mark: str
    taken: str
    error: type[CocomineError]
    held: Callable[[Path], AbstractContextManager[object]] = nullcontext


def moved(folder: Path, target: Path, kind: Kind, *, done: str) -> Path:
    """Rename a folder, whole and at once, and return where it is now.

    Args:
        folder: must be of its kind, and no link.
        target: nothing may be there.
        kind: of the folder.
        done: what is done with it, such as "deleted".

    Raises:
        CocomineError: of the kind; it is none of its kind or held, the target is taken, or it cannot be moved there.
    """
    if folder.is_symlink() or not (folder / kind.mark).is_file():
        raise kind.error(
            f"{folder}: is no folder of {kind.words}, so it is not {done}. Name one that holds {kind.mark}."
        )
    if os.path.lexists(target):
        raise kind.error(f"{target}: {kind.taken}")
    try:
        with kind.held(folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)
    except OSError as error:
        raise kind.error(
            f"{folder}: cannot be {done} ({error.strerror}), {target}. Do it in a file manager."
        ) from error
    return target


def remove_for_good(folders: Sequence[Path]) -> list[str]:
    """Remove deleted folders from the disk; return a sentence for each that stays, and why."""
    stay = []
    for folder in folders:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            stay.append(f"{folder}: cannot be deleted ({error.strerror}). Delete it in a file manager.")
    return stay
