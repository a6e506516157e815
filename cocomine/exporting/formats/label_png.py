"""How is a label map stored?

As a palette PNG: the pixel values are the labels themselves, and any image viewer shows them in the classes' colours.
"""

import io
import zlib

import numpy as np
from PIL import Image

from cocomine.colours import IGNORED, rgb
from cocomine.labels.label_map import LabelMap
from cocomine.labels.table import IGNORED_LABEL, LabelTable


def palette(table: LabelTable) -> bytes:
    """Return 256 RGB triples; values without a label are black, 255 is white."""
    colours = np.zeros((256, 3), dtype=np.uint8)
    for label in table.labels:
        colours[label.label] = rgb(label.colour)
    colours[IGNORED_LABEL] = rgb(IGNORED)
    return colours.tobytes()


def label_png(labels: LabelMap, colours: bytes, *, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    """Return a label map (height, width) as PNG; the same map gives the same bytes.

    Args:
        strategy: zlib's; `Z_RLE` takes half the time for maps of an image's own size, which are smaller by it, too.
    """
    image = Image.fromarray(labels)
    image.putpalette(colours)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=False, compress_level=6, compress_type=strategy)
    return buffer.getvalue()
