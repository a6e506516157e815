"""Which label is predicted where which one is true, as a map that can be clicked.

A row is a true label, a column a predicted one; a cell is coloured by its share of the row's pixels, so that rare and
frequent labels are seen alike. Blue is right, orange is confused. The root of the share is drawn: most confusions are
small, and would all look like none.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.appearance import DARK_TEXT, LIGHT_TEXT
from cocomine.charts.map_layout import cell_markers, colour_bar, map_layout
from cocomine.charts.theme import FEWER, MIDDLE, MORE, TEXT, UNKNOWN
from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.colours import rgb

MOST_NUMBERED = 13
"""So many labels, background among them, have room for a number in each cell."""
EVEN_LUMINANCE = 0.18
"""Above it dark text is the more legible one."""
CLEAR = "rgba(0,0,0,0)"
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
    traces = [*_cells(shares, theme), _targets(pixels, shares)]
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


def _cells(shares: Floats, theme: str) -> list[dict[str, Any]]:
    """Return the coloured cells, and over them the numbers that have room."""
    signed = np.where(np.eye(len(shares), dtype=bool), 1, -1) * np.sqrt(shares)
    cells = _map(signed) | {
        "colorscale": [(0.0, FEWER[theme]), (0.5, MIDDLE[theme]), (1.0, MORE[theme])],
        "zmin": -1.0,
        "zmax": 1.0,
        "colorbar": colour_bar(list(TICKS), list(TICKS.values())) | {"len": 0.9, "tickangle": 0},
    }
    if len(shares) > MOST_NUMBERED:
        return [cells]
    is_light = _luminance(signed, theme) > EVEN_LUMINANCE
    return [cells, _numbers(shares, is_light, DARK_TEXT), _numbers(shares, ~is_light, LIGHT_TEXT)]


def _numbers(shares: Floats, chosen: Bools, colour: str) -> dict[str, Any]:
    """Return the numbers of some cells in one colour; plotly's own choice is hard to read on middling ones."""
    words = [[_number(share) for share in row] for row in np.where(chosen, shares, 0.0).tolist()]
    clear = {"colorscale": [[0, CLEAR], [1, CLEAR]], "showscale": False}
    text = {"text": np.array(words, dtype=object), "texttemplate": "%{text}"}
    return _map(np.zeros(shares.shape)) | clear | text | {"textfont": {"size": 11, "color": colour}}


def _number(share: float) -> str:
    """Return a share in percent, without the sign for which a cell has no room; nothing for none."""
    if not share > 0:
        return ""
    return "<1" if share < 0.005 else f"{100 * share:.0f}"


def _luminance(signed: Floats, theme: str) -> Floats:
    """Return the relative luminance of cells, in [0, 1].

    Source: WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    """
    ends = np.where((signed > 0)[..., None], rgb(MORE[theme]), rgb(FEWER[theme]))
    colours = np.array(rgb(MIDDLE[theme])) + np.abs(signed)[..., None] * (ends - rgb(MIDDLE[theme]))
    light = colours / 255
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


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
