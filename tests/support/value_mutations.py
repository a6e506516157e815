"""Broken annotation files that are still JSON: any value in it can be of any type, gone, twice, or oddly named."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

NUMBERS: tuple[Any, ...] = (
    *(0, -1, 1, 1.0, 1.5, -0.0, 255, 256, 40_000, 65_536, 1e15, 1e308, -1e308, 5e-324, 10**400),
    *(2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), float("nan"), float("inf"), float("-inf")),
)
TEXTS: tuple[Any, ...] = (
    *("", " ", "1", "1.0", "nan", "true", "x" * 300, "0,1", "a\nb", "\0", "\ud800"),
    *("é", "e\u0301", "\u200b", "\u2028"),
)
NAMES: tuple[Any, ...] = (
    *("../x.jpg", "/etc/hosts", "C:\\x.jpg", "a\\b.jpg", "CON.jpg", "x.jpg.", "x", ".", "..", "a/../b.jpg", "a//b.jpg"),
    *("images/0.jpg", "0 ü.JPG", "a?.jpg", "a:b.jpg", "~", "%20.jpg", "n" * 300 + ".jpg", "d/" * 200 + "x.jpg", "cat"),
)
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [None], [[]], [[[1, 1], [2, 2], [3, 1]]], {"x": 1, "y": 2}, [{}])
SHAPES: tuple[Any, ...] = (
    [1, 1, 5, 1, 5, 5],
    [[1, 1, 5, 1, 5, 5]],
    [[1, 1, 5, 1, 5, 5], [3, 3, 9, 3, 9, 9], [3, 3, 9, 3, 9, 9]],
    [[-5, -5, 25, -5, 25, 15, -5, 15]],
    [[0, 0, 20, 0, 20, 10, 0, 10]],
    [[1, 1, 9, 9, 9, 1, 1, 9]],
    [[1, 1, 1, 1, 1, 1]],
    [[1, 1, float("nan"), 1, 5, 5]],
    [[-1e7, -1e7, 1e7, -1e7, 0, 1e7]],
    {"size": [10, 20], "counts": [30, 50, 120]},
    {"size": [10, 20], "counts": [30, 50]},
    {"size": [10, 20], "counts": [30, -50, 220]},
    {"size": [10, 20], "counts": [0, 200]},
    {"size": [10, 20], "counts": [30.0, 50.0, 120.0]},
    {"size": [10, 20], "counts": "b'0000'"},
    {"size": [20, 10], "counts": [30, 50, 120]},
    {"size": ["10", "20"], "counts": [30, 50, 120]},
    {"size": [10, 20], "counts": [2**40, 1]},
    {"size": [10, 20], "counts": "~" * 40},
    {"counts": [200]},
)
VALUES = (*NUMBERS, *TEXTS, *NAMES, *OTHERS, *SHAPES)
Place = tuple[Any, Any]
"""A list or object, and where in it."""


def places(value: Any) -> Iterator[Place]:
    """Yield every place in a document that holds a value: its container and its key there."""
    keys: Any = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def replaced(rng: random.Random, value: Any) -> None:
    """Put a value of any kind in the place of another, or one that was meant for such a place."""
    container, key = rng.choice(list(places(value)))
    container[key] = rng.choice(_meant_for(key) or VALUES) if rng.random() < 0.6 else rng.choice(VALUES)


def _meant_for(key: Any) -> tuple[Any, ...]:
    known = {"segmentation": SHAPES, "file_name": NAMES, "name": (*TEXTS, *NAMES), "counts": (*TEXTS, [1, 2], [200])}
    return known.get(str(key), NUMBERS if isinstance(key, str) else ())


def dropped(rng: random.Random, value: Any) -> None:
    """Leave a field or record out."""
    container, key = rng.choice(list(places(value)))
    del container[key]


def doubled(rng: random.Random, value: Any) -> None:
    """Put a record or number into its list twice."""
    lists = [(container, key) for container, key in places(value) if isinstance(container, list)]
    if lists:
        container, key = rng.choice(lists)
        container.insert(rng.randrange(len(container) + 1), container[key])


def swapped(rng: random.Random, value: Any) -> None:
    """Exchange the values of one field between two records."""
    found = list(places(value))
    first, key = rng.choice(found)
    second, other = rng.choice([place for place in found if place[1] == key])
    first[key], second[other] = second[other], first[key]


def shared(rng: random.Random, value: Any) -> None:
    """Give every record the same odd value in one field."""
    _, key = rng.choice([place for place in places(value) if isinstance(place[1], str)])
    odd = rng.choice(_meant_for(key) or VALUES)
    for container, name in list(places(value)):
        if name == key:
            container[name] = odd


ACCIDENTS: list[Callable[[random.Random, Any], None]] = [replaced] * 4 + [dropped, doubled, swapped, shared]


def revalued(data: bytes, seed: int) -> bytes:
    """Return a document after one to four accidents, the same ones for the same seed."""
    rng = random.Random(seed)
    value = json.loads(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        value = json.loads(json.dumps(value))  # no list is in two places
        rng.choice(ACCIDENTS)(rng, value)
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")
