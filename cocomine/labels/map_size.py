"""How large is the label map of an image?

A square is what a network's step takes; with the aspect kept, the longer side has the length asked for; a native map
has the image's own size, pixel by pixel.
"""

import numpy as np

from cocomine.coco.arrays import Floats, Ints
from cocomine.coco.size import Size
from cocomine.mining.selection.recipe import MaskShape


def map_size(native: Size, shape: MaskShape, *, size_px: int) -> Size:
    """Return the size of the label map of an image.

    Args:
        native: the image's own size.
        size_px: the side of a square, or the longer side.
    """
    if shape is MaskShape.NATIVE:
        return native
    if shape is MaskShape.SQUARE:
        return Size.square(size_px)
    scale = size_px / max(*native, 1)
    return Size(max(round(native.height * scale), 1), max(round(native.width * scale), 1))


def map_areas_px(widths: Ints, heights: Ints, shape: MaskShape, *, size_px: int) -> Floats:
    """Return how many pixels the label maps of images have, not rounded, (n,)."""
    areas = widths.astype(np.float64) * heights
    if shape is MaskShape.NATIVE:
        return np.asarray(areas)
    if shape is MaskShape.SQUARE:
        return np.full(len(areas), float(size_px**2))
    return np.asarray(areas * (size_px / np.maximum(np.maximum(widths, heights), 1)) ** 2)


def map_size_words(shape: MaskShape, *, size_px: int) -> str:
    """Return how large label maps are, in words."""
    words = {
        MaskShape.SQUARE: f"{size_px} × {size_px} px",
        MaskShape.LONGEST: f"{size_px} px on the longer side",
        MaskShape.NATIVE: "the size of their images",
    }
    return words[shape]
