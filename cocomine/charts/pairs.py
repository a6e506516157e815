"""All pairs of categories as a heat map that can be clicked."""

from collections.abc import Iterable, Sequence
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.hatching import hatched
from cocomine.charts.look import FAINT, TEXT, UNKNOWN
from cocomine.charts.pair_colours import Scale, scale_of
from cocomine.coco.dataset import Bools, Floats
from cocomine.mining.pair_view import PairView
from cocomine.mining.pair_words import view_sentence

LARGEST_SVG_MAP = 1600
"""Cells above which markers are drawn by WebGL."""
LONGEST_LABEL, LONGEST_LINE, LONGEST_SENTENCE = 22, 84, 600
CLOSED_MARGINS_PX = {"l": 8, "r": 16, "t": 64, "b": 8}
LARGEST_HEIGHT_PX = 1440


def pair_map(
    view: PairView, *, rows: Sequence[int], columns: Sequence[int], theme: str, breaks: Sequence[int] = ()
) -> go.Figure:
    """Return the heat map of pairs, a clickable marker on each cell.

    Pairs that cannot be told are grey; those with too few images are hatched. `go.Heatmap` reports no click to
    Streamlit (streamlit #8760), so transparent markers lie over it; each carries the positions of its two categories,
    as in the table, in `customdata`. With no limit to the distance of hovering the nearest marker takes a click, and
    nearest is the one of the cell, however large that is; markers are small, for plotly takes any within its radius.

    Args:
        view: the measure.
        rows: positions of the categories from top to bottom; the first ones of the pairs.
        columns: those from left to right.
        theme: "light" or "dark".
        breaks: rows and columns before which a thin line is drawn, between groups.
    """
    shown = _cells_of(view.shown, rows, columns)
    too_few = _cells_of(view.has_too_few, rows, columns) & ~_same(rows, columns)
    unknown = np.isnan(shown) & ~too_few & ~_same(rows, columns)
    traces = [_cells(shown, scale_of(view, shown, theme)), _targets(view, rows, columns)]
    if unknown.any():
        traces.append(_grey(unknown, theme))
    layout = {
        "height": _height_px(view, rows, columns),
        "margin": CLOSED_MARGINS_PX,
        "dragmode": False,
        "clickmode": "event+select",
        "showlegend": False,
        "hoverdistance": -1,
        "hoverlabel": {"align": "left"},
        "xaxis": {
            **_axis(view, columns, theme),
            "range": [-0.5, len(columns) - 0.5],
            "tickangle": -90 if len(columns) > 8 else 0,
            "side": "bottom",
        },
        "yaxis": {**_axis(view, rows, theme), "range": [len(rows) - 0.5, -0.5]},
        "images": [hatched(too_few, theme=theme)] if too_few.any() else [],
        "shapes": list(_lines(breaks, len(rows), theme)),
    }
    return go.Figure(traces, layout)


def _cells_of(values: Any, rows: Sequence[int], columns: Sequence[int]) -> Any:
    return values[np.ix_(list(rows), list(columns))]


def _same(rows: Sequence[int], columns: Sequence[int]) -> Bools:
    return np.asarray(np.equal.outer(np.array(rows, dtype=int), np.array(columns, dtype=int)))


def _height_px(view: PairView, rows: Sequence[int], columns: Sequence[int]) -> int:
    longest = max((len(_label(view.table.names[index])) for index in columns), default=0)
    labels = 6 * longest if len(columns) > 8 else 20
    row = 56 if len(rows) <= 8 else 36 if len(rows) <= 20 else 20 if len(rows) <= 40 else 13
    return int(min(max(64 + 24 + labels + row * len(rows), 220), LARGEST_HEIGHT_PX))


def _axis(view: PairView, positions: Sequence[int], theme: str) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(positions))),
        "ticktext": [_label(view.table.names[index]) for index in positions],
        "tickfont": {"size": 9 if len(positions) > 40 else 12, "color": TEXT[theme]},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "automargin": True,
    }


def _label(name: str) -> str:
    line = " ".join(name.split())
    return escape(line if len(line) <= LONGEST_LABEL else f"{line[: LONGEST_LABEL - 1]}…", quote=False)


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
    for place in breaks:
        yield look | {"x0": place - 0.5, "x1": place - 0.5, "y0": -0.5, "y1": size - 0.5}
        yield look | {"y0": place - 0.5, "y1": place - 0.5, "x0": -0.5, "x1": size - 0.5}


def _targets(view: PairView, rows: Sequence[int], columns: Sequence[int]) -> dict[str, Any]:
    pairs = [[row, column] for row in rows for column in columns]
    texts = [_hover_text(view_sentence(view, first, second)) for first, second in pairs]
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
    lines = wrap(sentence[:LONGEST_SENTENCE], LONGEST_LINE)
    return "<br>".join(escape(line, quote=False) for line in lines)
