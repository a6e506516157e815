"""What erasing one class does to the IoU of another, as a map: rows are erased, columns are measured.

A cell is coloured only where the change can be told from chance, so that noise is not seen as a pattern; the others
are plain, and grey where too few images have both classes.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.map_layout import cell_markers, colour_bar, map_layout
from cocomine.charts.theme import FEWER, MIDDLE, MORE, UNKNOWN
from cocomine.claim.erasure import Change, ErasedPair
from cocomine.coco.arrays import Bools, Floats
from cocomine.wording import counted

MOST_NUMBERED = 13
"""So many columns have room for a number in each cell."""
LEAST_RANGE_POINTS = 10.0


def erasure_map(pairs: Sequence[ErasedPair], *, theme: str) -> go.Figure:
    """Return the map of all pairs of an erase test, rows and columns in one order."""
    erased = list(dict.fromkeys(pair.erased for pair in pairs))
    columns = {pair.measured for pair in pairs}
    measured = [name for name in dict.fromkeys([*erased, *(pair.measured for pair in pairs)]) if name in columns]
    cells = {(pair.erased, pair.measured): pair for pair in pairs}
    table = [[cells.get((row, column)) for column in measured] for row in erased]
    points = np.array([[np.nan if pair is None else told_points(pair) for pair in row] for row in table])
    is_unknown = np.array([[pair is None or pair.ring is None for pair in row] for row in table])
    traces = [_cells(points, theme), _grey(is_unknown, theme), _targets(table)]
    return go.Figure(traces, map_layout(erased, measured, theme=theme))


def told_points(pair: ErasedPair) -> float:
    """Return the change of a pair in points, 0 where it cannot be told; the smaller one of the two fillings."""
    if not pair.is_told or pair.ring is None or pair.blur is None:
        return 0.0
    return 100 * min(pair.ring.value, pair.blur.value, key=abs)


def _cells(points: Floats, theme: str) -> dict[str, Any]:
    top = max(LEAST_RANGE_POINTS, float(np.nanmax(np.abs(points), initial=0.0)))
    return {
        "type": "heatmap",
        "z": points,
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
        "colorscale": [(0.0, FEWER[theme]), (0.5, MIDDLE[theme]), (1.0, MORE[theme])],
        "zmin": -top,
        "zmax": top,
        "colorbar": colour_bar([-top, 0, top], ["found by it", "not told", "disturbed"]) | {"len": 0.9, "tickangle": 0},
        **({"text": _numbers(points), "texttemplate": "%{text}"} if points.shape[1] <= MOST_NUMBERED else {}),
    }


def _numbers(points: Floats) -> Any:
    words = [[f"{value:+.0f}" if value and not np.isnan(value) else "" for value in row] for row in points.tolist()]
    return np.array(words, dtype=object)


def _grey(is_unknown: Bools, theme: str) -> dict[str, Any]:
    return {
        "type": "heatmap",
        "z": np.where(is_unknown, 0.0, np.nan),
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
        "colorscale": [[0, UNKNOWN[theme]], [1, UNKNOWN[theme]]],
        "showscale": False,
    }


def _targets(table: Sequence[Sequence[ErasedPair | None]]) -> dict[str, Any]:
    texts = [_hover_text(pair) for row in table for pair in row]
    return cell_markers(len(table), len(table[0])) | {
        "text": np.array(texts, dtype=object),
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover_text(pair: ErasedPair | None) -> str:
    if pair is None:
        return "A class is not measured without itself."
    title = f"{escape(pair.measured, quote=False)} without {escape(pair.erased, quote=False)}"
    images = counted(pair.image_count, "image")
    if pair.ring is None or pair.blur is None:
        return f"{title}: nothing can be told from {images} with both"
    fillings = {"ring colours": pair.ring, "blur": pair.blur}
    lines = [f"filled with {name}: {_change_words(change)}" for name, change in fillings.items()]
    verdict = "can be told from chance" if pair.is_told else "cannot be told from chance"
    return "<br>".join([f"{title}, {images}: {verdict}", *lines])


def _change_words(change: Change) -> str:
    low, high = 100 * change.low, 100 * change.high
    return f"{100 * change.value:+.1f} points ({low:+.1f} to {high:+.1f}), corrected p {change.p_corrected:.3f}"
