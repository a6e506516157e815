"""Where does a map change its value, row by row?

Label maps are flat: of hundreds of thousands of pixels some hundred differ from the one before. What follows from these
alone - which values a map shows, the same map with other values, its PNG - takes a tenth of what it takes from pixels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Ints
from cocomine.coco.size import Size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MapRuns:
    """A map as a PNG without filters stores it: row after row, a zero before each, as runs of one value.

    Attributes:
        size: of the map.
        starts: of the runs, from 0 on, rising, (n,).
        values: of the runs; no two neighbours are alike, (n,).
    """

    size: Size
    starts: Ints
    values: NDArray[np.uint8]

    @property
    def byte_count(self) -> int:
        """Of all rows, with the zeros before them."""
        return self.size.height * (self.size.width + 1)

    @property
    def lengths(self) -> Ints:
        """Of the runs, (n,)."""
        return np.diff(self.starts, append=self.byte_count)

    @property
    def shown(self) -> frozenset[int]:
        """The values that some pixel has, but for 0."""
        return frozenset(np.flatnonzero(np.bincount(self.values))[1:].tolist())

    def replaced(self, values: NDArray[np.uint8]) -> "MapRuns":
        """Return the map with other values.

        Args:
            values: by the value now, that of 0 is 0.
        """
        return _joined(self.size, self.starts, values[self.values])


def map_runs(labels: NDArray[np.uint8]) -> MapRuns:
    """Return the runs of a map, (height, width)."""
    rows = np.zeros((labels.shape[0], labels.shape[1] + 1), dtype=np.uint8)
    rows[:, 1:] = labels
    return runs_of_rows(rows)


def runs_of_rows(rows: NDArray[np.unsignedinteger]) -> "MapRuns":
    """Return the runs of a map whose rows have a zero before them, (height, 1 + width)."""
    flat = rows.ravel()
    starts = np.append(0, np.flatnonzero(flat[1:] != flat[:-1]) + 1)
    return MapRuns(size=Size(rows.shape[0], rows.shape[1] - 1), starts=starts, values=flat[starts])


def _joined(size: Size, starts: Ints, values: NDArray[np.uint8]) -> MapRuns:
    """Return runs of which neighbours may be alike as runs of which none are."""
    is_new = np.append(True, values[1:] != values[:-1])
    return MapRuns(size=size, starts=starts[is_new], values=values[is_new])
