"""Which label is predicted where which one is true, as a map that can be clicked.

A row is a true label, a column a predicted one; a cell is coloured by its share of the row's pixels, so that rare and
frequent labels are seen alike. Blue is right, orange is confused. The root of the share is drawn: most confusions are
small, and would all look like none.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.map_layout import cell_markers, colour_bar, map_layout
from cocomine.charts.theme import FEWER, MIDDLE, MORE, TEXT, UNKNOWN
from cocomine.coco.arrays import Floats, Ints

MOST_NUMBERED = 13
"""So many labels, background among them, have room for a number in each cell."""
TITLE_PX = 26
"""Room for the name of an axis."""
HOVER = (
    "%{y} predicted as %{x}<br>%{customdata[1]:.1f} % of the pixels of %{y} (%{customdata[0]:,.0f} pixels)"
    "<extra></extra>"
)
TICKS = {-1.0: "all confused", -0.5: "25 %", 0.0: "0 %", 0.5: "25 %", 1.0: "all right"}
"""Words of the colour bar, by signed root of the share."""


def confusion_map(pixels: Ints, names: Sequence[str], *, theme: str) -> go.Figure:
    """Return the map of a confusion matrix; a label without a true pixel has a grey row.

    The marker at `point_index` is the cell of that number, counted row after row.

    Args:
        pixels: by true label (row) and predicted label (column), (n, n).
        names: of the labels.
    """
    totals = pixels.sum(1, keepdims=True)
    shares = np.divide(pixels, totals, out=np.full(pixels.shape, np.nan), where=totals > 0)
    traces = [_cells(shares, theme), _targets(pixels, shares)]
    if not totals.all():
        traces.append(_grey_rows(totals[:, 0] == 0, theme))
    return go.Figure(traces, _layout(names, theme))


def _layout(names: Sequence[str], theme: str) -> dict[str, Any]:
    layout = map_layout(names, names, theme=theme)
    margin = layout["margin"]
    title = {"xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 12, "color": TEXT[theme]}}
    below = title | {"x": 0.5, "y": 0, "yanchor": "top", "yshift": -margin["b"]}
    beside = title | {"x": 0, "y": 0.5, "xanchor": "right", "xshift": -margin["l"], "textangle": -90}
    return layout | {
        "height": layout["height"] + TITLE_PX,
        "margin": margin | {"l": margin["l"] + TITLE_PX, "b": margin["b"] + TITLE_PX},
        "annotations": [below | {"text": "prediction"}, beside | {"text": "ground truth"}],
    }


def _cells(shares: Floats, theme: str) -> dict[str, Any]:
    is_right = np.eye(len(shares), dtype=bool)
    cells = _map(np.where(is_right, 1, -1) * np.sqrt(shares)) | {
        "colorscale": [(0.0, FEWER[theme]), (0.5, MIDDLE[theme]), (1.0, MORE[theme])],
        "zmin": -1.0,
        "zmax": 1.0,
        "colorbar": colour_bar(list(TICKS), list(TICKS.values())) | {"len": 0.9, "tickangle": 0},
    }
    if len(shares) > MOST_NUMBERED:
        return cells
    words = np.array([[_number(share) for share in row] for row in shares.tolist()], dtype=object)
    return cells | {"text": words, "texttemplate": "%{text}", "textfont": {"size": 11}}


def _number(share: float) -> str:
    """Return a share in percent, without the sign for which a cell has no room; nothing for none."""
    if not share > 0:
        return ""
    return "<1" if share < 0.005 else f"{100 * share:.0f}"


def _grey_rows(is_empty: Any, theme: str) -> dict[str, Any]:
    rows = np.where(is_empty[:, None], 0.0, np.nan).repeat(len(is_empty), axis=1)
    return _map(rows) | {
        "colorscale": [[0, UNKNOWN[theme]], [1, UNKNOWN[theme]]],
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
    }


def _map(values: Floats) -> dict[str, Any]:
    return {"type": "heatmap", "z": values.astype(np.float32), "hoverinfo": "skip", "xgap": 1, "ygap": 1}


def _targets(pixels: Ints, shares: Floats) -> dict[str, Any]:
    """Return what is hovered and clicked; names come from the axes: thousands of texts would take long to send."""
    told = np.stack([pixels.ravel(), 100 * np.nan_to_num(shares).ravel()], axis=1).astype(np.float32)
    return cell_markers(len(pixels), len(pixels)) | {"customdata": told, "hovertemplate": HOVER}
