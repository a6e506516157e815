"""Results that were checked by reading and are recorded as text, so that a change of any of them is seen.

`COCOMINE_RECORD=1 .venv/bin/python -m pytest FILE` records those of a test file anew. What changes is read in the
diff before it is committed: a recorded result is what is right for its input, not what the code happens to give.
"""

import difflib
import os
from pathlib import Path

from places import REPOSITORY

MOST_LINES = 60
"""Lines of a difference that are shown."""


def check(path: Path, text: str) -> None:
    """Compare a result with the one recorded at `path`, or record it where `COCOMINE_RECORD` is set.

    Raises:
        AssertionError: they differ, or nothing is recorded; it shows the lines that differ.
    """
    if os.environ.get("COCOMINE_RECORD"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    recorded = path.read_bytes().decode() if path.is_file() else None
    if recorded == text:
        return
    lines = list(difflib.unified_diff(_lines(recorded or ""), _lines(text), "recorded", "now", lineterm="", n=1))
    more = [f"... and {len(lines) - MOST_LINES:,} lines more"] if len(lines) > MOST_LINES else []
    place = path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path
    raise AssertionError(
        "\n".join(
            [
                f"{place} differs. If this is meant, run the test with COCOMINE_RECORD=1, and read the diff.",
                *lines[:MOST_LINES],
                *more,
            ]
        )
    )


def _lines(text: str) -> list[str]:
    """Return the lines, each by its characters where they differ in what cannot be seen: ends of lines stand as \\r."""
    return text.replace("\r", "\\r").split("\n")
