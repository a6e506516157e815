"""Cells of a heat map that are hatched, which plotly's heat map cannot do: an image below it."""

from urllib.parse import quote

import numpy as np

from cocomine.charts.theme import HATCHES
from cocomine.coco.arrays import Bools

CELL = 12
"""Side of a cell in the units of the image, which is stretched over the map."""


def hatched(cells: Bools, *, theme: str) -> dict[str, object]:
    """Return the layout image that hatches these cells, (rows, columns), of a map whose first row is on top."""
    return {
        "source": f"data:image/svg+xml,{quote(_picture(cells, HATCHES[theme]))}",
        "xref": "x",
        "yref": "y",
        "x": -0.5,
        "y": -0.5,
        "sizex": cells.shape[1],
        "sizey": cells.shape[0],
        "sizing": "stretch",
        "layer": "below",
    }


def _picture(cells: Bools, colour: str) -> str:
    height, width = (CELL * side for side in cells.shape)
    stripes = (
        f'<pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="1" height="4" fill="{colour}"/></pattern>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<defs>{stripes}</defs><path d="{_outline(cells)}" fill="url(#h)"/></svg>'
    )


def _outline(cells: Bools) -> str:
    """Return a path of rectangles, one for each run of cells in a row."""
    edges = np.diff(np.pad(cells.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return "".join(
        f"M{CELL * start} {CELL * row}h{CELL * (end - start)}v{CELL}h{CELL * (start - end)}z"
        for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
    )
