"""Results with many parts as one text of sections, in a form that people read: files, maps, documents."""

import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Sections = dict[str, str]
"""What was recorded, by what it is of: the path of a file, or words."""
HEAD = re.compile(r"^=== (.+)$\n", re.MULTILINE)
NO_BREAK = "\n(no line break)\n"
WIDEST_DRAWN = 48
SIGNS = ".123456789abcdefghijklmnopqrstuvwxyz"
VOID = 255


def recorded_text(sections: Mapping[str, str]) -> str:
    """Return sections as one text; what does not end with a line break says so."""
    ends = ("" if text.endswith("\n") else NO_BREAK for text in sections.values())
    return "".join(f"=== {name}\n{text}{end}" for (name, text), end in zip(sections.items(), ends, strict=True))


def without_repetition(sections: Mapping[str, str]) -> Sections:
    """Return sections of which one that is like an earlier one only says so."""
    first: dict[str, str] = {}
    for name, text in sections.items():
        first.setdefault(text, name)
    return {name: text if first[text] == name else f"(as {first[text]})\n" for name, text in sections.items()}


def sections_in(text: str) -> Sections:
    """Return the sections that `recorded_text` made a text of."""
    _, *found = HEAD.split(text)
    return {name: body.removesuffix(NO_BREAK) for name, body in zip(found[::2], found[1::2], strict=True)}


def nearly_as(recorded: str, text: str, names: Sequence[str]) -> str:
    """Return a text in which some sections are as recorded where each of their numbers is, give or take two."""
    before, after = sections_in(recorded), sections_in(text)
    for name in names:
        if name in before and name in after and _is_near(before[name], after[name]):
            after[name] = before[name]
    return recorded_text(after)


def _is_near(before: str, after: str) -> bool:
    if re.sub(r"\d+", "#", before) != re.sub(r"\d+", "#", after):
        return False
    pairs = zip(re.findall(r"\d+", before), re.findall(r"\d+", after), strict=True)
    return all(abs(int(one) - int(other)) <= 2 for one, other in pairs)


def json_lines(text: str) -> str:
    """Return a JSON document of one line with a break before each record of its lists, so that a change is seen."""
    return text.replace('},{"', '},\n{"').replace('}, {"', '}, \n{"').replace('[{"', '[\n{"')


def drawn_map(values: NDArray[np.uint8]) -> str:
    """Return a map, (height, width), as one sign for each pixel, or runs of values where it is wide.

    0 is a dot, 255 is #; equal rows stand once, with how many there are.
    """
    rows = [(_signs if values.shape[1] <= WIDEST_DRAWN else _runs)(row.tolist()) for row in values]
    lines = [(row, len([*alike])) for row, alike in groupby(rows)]
    return "".join(f"{count:3} x {row}\n" for row, count in lines)


def _signs(row: list[int]) -> str:
    return "".join("#" if value == VOID else SIGNS[value] for value in row)


def _runs(row: list[int]) -> str:
    return " ".join(f"{value}*{len([*alike])}" for value, alike in groupby(row))


def drawn_png(data: bytes) -> str:
    """Return a palette PNG as its header, the colours that it shows, its palette's hash and its pixels."""
    with Image.open(io.BytesIO(data)) as image:
        values, mode = np.asarray(image, dtype=np.uint8), image.mode
        palette = np.array(image.getpalette(), dtype=np.uint8).reshape(-1, 3)
    colours = " ".join(f"{value}=#{palette[value].tobytes().hex()}" for value in np.unique(values).tolist())
    of_all = hashlib.sha256(palette.tobytes()).hexdigest()[:16]
    head = f"{values.shape[1]} x {values.shape[0]} {mode}, {data[24]} bits, colours {colours}"
    return f"{head}, all {len(palette)}: {of_all}\n{drawn_map(values)}"


def indented(value: object) -> str:
    """Return a value as JSON that people read."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
