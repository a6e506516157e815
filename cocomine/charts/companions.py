"""What is left of a class when each of its companions is excluded, as bars."""

from collections.abc import Sequence

import plotly.graph_objects as go

from cocomine.charts.theme import MARGIN, MORE, UNKNOWN, label, row_axis
from cocomine.mining.interference.companions import Companion
from cocomine.wording import counted, percent

MOST_BARS = 10
LONGEST_NAME = 22
BAR_HEIGHT_PX = 30
NUMBERS_END = 1.45
"""Where the axis ends, so that the numbers behind the bars, which end at 1, are seen whole."""


def images_left_figure(beside: Sequence[Companion], *, theme: str) -> go.Figure:
    """Return one bar for each of the first companions: the share of images left without it, and the share lost."""
    shown = beside[:MOST_BARS]
    rows, texts = list(range(len(shown))), [_hover_text(companion) for companion in shown]
    bars = {"y": rows, "orientation": "h", "customdata": texts, "hovertemplate": "%{customdata}<extra></extra>"}
    left = [companion.share_left for companion in shown]
    parts = [
        go.Bar(x=left, name="left if it is excluded", marker={"color": MORE[theme]}, **bars),
        go.Bar(x=[companion.share for companion in shown], name="lost", marker={"color": UNKNOWN[theme]}, **bars),
        go.Scatter(
            x=[1.03] * len(shown),
            y=rows,
            mode="text",
            text=[f"{percent(c.share_left)} · {c.left_count:,}" if c.left_count else "none" for c in shown],
            textposition="middle right",
            hoverinfo="skip",
            showlegend=False,
        ),
    ]
    layout = {
        "height": 56 + BAR_HEIGHT_PX * len(shown),
        "margin": MARGIN,
        "barmode": "stack",
        "bargap": 0.28,
        "dragmode": False,
        "legend": {"orientation": "h", "y": 0, "yanchor": "top", "x": 0, "traceorder": "normal"},
        "xaxis": {"range": [0, NUMBERS_END], "visible": False},
        "yaxis": row_axis([label(companion.name, LONGEST_NAME) for companion in shown]),
    }
    return go.Figure(parts, layout)


def _hover_text(companion: Companion) -> str:
    return (
        f"Without {label(companion.name, LONGEST_NAME)}: {companion.left_count:,} of "
        f"{counted(companion.examined_count, 'image')} left ({percent(companion.share_left)})"
    )
