"""By how many points do two arms of a claim check differ, for each class and in the mean, with intervals?

One row a class, one column a set of test images. A difference whose interval leaves out zero is a filled dot in the
colour of its direction; one that cannot be told is hollow and grey, wherever its dot is.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from cocomine.charts.theme import FEWER, MORE, TEXT, label, row_axis
from cocomine.claim.number_words import with_interval
from cocomine.claim.records import Difference
from cocomine.claim.sentences import is_claimed
from cocomine.claim.tables import ForestRow

TITLES = ("With a class", "Natural mix")
"""Short, since both stand side by side on a phone."""
COLUMN_DOMAINS = ((0.0, 0.48), (0.52, 1.0))
LONGEST_NAME = 22
ROW_PX, AROUND_PX = 34, 96
NOT_TOLD = {"light": "#6b747b", "dark": "#97a2aa"}
"""Of differences that cannot be told."""
ZERO = {"light": "#4d565e", "dark": "#aab3bb"}
LEAST_REACH = 1.0
"""Points that the axis goes to either side, at least."""


def forest_chart(rows: Sequence[ForestRow], *, theme: str) -> go.Figure:
    """Return the differences as dots with their 95 % intervals around a zero line, the first row on top."""
    reach = axis_reach(rows)
    traces = [_column(rows, column, theme) for column in range(len(TITLES))]
    height = AROUND_PX + ROW_PX * len(rows)
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 34, "b": 44},
        "showlegend": False,
        "dragmode": False,
        "yaxis": row_axis([label(row.name, LONGEST_NAME) for row in rows]),
        "annotations": [_title(column, theme) for column in range(len(TITLES))],
        "shapes": [_zero_line(column, theme) for column in range(len(TITLES))],
    }
    for column, domain in enumerate(COLUMN_DOMAINS):
        layout[f"xaxis{_number(column)}"] = _axis(domain, reach)
    return go.Figure(traces, layout)


def axis_reach(rows: Sequence[ForestRow]) -> float:
    """Return how many points the axes of both columns go to either side of zero."""
    shown = [difference for row in rows for difference in row.both if difference is not None]
    ends = [end for each in shown for end in (each.value, each.low, each.high) if end is not None]
    return 1.08 * max([LEAST_REACH, *map(abs, ends)])


def _column(rows: Sequence[ForestRow], column: int, theme: str) -> dict[str, Any]:
    there = [(index, row.both[column]) for index, row in enumerate(rows)]
    shown = [(index, difference) for index, difference in there if difference is not None]
    colours = [_colour(difference, theme) for _, difference in shown]
    values = [difference.value for _, difference in shown]
    return {
        "type": "scatter",
        "x": values,
        "y": [index for index, _ in shown],
        "xaxis": f"x{_number(column)}",
        "mode": "markers",
        "marker": {
            "size": 11,
            "symbol": ["circle" if is_claimed(difference) else "circle-open" for _, difference in shown],
            "color": colours,
            "line": {"width": 2, "color": colours},
        },
        "error_x": _bars([difference for _, difference in shown], theme),
        "customdata": [_hover(difference) for _, difference in shown],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _bars(differences: Sequence[Difference], theme: str) -> dict[str, Any]:
    """Return plotly's error bars, which have one colour; those without an interval have no length."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if each.high is None else each.high - each.value for each in differences],
        "arrayminus": [0.0 if each.low is None else each.value - each.low for each in differences],
        "color": NOT_TOLD[theme],
        "thickness": 2,
        "width": 0,
    }


def _colour(difference: Difference, theme: str) -> str:
    if not is_claimed(difference):
        return NOT_TOLD[theme]
    return (MORE if difference.value > 0 else FEWER)[theme]


def _hover(difference: Difference) -> str:
    name = label(difference.class_name or "your classes", LONGEST_NAME)
    told = "" if is_claimed(difference) else "<br>no difference can be told"
    levels = f"{difference.first:.1f} and {difference.second:.1f} %"
    return f"{name}: {with_interval(difference)} points<br>IoU {levels}{told}"


def _axis(domain: tuple[float, float], reach: float) -> dict[str, Any]:
    return {
        "domain": list(domain),
        "range": [-reach, reach],
        "zeroline": False,
        "nticks": 5,
        "tickangle": 0,
        "title": {"text": "points", "standoff": 4},
    }


def _title(column: int, theme: str) -> dict[str, Any]:
    return {
        "text": TITLES[column],
        "xref": "paper",
        "yref": "paper",
        "x": sum(COLUMN_DOMAINS[column]) / 2,
        "xanchor": "center",
        "y": 1,
        "yanchor": "bottom",
        "yshift": 6,
        "showarrow": False,
        "font": {"size": 13, "color": TEXT[theme]},
    }


def _zero_line(column: int, theme: str) -> dict[str, Any]:
    line = {"color": ZERO[theme], "width": 1.5, "dash": "dot"}
    return {
        "type": "line",
        "layer": "below",
        "xref": f"x{_number(column)}",
        "yref": "paper",
        "x0": 0,
        "x1": 0,
        "y0": 0,
        "y1": 1,
        "line": line,
    }


def _number(column: int) -> str:
    """Return what plotly adds to the name of the axis of a column."""
    return "" if column == 0 else str(column + 1)
