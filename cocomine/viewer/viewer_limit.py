"""How many viewers may there be at once?

A viewer takes hundreds of megabytes, so a workspace has a number of slots, one for each viewer, whichever server
started it. A slot is a file that the viewer's process holds locked; the kernel lets go of it however the process ends.
`COCOMINE_VIEWERS` sets how many there are; 0 switches the viewer off. Without it there are as many as the free memory
allows, and no more than `MOST_VIEWERS`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import psutil

from cocomine.errors import ViewerError
from cocomine.system.locks import try_lock
from cocomine.viewer.mongod import ELSEWHERE

SETTING = "COCOMINE_VIEWERS"
MOST_VIEWERS = 6
NEEDED_MB = 500
"""Of free memory, for a viewer and its share in the database, measured with 500 images shown."""


def viewer_limit(environment: Mapping[str, str] = os.environ) -> int | None:
    """Return how many viewers `COCOMINE_VIEWERS` allows; None where it is not set.

    Raises:
        ViewerError: it is no whole number.
    """
    text = environment.get(SETTING, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ViewerError(
            f"{SETTING} is “{text}”, which is no number of viewers. Set it to a whole number, to 0 for no viewer, or "
            f"unset it. {ELSEWHERE}"
        )
    return int(text)


def acquire_slot(folder: Path, limit: int | None, *, free_mb: float | None = None) -> TextIO:
    """Take one of the workspace's slots and return its open file: the slot is in use for as long as that is open.

    Args:
        folder: of the slots' files; it is created.
        limit: how many slots there are, or None for what memory allows.
        free_mb: memory that can be had; by default this computer's, now.

    Raises:
        ViewerError: all slots are in use, there are none, or there is too little memory.
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
        slot = (folder / f"{number}.lock").open("a")
        if try_lock(slot):
            return slot
        slot.close()
    raise ViewerError(
        f"All {count} image viewers of this workspace are in use. Close another tab with CocoMine and try again, or "
        f"start CocoMine with {SETTING} set to a greater number. {ELSEWHERE}"
    )
