"""How does an image look with its labels over it?"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cocomine.coco.size import Size
from cocomine.colours import rgb


def overlaid(
    image: Image.Image, labels: NDArray[np.uint8], colours: Mapping[int, str], *, opacity: float
) -> Image.Image:
    """Return an image with the labels that have a colour painted over it; the rest of it stays as it is.

    Args:
        image: in RGB.
        labels: of any size, (height, width); enlarged or reduced to the image's, each pixel to the nearest.
        colours: of the labels, "#rrggbb".
        opacity: of the paint, in [0, 1].
    """
    palette = np.zeros((256, 3), dtype=np.uint8)
    alphas = np.zeros(256, dtype=np.uint8)
    for label, colour in colours.items():
        palette[label], alphas[label] = rgb(colour), round(255 * opacity)
    size = Size.of_xy(image.size)
    near = np.asarray(Image.fromarray(labels).resize(size.xy, Image.Resampling.NEAREST))
    return Image.composite(Image.fromarray(palette[near]), image, Image.fromarray(alphas[near]))
