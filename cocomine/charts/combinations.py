"""Which selected classes meet, as UpSet bars: a bar for each combination, and under it a dot for each class in it.

Source: A. Lex et al., UpSet, 2014, https://doi.org/10.1109/TVCG.2014.2346248
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from cocomine.charts.theme import MARGIN, MIDDLE, MORE, UNKNOWN, label, row_axis
from cocomine.colours import EDGE
from cocomine.mining.selection.combinations import Combination, CombinationTable, combination_sentence

MOST_BARS = 15
LONGEST_NAME = 22
BARS_HEIGHT_PX = 190
ROW_HEIGHT_PX = 26
GAP_PX = 12
LEAST_PLACES = 6
"""Fewer bars keep the width that so many would have."""
MOST_LEVEL_CHARACTERS = 40
"""Of all numbers over the bars, if they were as long as the longest; more would run into each other and are turned."""


def combination_bars(table: CombinationTable, *, colours: Mapping[str, str], theme: str) -> go.Figure:
    """Return the combinations in most images, at most `MOST_BARS`, the highest bar first; of at least one class."""
    shown = table.combinations[:MOST_BARS]
    image_counts = zip(table.classes, table.image_counts, strict=True)
    rows = [f"{label(name, LONGEST_NAME)} · {count:,}" for name, count in image_counts]
    rows_px = ROW_HEIGHT_PX * len(table.classes)
    top = rows_px / (rows_px + GAP_PX + BARS_HEIGHT_PX)
    highest = max((each.image_count for each in shown), default=1)
    are_level = len(shown) * len(f"{highest:,}") <= MOST_LEVEL_CHARACTERS
    bars = _bars(shown, _told(shown, table), theme=theme, are_level=are_level)
    dots = _dots(shown, table, colours=colours, theme=theme)
    layout = {
        "height": rows_px + GAP_PX + BARS_HEIGHT_PX + MARGIN["t"] + MARGIN["b"],
        "margin": MARGIN,
        "bargap": 0.35,
        "dragmode": False,
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": {"range": [-0.6, max(len(shown), LEAST_PLACES) - 0.4], "visible": False, "fixedrange": True},
        "yaxis": {
            "domain": [1 - (1 - top) * BARS_HEIGHT_PX / (BARS_HEIGHT_PX + GAP_PX), 1],
            "range": [0, highest * (1.15 if are_level else 1.4)],
            "tickformat": ",d",
            "nticks": 5,
            "zeroline": False,
            "automargin": True,
            "fixedrange": True,
            "title": {"text": "images"},
        },
        "yaxis2": {"domain": [0, top], "fixedrange": True, **row_axis(rows)},
        "shapes": [_stripe(row, theme) for row in range(0, len(table.classes), 2)],
    }
    return go.Figure([bars, *_lines(shown, table.classes), dots], layout)


def _bars(shown: Sequence[Combination], sentences: list[str], *, theme: str, are_level: bool) -> go.Bar:
    return go.Bar(
        x=list(range(len(shown))),
        y=[each.image_count for each in shown],
        marker={"color": MORE[theme]},
        text=[f"{each.image_count:,}" for each in shown],
        textposition="outside",
        textangle=0 if are_level else -90,
        constraintext="none",
        cliponaxis=False,
        customdata=sentences,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _lines(shown: Sequence[Combination], classes: Sequence[str]) -> list[go.Scatter]:
    """Return one line for each combination of several classes, from its first to its last dot."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for at, each in enumerate(shown):
        rows = [classes.index(name) for name in each.classes]
        if len(rows) > 1:
            xs += [at, at, None]
            ys += [min(rows), max(rows), None]
    line = {"color": EDGE, "width": 3}
    return [go.Scatter(x=xs, y=ys, mode="lines", line=line, yaxis="y2", hoverinfo="skip")] if xs else []


def _dots(
    shown: Sequence[Combination], table: CombinationTable, *, colours: Mapping[str, str], theme: str
) -> go.Scatter:
    cells = [(at, row) for at in range(len(shown)) for row in range(len(table.classes))]
    held = [table.classes[row] in shown[at].classes for at, row in cells]
    colour = [colours[table.classes[row]] if has else UNKNOWN[theme] for (_, row), has in zip(cells, held, strict=True)]
    return go.Scatter(
        x=[at for at, _ in cells],
        y=[row for _, row in cells],
        mode="markers",
        marker={"size": [14 if has else 8 for has in held], "color": colour, "line": {"width": 0}, "opacity": 1},
        yaxis="y2",
        customdata=[sentence for sentence in _told(shown, table) for _ in table.classes],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _told(shown: Sequence[Combination], table: CombinationTable) -> list[str]:
    return [escape(combination_sentence(each, table), quote=False) for each in shown]


def _stripe(row: int, theme: str) -> dict[str, Any]:
    band = {"y0": row - 0.5, "y1": row + 0.5, "yref": "y2", "x0": 0, "x1": 1, "xref": "paper"}
    return {"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": MIDDLE[theme], **band}
