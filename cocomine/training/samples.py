"""What does the network predict by now?

The same few validation images at each evaluation, as one strip each: image, ground truth, prediction,
in the export's colours.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from cocomine.coco.image_file import read_image
from cocomine.coco.size import Size
from cocomine.exporting.formats.label_png import palette
from cocomine.labels.table import LabelTable
from cocomine.system.files import write_bytes
from cocomine.training.data import UInt8Array

SAMPLE_COUNT = 4
_LONGER_SIDE_PX = 320
_GAP_PX = 4


def write_sample(path: Path, image_path: Path, label_maps: Sequence[UInt8Array], table: LabelTable) -> None:
    """Write the strip of one image: the image, then each of `label_maps` (height, width), side by side."""
    height, width = label_maps[0].shape
    scale = _LONGER_SIDE_PX / max(height, width)
    size = Size(max(1, round(height * scale)), max(1, round(width * scale)))
    panels = [read_image(image_path, at_least=size).resize(size.xy, Image.Resampling.BILINEAR)]
    colours = np.frombuffer(palette(table), dtype=np.uint8).reshape(256, 3)
    panels += [Image.fromarray(colours[map_]).resize(size.xy, Image.Resampling.NEAREST) for map_ in label_maps]
    strip = Image.new("RGB", (len(panels) * (size.width + _GAP_PX) - _GAP_PX, size.height), "white")
    for index, panel in enumerate(panels):
        strip.paste(panel, (index * (size.width + _GAP_PX), 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, _png(strip))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()
