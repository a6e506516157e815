"""Image files that Pillow does not write."""

import struct
import zlib

from records import HEIGHT, WIDTH


def deep_colours() -> bytes:
    """A PNG with 16 bits for each of three colours, which Pillow cannot write."""
    rows = b"".join(b"\0" + b"\x0f\xff\x00\x10\x07\x00" * WIDTH for _ in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)
    return png(header, zlib.compress(rows))


def png(header: bytes, data: bytes) -> bytes:
    chunks = (b"IHDR" + header, b"IDAT" + data, b"IEND")
    packed = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def huge() -> bytes:
    """The header of a PNG of 20,000 x 20,000 in colour; its pixels are never asked for."""
    return png(struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0), b"")
