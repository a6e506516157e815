"""How is a label map stored?

As a palette PNG: the pixel values are the labels themselves, and any image viewer shows them in the classes' colours.
It is compressed from where its values change (`run_deflate`), without a filter: in flat maps these are few.

Source: PNG Specification, Third Edition, https://www.w3.org/TR/png-3/ (5.3 chunk layout, 11.2 critical chunks)
"""

import struct
import zlib

import numpy as np

from cocomine.colours import IGNORED, rgb
from cocomine.exporting.formats.run_deflate import zlib_of_runs
from cocomine.labels.label_map import LabelMap
from cocomine.labels.map_runs import MapRuns, map_runs
from cocomine.labels.table import IGNORED_LABEL, LabelTable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BIT_DEPTH, PALETTE_COLOUR = 8, 3


def palette(table: LabelTable) -> bytes:
    """Return 256 RGB triples; values without a label are black, 255 is white."""
    colours = np.zeros((256, 3), dtype=np.uint8)
    for label in table.labels:
        colours[label.label] = rgb(label.colour)
    colours[IGNORED_LABEL] = rgb(IGNORED)
    return colours.tobytes()


def label_png(labels: LabelMap, colours: bytes) -> bytes:
    """Return a label map (height, width) as PNG; the same map gives the same bytes."""
    return runs_png(map_runs(labels), colours)


def runs_png(runs: MapRuns, colours: bytes) -> bytes:
    """Return a map as PNG.

    Args:
        colours: 256 RGB triples.
    """
    header = struct.pack(">IIBBBBB", runs.size.width, runs.size.height, BIT_DEPTH, PALETTE_COLOUR, 0, 0, 0)
    chunks = (b"IHDR", header), (b"PLTE", colours), (b"IDAT", zlib_of_runs(runs.values, runs.lengths)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
