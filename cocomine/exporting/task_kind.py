"""By what is a task known that writes an export? What every page asks, without what writing takes."""

import os
from pathlib import Path

KIND = "export"


def target_of(folder: Path) -> str:
    """Return by what an export's folder is known, whatever links lead to it."""
    return os.path.realpath(folder)
