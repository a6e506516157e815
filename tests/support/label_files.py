"""Label maps as they are on the disk."""

from pathlib import Path

import numpy as np
from PIL import Image

from cocomine.labels.label_map import LabelMap


def read_label_png(path: Path) -> LabelMap:
    """Return the labels that a palette PNG holds, (height, width)."""
    with Image.open(path) as image:
        return np.asarray(image, dtype=np.uint8).copy()
