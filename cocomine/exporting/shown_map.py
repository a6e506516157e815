"""Which values does a map show: as it was painted, and as its file is read?"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from cocomine.coco.size import Size
from cocomine.labels.map_runs import MapRuns, map_runs


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMap:
    """What a map must be compared by.

    Attributes:
        values: that some pixel has, but for 0.
    """

    size: Size
    values: frozenset[int]


def painted_map(runs: MapRuns) -> ShownMap:
    """Return what a map shows that is to be stored."""
    return ShownMap(size=runs.size, values=runs.shown)


def stored_map(data: bytes) -> ShownMap | None:
    """Return what a map shows as Pillow reads its file; None where its values are no bytes.

    Raises:
        OSError, ValueError, SyntaxError: the file is damaged; Pillow says so in these ways.
    """
    with Image.open(io.BytesIO(data)) as image:
        values = np.asarray(image)
    if values.ndim != 2 or values.dtype != np.uint8:
        return None
    return painted_map(map_runs(values))
