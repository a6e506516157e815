"""All pairs of categories as a heat map that can be clicked."""

from collections.abc import Iterable, Sequence
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.colour_scales import Scale, scale_of
from cocomine.charts.hatching import hatched
from cocomine.charts.map_layout import cell_markers, colour_bar, map_layout
from cocomine.charts.theme import FAINT, UNKNOWN
from cocomine.coco.arrays import Bools, Floats
from cocomine.mining.interference.pair_measure import PairMeasure
from cocomine.mining.interference.sentences import measure_sentence

LONGEST_LINE, LONGEST_SENTENCE = 110, 600


def pair_map(
    view: PairMeasure, *, rows: Sequence[int], columns: Sequence[int], theme: str, breaks: Sequence[int] = ()
) -> go.Figure:
    """Return the heat map of pairs, a clickable marker on each cell.

    Pairs without a value are grey; those with too few images are hatched. The marker of a cell carries its pair as a
    number in `customdata`, see `pair_of_marker`.

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
    names = view.table.names
    layout = {
        **map_layout([names[row] for row in rows], [names[column] for column in columns], theme=theme),
        "images": [hatched(too_few, theme=theme)] if too_few.any() else [],
        "shapes": list(_lines(breaks, len(rows), theme)),
    }
    return go.Figure(traces, layout)


def pair_of_marker(customdata: int, category_count: int) -> tuple[int, int]:
    """Return the positions, in the table, of the two categories for which a marker stands."""
    return divmod(customdata, category_count)


def _cells(shown: Floats, scale: Scale) -> dict[str, Any]:
    return _map(scale.colours(shown)) | {
        "colorscale": scale.colorscale,
        "zmin": scale.low,
        "zmax": scale.high,
        "colorbar": colour_bar(scale.ticks, scale.words),
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
    texts = [_hover_text(measure_sentence(view, row, column)) for row in rows for column in columns]
    numbers = np.add.outer(np.multiply(rows, len(view.table.names)), columns)
    return cell_markers(len(rows), len(columns)) | {
        "customdata": numbers.ravel().astype(np.int32),  # a list for each cell would be copied in every run
        "text": np.array(texts, dtype=object),  # plotly looks at each entry of a list
        "hovertemplate": "%{text}<extra></extra>",
    }


def _hover_text(sentence: str) -> str:
    """Return a sentence in lines that fit, with nothing in it that plotly takes for markup."""
    if len(sentence) <= LONGEST_LINE:
        return escape(sentence, quote=False)
    return "<br>".join(escape(line, quote=False) for line in wrap(sentence[:LONGEST_SENTENCE], LONGEST_LINE))
