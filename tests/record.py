"""Writes down anew what exports and labels are, where a change of them is meant: `python tests/record.py`."""

import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS.parent), str(TESTS / "support")]


def main() -> None:
    """Record the exports of every recipe."""
    from recorded_exports import RECIPES, recorded_export
    from recordings import recorded_text

    folder = TESTS / "exporting" / "recorded"
    for old in folder.glob("*.txt"):
        old.unlink()
    with tempfile.TemporaryDirectory() as made:
        for name in RECIPES:
            text = recorded_text(recorded_export(name, Path(made)))
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
