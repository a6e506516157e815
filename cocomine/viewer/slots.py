"""How many viewers may there be at once?

A viewer takes hundreds of megabytes, so a workspace has a number of places, one for each viewer, whichever server
started it. A place is a file that the viewer's process holds locked; the kernel lets go of it however the process ends.
`COCOMINE_VIEWERS` says how many there are; 0 switches the viewer off. Without it there are as many as the free memory
allows, and no more than `MOST_VIEWERS`.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import psutil

from cocomine.errors import ViewerError
from cocomine.viewer.mongod import ELSEWHERE

if sys.platform != "win32":  # see cocomine.viewer.mongod
    import fcntl

SETTING = "COCOMINE_VIEWERS"
MOST_VIEWERS = 6
NEEDED_MB = 500
"""Of free memory, for a viewer and its share in the database, measured with 500 images shown."""


def viewer_limit(environment: Mapping[str, str] = os.environ) -> int | None:
    """Return how many viewers `COCOMINE_VIEWERS` allows; None where it says nothing.

    Raises:
        ViewerError: it is no whole number.
    """
    given = environment.get(SETTING, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit()):
        raise ViewerError(
            f"{SETTING} is “{given}”, which is no number of viewers. Set it to a whole number, to 0 for no viewer, or "
            f"unset it. {ELSEWHERE}"
        )
    return int(given)


def is_switched_off(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether `COCOMINE_VIEWERS` allows no viewer at all."""
    try:
        return viewer_limit(environment) == 0
    except ViewerError:
        return False  # the viewer tells what is wrong with it


def taken_place(folder: Path, limit: int | None, *, free_mb: float | None = None) -> TextIO:
    """Take one of the workspace's places and return its open file: the place is taken for as long as that is.

    Args:
        folder: of the place's files; it is made.
        limit: how many places there are, or None for what memory allows.
        free_mb: memory that can be had; by default this computer's, now.

    Raises:
        ViewerError: all places are taken, there are none, or there is too little memory.
    """
    if limit == 0:
        raise ViewerError(
            f"The image viewer is switched off ({SETTING}=0). To switch it on, unset {SETTING} and start CocoMine "
            f"again. {ELSEWHERE}"
        )
    free = psutil.virtual_memory().available / 1e6 if free_mb is None else free_mb
    if limit is None and free < NEEDED_MB:
        raise ViewerError(
            f"An image viewer needs about {NEEDED_MB} MB of memory and {free:.0f} MB are free. Close other programs or "
            f"other tabs with CocoMine, then try again. {ELSEWHERE}"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    count = MOST_VIEWERS if limit is None else limit
    for number in range(count):
        place = (folder / f"{number}.lock").open("a")
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            place.close()
        else:
            return place
    raise ViewerError(
        f"All {count} image viewers of this workspace are in use. Close another tab with CocoMine and try again, or "
        f"start CocoMine with {SETTING} set to a greater number. {ELSEWHERE}"
    )
