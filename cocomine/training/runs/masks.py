"""How is a training mask of an export read, and which ones cannot be trained on?"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from cocomine.errors import TrainingError
from cocomine.labels.table import IGNORED_LABEL


def read_label_map(path: Path, size_px: int, label_count: int) -> npt.NDArray[np.uint8]:
    """Read a label PNG of an export, (size, size), values below `label_count` or 255.

    Raises:
        TrainingError: It is missing, of another size or kind, or holds other values.
    """
    try:
        with Image.open(path) as image:
            mode, size = image.mode, image.size
            if mode not in {"P", "L"} or size != (size_px, size_px):
                raise TrainingError(
                    f"{path}: is a {mode} image of {size[0]} x {size[1]} px, not a palette of {size_px} x {size_px} "
                    "px. Export again."
                )
            labels = np.array(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise TrainingError(f"{path}: the label map cannot be read ({error}). Export again.") from error
    unknown = labels[(labels >= label_count) & (labels != IGNORED_LABEL)]
    if unknown.size:
        raise TrainingError(
            f"{path}: holds label {unknown[0]}, but labels.json ends at {label_count - 1}. Export again."
        )
    return labels
