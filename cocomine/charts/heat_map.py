"""All pairs of categories as a heat map that can be clicked."""

from collections.abc import Iterable, Sequence
from html import escape, unescape
from textwrap import wrap
from typing import Any
from unicodedata import east_asian_width

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.colour_scales import Scale, scale_of
from cocomine.charts.hatching import hatched
from cocomine.charts.theme import FAINT, TEXT, UNKNOWN, name_ticks
from cocomine.coco.arrays import Bools, Floats
from cocomine.mining.interference.pair_measure import PairMeasure
from cocomine.mining.interference.sentences import measure_sentence

LARGEST_SVG_MAP = 1600
"""Cells above which markers are drawn by WebGL."""
LONGEST_LABEL, LONGEST_LINE, LONGEST_SENTENCE = 22, 110, 600
NARROWEST_MAP_PX = 420
"""Room for names side by side below the map; where they need more they stand upright."""
ROWS_PX = ((8, 56), (20, 36), (40, 20), (1_000_000, 13))
"""Up to so many rows, each is so high."""
LARGEST_HEIGHT_PX = 1440


def pair_map(
    view: PairMeasure, *, rows: Sequence[int], columns: Sequence[int], theme: str, breaks: Sequence[int] = ()
) -> go.Figure:
    """Return the heat map of pairs, a clickable marker on each cell.

    Pairs without a value are grey; those with too few images are hatched. `go.Heatmap` reports no click to
    Streamlit (streamlit #8760), so transparent markers lie over it; each carries the positions of its two categories,
    as in the table, in `customdata`. With no limit to the distance of hovering the nearest marker takes a click, and
    nearest is the one of the cell, however large that is; markers are small, for plotly takes any within its radius.

    Args:
        rows: positions of the categories from top to bottom; the first ones of the pairs.
        columns: those from left to right.
        breaks: rows and columns before which a thin line is drawn, between groups.
    """
    shown = view.shown[np.ix_(list(rows), list(columns))]
    too_few, unknown = view.gaps(rows, columns)
    traces = [_cells(shown, scale_of(view, shown, theme)), _targets(view, rows, columns)]
    if unknown.any():
        traces.append(_grey(unknown, theme))
    across, down = _axis(view, columns, theme), _axis(view, rows, theme)
    is_upright = _widest_px(across) * len(columns) > NARROWEST_MAP_PX
    margin = {"l": max(_widest_px(down), 48), "r": 16, "t": 64, "b": _widest_px(across) if is_upright else 28}
    row_px = next(height for most, height in ROWS_PX if len(rows) <= most)
    layout = {
        "height": int(min(max(margin["t"] + margin["b"] + row_px * len(rows), 220), LARGEST_HEIGHT_PX)),
        "margin": margin,
        "dragmode": False,
        "clickmode": "event+select",
        "showlegend": False,
        "hoverdistance": -1,
        "hoverlabel": {"align": "left", "font": {"color": TEXT[theme]}},
        "xaxis": {
            **across,
            "range": [-0.5, len(columns) - 0.5],
            "tickangle": -90 if is_upright else 0,
            "side": "bottom",
        },
        "yaxis": {**down, "range": [len(rows) - 0.5, -0.5]},
        "images": [hatched(too_few, theme=theme)] if too_few.any() else [],
        "shapes": list(_lines(breaks, len(rows), theme)),
    }
    return go.Figure(traces, layout)


def _axis(view: PairMeasure, positions: Sequence[int], theme: str) -> dict[str, Any]:
    """Return an axis of names; plotly is not left to find room for them, for it would draw a large map twice."""
    return name_ticks([view.table.names[index] for index in positions], LONGEST_LABEL) | {
        "tickfont": {"size": 9 if len(positions) > 40 else 12, "color": TEXT[theme]},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "automargin": False,
    }


def _widest_px(axis: dict[str, Any]) -> int:
    """Return about how wide the widest of an axis' names is drawn, with a gap to the map."""
    widths = [
        sum(1.0 if east_asian_width(sign) in "WF" else 0.6 for sign in unescape(text)) for text in axis["ticktext"]
    ]
    return int(axis["tickfont"]["size"] * max(widths, default=0)) + 14


def _cells(shown: Floats, scale: Scale) -> dict[str, Any]:
    bar = {
        "orientation": "h",
        "thickness": 12,
        "len": 0.6,
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "ypad": 8,
        "outlinewidth": 0,
        "tickvals": scale.ticks,
        "ticktext": scale.words,
        "tickmode": "array",
    }
    return _map(scale.colours(shown)) | {
        "colorscale": scale.colorscale,
        "zmin": scale.low,
        "zmax": scale.high,
        "colorbar": bar,
    }


def _grey(unknown: Bools, theme: str) -> dict[str, Any]:
    look = {"colorscale": [[0, UNKNOWN[theme]], [1, UNKNOWN[theme]]], "zmin": 0, "zmax": 1, "showscale": False}
    return _map(np.where(unknown, 0.0, np.nan)) | look


def _map(colours: Floats) -> dict[str, Any]:
    return {"type": "heatmap", "z": colours, "hoverinfo": "skip", "xgap": 1, "ygap": 1}


def _lines(breaks: Sequence[int], size: int, theme: str) -> Iterable[dict[str, Any]]:
    """Yield a line across the map before each of these rows and columns."""
    look = {"type": "line", "layer": "above", "line": {"color": FAINT[theme], "width": 1}}
    for at in breaks:
        yield look | {"x0": at - 0.5, "x1": at - 0.5, "y0": -0.5, "y1": size - 0.5}
        yield look | {"y0": at - 0.5, "y1": at - 0.5, "x0": -0.5, "x1": size - 0.5}


def _targets(view: PairMeasure, rows: Sequence[int], columns: Sequence[int]) -> dict[str, Any]:
    pairs = [[row, column] for row in rows for column in columns]
    texts = [_hover_text(measure_sentence(view, first, second)) for first, second in pairs]
    return {
        "type": "scattergl" if len(pairs) > LARGEST_SVG_MAP else "scatter",
        "x": np.tile(np.arange(len(columns)), len(rows)),
        "y": np.repeat(np.arange(len(rows)), len(columns)),
        "mode": "markers",
        "marker": {"symbol": "square", "size": 4, "opacity": 0},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "customdata": np.array(pairs, dtype=object),  # plotly looks at each entry of a list
        "text": np.array(texts, dtype=object),
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover_text(sentence: str) -> str:
    """Return a sentence in lines that fit, with nothing in it that plotly takes for markup."""
    if len(sentence) <= LONGEST_LINE:
        return escape(sentence, quote=False)
    return "<br>".join(escape(line, quote=False) for line in wrap(sentence[:LONGEST_SENTENCE], LONGEST_LINE))
