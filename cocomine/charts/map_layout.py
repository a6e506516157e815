"""How is a map of classes against classes laid out, so that its names are read and a click finds its cell?"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cocomine.charts.theme import TEXT, name_ticks, widest_px

LONGEST_LABEL = 22
NARROWEST_MAP_PX = 420
"""Room for names side by side below the map; where they need more they stand upright."""
ROWS_PX = ((8, 56), (20, 36), (40, 20), (1_000_000, 13))
"""Up to so many rows, each is so high."""
LARGEST_HEIGHT_PX = 1440


def map_layout(row_names: Sequence[str], column_names: Sequence[str], *, theme: str) -> dict[str, Any]:
    """Return plotly's layout of a map with a colour bar above it, its first row on top."""
    across, down = _axis(column_names, theme), _axis(row_names, theme)
    is_upright = _widest_px(across) * len(column_names) > NARROWEST_MAP_PX
    margin = {"l": max(_widest_px(down), 48), "r": 16, "t": 64, "b": _widest_px(across) if is_upright else 28}
    row_px = next(height for most, height in ROWS_PX if len(row_names) <= most)
    return {
        "height": int(min(max(margin["t"] + margin["b"] + row_px * len(row_names), 220), LARGEST_HEIGHT_PX)),
        "margin": margin,
        "dragmode": False,
        "clickmode": "event+select",
        "showlegend": False,
        "hoverdistance": -1,
        "hoverlabel": {"align": "left", "font": {"color": TEXT[theme]}},
        "xaxis": {
            **across,
            "range": [-0.5, len(column_names) - 0.5],
            "tickangle": -90 if is_upright else 0,
            "side": "bottom",
        },
        "yaxis": {**down, "range": [len(row_names) - 0.5, -0.5]},
    }


def cell_markers(row_count: int, column_count: int) -> dict[str, Any]:
    """Return transparent markers, one on each cell of a map, row after row.

    `go.Heatmap` reports no click to Streamlit (streamlit #8760), markers do. With no limit to the distance of hovering
    the nearest one takes a click, and nearest is that of the cell, however large that is; markers are small, for plotly
    takes any within its radius. It draws one of them alone, since nobody sees them, and finds the others all the same.
    """
    return {
        "type": "scatter",
        "x": np.tile(np.arange(column_count, dtype=np.int16), row_count),
        "y": np.repeat(np.arange(row_count, dtype=np.int16), column_count),
        "mode": "markers",
        "marker": {"symbol": "square", "size": 4, "opacity": 0, "maxdisplayed": 1},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
    }


def colour_bar(ticks: Sequence[float], words: Sequence[str]) -> dict[str, Any]:
    """Return a colour bar above the map, with these words at these positions."""
    return {
        "orientation": "h",
        "thickness": 12,
        "len": 0.6,
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "ypad": 8,
        "outlinewidth": 0,
        "tickvals": list(ticks),
        "ticktext": list(words),
        "tickmode": "array",
    }


def _axis(names: Sequence[str], theme: str) -> dict[str, Any]:
    """Return an axis of names; plotly is not left to find room for them, for it would draw a large map twice."""
    return name_ticks(names, LONGEST_LABEL) | {
        "tickfont": {"size": 9 if len(names) > 40 else 12, "color": TEXT[theme]},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "automargin": False,
        "ticklabeloverflow": "allow",  # or each name would be measured
    }


def _widest_px(axis: dict[str, Any]) -> int:
    """Return about how wide the widest of an axis' names is drawn, with a gap to the map."""
    return int(widest_px(axis["ticktext"], axis["tickfont"]["size"])) + 14
