"""How do arbitrary grey values become 0 to n-1?

One look-up table of 256 entries, applied once. The paper's Algorithm 2 replaces values in place by an ascending search
and goes on comparing the new ones, so it is right only for ascending values: [3, 1, 0, 2] becomes [3, 1, 3, 3]. A table
is right for every order.

Source: the paper, Algorithm 2.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cocomine.errors import ExportError
from cocomine.labels.table import IGNORED_LABEL


def relabel(grey: NDArray[np.uint8], values: Sequence[int]) -> NDArray[np.uint8]:
    """Replace each grey value by its position in `values`; 255 stays 255 unless it is named.

    Args:
        grey: a mask of any shape.
        values: the grey values in the order of the labels they become, each once.

    Raises:
        ExportError: a value is named twice or is no grey value, or the mask holds one that is not named.
    """
    if len(set(values)) != len(values):
        raise ExportError(f"The grey values {list(values)} name one twice. Name each once.")
    odd = [value for value in values if not 0 <= value <= 255]
    if odd:
        raise ExportError(f"{odd[0]} is no grey value of a mask. Name values from 0 to 255.")
    table = np.full(256, IGNORED_LABEL, dtype=np.uint8)
    table[list(values)] = np.arange(len(values), dtype=np.uint8)
    unnamed = sorted(set(np.unique(grey).tolist()) - set(values) - {IGNORED_LABEL})
    if unnamed:
        raise ExportError(f"The mask holds the grey values {unnamed}, which are not among {list(values)}. Add them.")
    return table[grey]
