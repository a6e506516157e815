"""Broken image files: what can happen to the bytes of one."""

import io
import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

Mutation = Callable[[random.Random, bytes], bytes]

KINDS = (
    *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
    *(("PNG", mode) for mode in ("RGB", "RGBA", "LA", "L", "P", "1", "I;16")),
    *(("GIF", mode) for mode in ("P", "L")),
    *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    *(("TIFF", mode) for mode in ("RGB", "F", "I;16", "CMYK", "1")),
    *(("BMP", mode) for mode in ("RGB", "L", "P", "1")),
)
"""Formats that Pillow writes, with the modes in which each can be."""
MORE: dict[str, tuple[dict[str, Any], ...]] = {
    "JPEG": ({}, {"progressive": True}, {"subsampling": 0, "quality": 20}),
    "PNG": ({}, {"compress_level": 0}),
    "TIFF": ({}, {"compression": "tiff_lzw"}, {"compression": "tiff_deflate"}),
    "WEBP": ({}, {"lossless": True}),
}
"""Further ways to write a format."""
HUGE = (0, 1, 0xFF, 0x7FFF, 0xFFFF, 40_000, 13_000, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 24)
SIGNS = (b"\xff\xd9", b"\xff\xda", b"\x00" * 50, b"IEND\xaeB`\x82", b"\xff" * 8)


def image_file_bytes(kind: str, mode: str, size: tuple[int, int], **more: Any) -> bytes:
    """Return a picture with a pattern, so that every part of it is coded."""
    width, height = size
    levels = np.add.outer(np.arange(height) * 9, np.arange(width) * 13) % 251
    if mode == "I;16":
        picture = Image.fromarray((levels * 257).astype(np.uint16))
    else:
        picture = Image.fromarray(levels.astype(np.uint8)).convert(mode)
    data = io.BytesIO()
    picture.save(data, kind, **more)
    return data.getvalue()


def truncated(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    reach = rng.choice([len(changed), min(len(changed), 64)])  # a header is small and decides most
    for _ in range(rng.choice([1, 2, 8, 40])):
        changed[rng.randrange(reach)] = rng.randrange(256)
    return bytes(changed)


def resized(rng: random.Random, data: bytes) -> bytes:
    """Put a huge or odd number where the header says how large the picture is, or anywhere near."""
    kind, order = _kind(data), "<>"[data[:2] in (b"\x89P", b"\xff\xd8", b"MM")]
    places = {"PNG": (16, 20), "BMP": (18, 22), "GIF": (6, 8), "JPEG": _jpeg_sizes(data)}.get(kind, ())
    place = rng.choice([*places, *places, rng.randrange(min(len(data), 200))])
    letter = "H" if kind in ("GIF", "JPEG") else rng.choice("HI")
    number = rng.choice(HUGE) & (0xFFFF if letter == "H" else 0xFFFFFFFF)
    changed = data[:place] + struct.pack(order + letter, number) + data[place + struct.calcsize(letter) :]
    return _summed(changed) if kind == "PNG" and rng.random() < 0.8 else changed


def deleted(rng: random.Random, data: bytes) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice([1, 4, 30]) :]


def duplicated(rng: random.Random, data: bytes) -> bytes:
    start, place = rng.randrange(len(data)), rng.randrange(len(data) + 1)
    return data[:place] + data[start : start + rng.choice([4, 30, 2000])] + data[place:]


def inserted(rng: random.Random, data: bytes) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(SIGNS) + data[place:]


def disguised(rng: random.Random, data: bytes) -> bytes:
    """Give one format the head of another."""
    kind, mode = rng.choice(KINDS)
    return image_file_bytes(kind, mode, (8, 8))[: rng.choice([4, 16, 60])] + data[rng.choice([0, 4, 16, 60]) :]


def _kind(data: bytes) -> str:
    heads = {b"\x89PNG": "PNG", b"\xff\xd8": "JPEG", b"GIF8": "GIF", b"BM": "BMP", b"RIFF": "WEBP"}
    return next((kind for head, kind in heads.items() if data.startswith(head)), "TIFF")


def _jpeg_sizes(data: bytes) -> tuple[int, ...]:
    starts = [data.find(bytes((0xFF, marker))) for marker in (0xC0, 0xC2)]
    return tuple(start + shift for start in starts if start >= 0 for shift in (5, 7))


def _summed(data: bytes) -> bytes:
    """Return a PNG whose first chunk has the check sum of what it holds, so that a reader goes on."""
    from zlib import crc32

    return data[:29] + struct.pack(">I", crc32(data[12:29])) + data[33:]


MUTATIONS: list[Mutation] = [truncated, flipped, flipped, resized, resized, resized]
MUTATIONS += [deleted, duplicated, inserted, disguised]


def mutated_picture(rng: random.Random) -> bytes:
    """Return a picture of any kind after one or two accidents, now and then after none."""
    kind, mode = rng.choice(KINDS)
    data = image_file_bytes(kind, mode, rng.choice([(20, 10), (10, 20), (64, 48)]), **rng.choice(MORE.get(kind, ({},))))
    for _ in range(rng.choice([0, 1, 1, 1, 2])):
        data = rng.choice(MUTATIONS)(rng, data) or b"\0"
    return data
