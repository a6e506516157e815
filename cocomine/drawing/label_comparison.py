"""How does a predicted label map look beside the true one?

As a strip: the image, its ground truth and its prediction, each laid over the image; or the image and where the two
differ, in three colours that are told apart without red-green vision. Pixels of 255 count nowhere and are never an
error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cocomine.coco.size import Size
from cocomine.drawing.images import jpeg
from cocomine.drawing.label_overlay import overlaid

GAP_PX = 4
FALSE_POSITIVE, MISSED, WRONG_CLASS = 1, 2, 3
"""Values of an error map; 0 is right."""
ERROR_COLOURS = {FALSE_POSITIVE: "#e5383b", MISSED: "#2f6fed", WRONG_CLASS: "#f59f00"}
_IGNORED_LABEL = 255
Labels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How label maps are laid over an image.

    Attributes:
        opacity: of the paint, in [0, 1].
        errors_only: show where prediction and ground truth differ, on the image in grey, in place of what is predicted.
    """

    opacity: float = 0.6
    errors_only: bool = False


def error_map(truth: Labels, prediction: Labels) -> Labels:
    """Return which error each pixel is, (height, width); both label maps are of that size, and background is 0."""
    errors = np.zeros(truth.shape, dtype=np.uint8)
    errors[truth != prediction] = WRONG_CLASS
    errors[(truth == 0) & (prediction != 0)] = FALSE_POSITIVE
    errors[(truth != 0) & (prediction == 0)] = MISSED
    errors[truth == _IGNORED_LABEL] = 0
    return errors


def comparison_jpeg(
    image: Image.Image, truth: Labels, prediction: Labels | None, colours: Mapping[int, str], look: Look
) -> bytes:
    """Return image, ground truth and prediction, or their errors, side by side, as JPEG.

    Args:
        image: in RGB.
        truth: of any size, (height, width); the prediction is of the same.
        prediction: None where there is none yet; then there are two panels.
        colours: of the labels that are painted, "#rrggbb".
    """
    panels = [image, overlaid(image, truth, colours, opacity=look.opacity)]
    if prediction is not None and look.errors_only:
        grey = image.convert("L").convert("RGB")  # on which the colours of errors stand out
        panels.append(overlaid(grey, error_map(truth, prediction), ERROR_COLOURS, opacity=look.opacity))
    elif prediction is not None:
        panels.append(overlaid(image, prediction, colours, opacity=look.opacity))
    return jpeg(_side_by_side(panels))


def predictions_jpeg(image: Image.Image, predictions: Sequence[Labels], colours: Mapping[int, str]) -> bytes:
    """Return an image under each of several predictions, side by side, as JPEG.

    Args:
        image: in RGB.
        predictions: each of any size, (height, width).
        colours: of the labels that are painted, "#rrggbb".
    """
    opacity = Look().opacity
    return jpeg(_side_by_side([overlaid(image, each, colours, opacity=opacity) for each in predictions]))


def _side_by_side(panels: Sequence[Image.Image]) -> Image.Image:
    """Return images of one size beside each other, a white gap between them."""
    size = Size.of_xy(panels[0].size)
    strip = Image.new("RGB", (len(panels) * (size.width + GAP_PX) - GAP_PX, size.height), "white")
    for index, panel in enumerate(panels):
        strip.paste(panel, (index * (size.width + GAP_PX), 0))
    return strip
