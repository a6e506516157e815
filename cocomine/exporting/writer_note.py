"""Who is writing an export into a folder, and how far is it? Told to others who want the same folder."""

import os
import socket
import time
from pathlib import Path

from cocomine.system.files import write_text
from cocomine.system.jobs import Progress, ProgressOf
from cocomine.wording import percent

WRITER = "writer.txt"
TOLD_EVERY_S = 1.0


def told_to_others(part: Path, progress: ProgressOf) -> ProgressOf:
    """Return what also writes down who writes to a folder and how far that is.

    Args:
        part: the hidden folder of the export.
        progress: of the writing.
    """
    return _Writer(part / WRITER, progress).phase


class _Writer:
    """Tells who writes, once a second at most."""

    def __init__(self, path: Path, progress: ProgressOf) -> None:
        self._path, self._progress = path, progress
        self._told_s = float("-inf")

    def phase(self, name: str) -> Progress:
        inner = self._progress(name)

        def tell(done: int, total: int) -> None:
            if (now_s := time.monotonic()) - self._told_s >= TOLD_EVERY_S:
                self._told_s = now_s
                share = percent(done / total if total else 0.0, decimals=0)
                write_text(self._path, f"process {os.getpid()} on {socket.gethostname()}, {name.lower()}: {share}")
            inner(done, total)

        return tell


def writer_words(part: Path) -> str:
    """Return who holds the lock of a hidden folder and how far that one is, in brackets; "" where it is not known."""
    try:
        return f" ({(part / WRITER).read_text(encoding='utf-8')})"
    except (OSError, UnicodeDecodeError):
        return ""
