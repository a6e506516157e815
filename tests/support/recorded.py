"""Results that were checked by reading and are recorded as text, so that a change of any of them is seen.

`COCOMINE_RECORD=1 .venv/bin/python -m pytest FILE` records those of a test file anew. What changes is read in the
diff before it is committed: a recorded result is what is right for its input, not what the code happens to give.
"""

import dataclasses
import difflib
import json
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from places import REPOSITORY

LINE_WIDTH = 120
PIECE, HEAD = re.compile(r"@@ -(\d+)"), "=== "
MOST_LINES = 60
"""Lines of a difference that are shown."""


NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b")


def check(path: Path, text: str, *, within: float = 0.0) -> None:
    """Compare a result with the one recorded at `path`, or record it where `COCOMINE_RECORD` is set.

    Args:
        within: share of a number by which it may differ, as results of PyTorch do on other processors.

    Raises:
        AssertionError: they differ, or nothing is recorded; it shows the lines that differ.
    """
    if os.environ.get("COCOMINE_RECORD"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    recorded = path.read_bytes().decode() if path.is_file() else None
    if recorded == text or (within and recorded is not None and _alike(recorded, text, within)):
        return
    lines = list(difflib.unified_diff(_lines(recorded or ""), _lines(text), "recorded", "now", lineterm="", n=1))
    more = [f"... and {len(lines) - MOST_LINES:,} lines more"] if len(lines) > MOST_LINES else []
    place = path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path
    raise AssertionError(
        "\n".join(
            [
                f"{place} differs. If this is meant, run the test with COCOMINE_RECORD=1, and read the diff.",
                *_placed(lines[:MOST_LINES], _lines(recorded or "")),
                *more,
            ]
        )
    )


def _placed(difference: list[str], recorded: list[str]) -> list[str]:
    """Return a difference whose pieces say below which line with "=== " they are."""
    heads, lines = [line for line in recorded if line.startswith(HEAD)], []
    if not heads:
        return difference
    for line in difference:
        found = PIECE.match(line)
        above = recorded[: int(found[1])] if found else []
        lines.append(" ".join([line, *[each for each in above if each.startswith(HEAD)][-1:]]))
    return lines


def _alike(one: str, other: str, within: float) -> bool:
    first, second = ([float(number) for number in NUMBER.findall(text)] for text in (one, other))
    return NUMBER.sub("#", one) == NUMBER.sub("#", other) and np.allclose(first, second, rtol=within, atol=within / 1e3)


def _lines(text: str) -> list[str]:
    """Return the lines, each by its characters where they differ in what cannot be seen: ends of lines stand as \\r."""
    return text.replace("\r", "\\r").split("\n")


def written(value: Any, digits: int = 6) -> str:
    """Return any result as JSON that can be read: each thing that fits a line stands in one.

    Records are written with the names of their fields, sets in order, numbers to so many significant digits.
    """
    return _block(_plain(value, digits), 0) + "\n"


def _plain(value: Any, digits: int) -> Any:
    plain: Any
    match value:
        case bool() | None | int():
            plain = value
        case float():
            plain = _number(value, digits)
        case np.generic() | np.ndarray():
            plain = _plain(value.tolist(), digits)
        case str():
            plain = str(value)
        case Mapping():
            plain = {str(key): _plain(each, digits) for key, each in value.items()}
        case set() | frozenset():
            plain = sorted(_plain(each, digits) for each in value)
        case list() | tuple():
            plain = [_plain(each, digits) for each in value]
        case _ if dataclasses.is_dataclass(value):
            plain = {each.name: _plain(getattr(value, each.name), digits) for each in dataclasses.fields(value)}
        case _:
            raise TypeError(f"{type(value)} cannot be written")
    return plain


def _number(value: float, digits: int) -> float | int | str:
    """Return a number as it is compared: whole ones stay whole, and rounding does not tell 0 from -0."""
    if not math.isfinite(value):
        return str(value)
    return float(f"{value:.{digits}g}") + 0.0


def _block(value: Any, depth: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + 2 * depth <= LINE_WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {_block(each, depth + 1)}" for key, each in value.items()]
    else:
        lines = [_block(each, depth + 1) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + "\n" + ",\n".join(inner + line for line in lines) + "\n" + outer + closing
