"""Where does a folder go that a person deleted, so that it can come back?

Into a trash folder, renamed, whole and at once. Where one of its name is there already it gets a number, which it loses
again on its way back.
"""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

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


def remove_for_good(folders: Sequence[Path]) -> list[str]:
    """Remove deleted folders from the disk; return a sentence for each that stays, and why."""
    stay = []
    for folder in folders:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            stay.append(f"{folder}: cannot be deleted ({error.strerror}). Delete it in a file manager.")
    return stay
