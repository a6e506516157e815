"""Broken annotation files: what can happen to the bytes of one, and whether it is then opened or refused.

Run as a program, `python tests/mutations.py SOURCE FIRST COUNT`, it does so in a process of its own, which has little
memory and little time for each file, and says each seed before it begins: a crash, a hang and a memory that runs out
are told by the last seed said.
"""

import itertools
import json
import random
import re
import resource
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from places import MEMORY
from pycocotools import mask as coco_mask
from records import CAT, CATEGORIES, CUP, DOG, HEIGHT, LICENCES, WIDTH, Record, annotation, image, rectangle

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.integrity.report import integrity_report
from cocomine.coco.masks import native_mask
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.errors import CocomineError
from cocomine.labels.label_map import label_map
from cocomine.mining.statistics.categories import category_statistics, presence

MEMORY_BYTES = 4 << 30
MOST_SECONDS = 10
"""Of the processor, so that a busy machine is no failure."""
DRAWN_IMAGES = 3
REOPENED_EVERY = 20
"""One in so many files is also put into an index, which writes much."""
SMALL_PX = 1 << 22
ABSURD_PX = 1 << 40
"""Masks of a size between the two would only take long."""

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
STRING = re.compile(rb'"[^"\\]*"')
VALUE = re.compile(rb'(?<=[:,\[])\s*(?:-?\d+(?:\.\d+)?|"[^"\\]*"|\{[^{}]*\}|\[[^\[\]]*\])')
FIELD = re.compile(
    rb'"(segmentation|counts|size|bbox|area|iscrowd|width|height|license|file_name)": '
    rb'(-?\d+(?:\.\d+)?|"[^"\\]*"|\{[^{}]*\}|\[\[.*?\]\]|\[[^\[\]]*\])'
)
HUGE = [b"1e999", b"9" * 400, b"-0", b"-0.0", b"1e-400", b"1e308", b"-1e308", b"1E5", b"0", b"-1", b"0.5", b"1e15"]
HUGE += [str(sign * 2**bits + more).encode() for sign in (1, -1) for bits in (31, 32, 63, 64) for more in (-1, 0)]
TOKENS = [b"true", b"null", b"NaN", b"Infinity", b'""', b"[]", b"{}", b"[[]]", b"[{}]", b"tru", b'"\\u0000"', b"[null]"]
SIGNS = [
    b"\x00",
    b"\x0c",
    b"\x1f",
    b"\n",
    b"\\",
    b'"',
    b"}",
    b"{",
    b"]",
    b"[",
    b",",
    b":",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
]
SIGNS += [b"\xed\xa0\x80", b"\\ud800", b"\\udcff", b"\\u12", b" " * 100]

Mutation = Callable[[random.Random, bytes], bytes]


def built_document(count: int = 40) -> bytes:
    """Return a document with masks of all kinds, of 30 kB for 40 images."""
    numbers = itertools.count(1)
    images = [image(number, f"{number} ü.jpg", license=4, date="2017") for number in range(count)]
    annotations = [each for number in range(count) for each in _annotations(number, numbers)]
    value = {
        "info": {"year": 2017},
        "licenses": list(LICENCES),
        "images": images,
        "annotations": annotations,
        "categories": list(CATEGORIES),
    }
    return json.dumps(value, ensure_ascii=False).encode()


def _annotations(image_id: int, numbers: "itertools.count[int]") -> list[Record]:
    runs = {"size": [HEIGHT, WIDTH], "counts": [30, 50, HEIGHT * WIDTH - 80]}
    code = coco_mask.frPyObjects(runs, HEIGHT, WIDTH)
    text = {"size": [HEIGHT, WIDTH], "counts": code["counts"].decode()}
    triangle = [1.5, 2.25, 9.75, 3.5, 4.25, 8.125]
    return [
        annotation(next(numbers), image_id, CAT, segmentation=[triangle, rectangle(3, 3, 6, 4)]),
        annotation(next(numbers), image_id, DOG, segmentation=runs, iscrowd=1, parts=[{"a": "}, {"}, {}]),
        annotation(next(numbers), image_id, CUP, segmentation=text),
    ]


def truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def duplicated(rng: random.Random, data: bytes) -> bytes:
    start, stop = _slice(rng, data)
    place = rng.choice([stop, rng.randrange(len(data) + 1)])
    return data[:place] + data[start:stop] + data[place:]


def deleted(rng: random.Random, data: bytes) -> bytes:
    start, stop = _slice(rng, data)
    return data[:start] + data[stop:]


def swapped(rng: random.Random, data: bytes) -> bytes:
    first, second, third, fourth = sorted(rng.randrange(len(data) + 1) for _ in range(4))
    return data[:first] + data[third:fourth] + data[second:third] + data[first:second] + data[fourth:]


def nested(rng: random.Random, data: bytes) -> bytes:
    depth = rng.choice([10, 500, 2_000, 100_000])
    opening, closing = rng.choice([(b"[", b"]"), (b'{"a":', b"}"), (b"[{", b"}]")])
    return _replaced(rng, data, VALUE, opening * depth + b"1" + closing * rng.choice([0, depth, depth]))


def renumbered(rng: random.Random, data: bytes) -> bytes:
    return _replaced(rng, data, NUMBER, rng.choice(HUGE))


def retyped(rng: random.Random, data: bytes) -> bytes:
    return _replaced(rng, data, VALUE, rng.choice(TOKENS))


def redrawn(rng: random.Random, data: bytes) -> bytes:
    """Put a number or shape that nobody would draw in the place of what is drawn or computed with."""
    name, start, stop = rng.choice([(each[1], *each.span(2)) for each in FIELD.finditer(data)] or [(b"", 0, 0)])
    by = _shape(rng) if name in (b"segmentation", b"counts", b"size", b"bbox") else _number(rng)
    return data[:start] + by + data[stop:]


def _shape(rng: random.Random) -> bytes:
    numbers = b"[" + b", ".join(_number(rng) for _ in range(rng.choice([0, 2, 3, 4, 4, 6, 6, 7, 8, 50]))) + b"]"
    counts = b'"' + bytes(rng.randrange(48, 112) for _ in range(rng.randrange(12))).replace(b"\\", b"o") + b'"'
    size = rng.choice([b"[10, 20]", b"[10.0, 20]", b"[20, 10]", b"[%s, %s]" % (_number(rng), _number(rng))])
    code = b'{"counts": %s, "size": %s}' % (rng.choice([counts, numbers, b"[200]", b'"X6"']), size)
    return rng.choice([numbers, b"[" + numbers + b"]", b"[" + numbers + b", [1, 1, 5, 1, 5, 5]]", counts, code, size])


def _number(rng: random.Random) -> bytes:
    return rng.choice([str(rng.randrange(-5, 25)).encode(), str(rng.uniform(-1e6, 1e6)).encode(), rng.choice(HUGE)])


def lengthened(rng: random.Random, data: bytes) -> bytes:
    text = rng.choice([b"x", b"o", b"1", b"0", b"}, {", b"\\u0000", "ü".encode(), b"../"])
    return _replaced(rng, data, STRING, b'"' + text * rng.choice([5_000, 300_000]) + b'"')


def exchanged(rng: random.Random, data: bytes) -> bytes:
    """Put one value in the place of another."""
    return _replaced(rng, data, VALUE, rng.choice(VALUE.findall(data) or [b"1"]))


def inserted(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(SIGNS) + data[place:]


MUTATIONS: list[Mutation] = [truncated, flipped, duplicated, deleted, swapped, nested, inserted]
MUTATIONS += [lengthened, renumbered, retyped, exchanged, exchanged, *[redrawn] * 12]
"""Those that leave valid JSON behind get further."""


def mutated(data: bytes, seed: int) -> bytes:
    """Return the bytes of a document after one to four accidents, the same ones for the same seed."""
    rng = random.Random(seed)
    for _ in range(rng.choice([1, 1, 2, 4])):
        data = rng.choice(MUTATIONS)(rng, data) or b"{"
    return data


def _slice(rng: random.Random, data: bytes) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(start + rng.choice([1, 10, 100, 1000, 10_000]), len(data))


def _replaced(rng: random.Random, data: bytes, pattern: "re.Pattern[bytes]", by: bytes) -> bytes:
    places = [found.span() for found in pattern.finditer(data)] or [(0, 0)]
    start, stop = rng.choice(places)
    return data[:start] + by + data[stop:]


def use(path: Path, index: Path | None) -> bool:
    """Open a file and do with it what the pages do; return whether it opened."""
    try:
        dataset = open_dataset(path, index=index)
        integrity_report(dataset)
        category_statistics(dataset)
        presence(dataset)
    except CocomineError:
        return False
    for number in range(min(DRAWN_IMAGES, dataset.image_count)):
        draw(dataset, dataset.splits[0], number)
    return True


def draw(dataset: Dataset, split: Split, number: int) -> None:
    native = split.images.size_at(number)
    try:
        shapes = split.image_at(number).shapes()
        label_map(shapes, {each.category_id: 1 for each in dataset.categories}, native=native, size=Size.square(64))
        if not SMALL_PX < native.pixel_count < ABSURD_PX:
            for shape in shapes:
                native_mask(shape.segmentation, native)
    except CocomineError:
        return


def main(source: str, first: str, count: str) -> None:
    """Open mutated files: SOURCE, FIRST seed, COUNT."""
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="pycocotools.*")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    data, opened = Path(source).read_bytes(), 0
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        for seed in range(int(first), int(first) + int(count)):
            say(seed=seed, opened=opened)
            path = Path(folder) / "val.json"
            path.write_bytes(mutated(data, seed))
            signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
            opened += use(path, Path(folder) / "index" if seed % REOPENED_EVERY == 0 else None)
            signal.setitimer(signal.ITIMER_PROF, 0)
    say(opened=opened)


def say(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
