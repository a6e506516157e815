"""Counts of classes as bars."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from cocomine.charts.theme import CURVES, name_ticks
from cocomine.mining.statistics.categories import CategoryStatistics

LONGEST_NAME = 24
FEW = 5
MOST_CATEGORIES = 100
"""Categories whose names can be read in one chart."""


def category_bars(statistics: Sequence[CategoryStatistics], *, by: str, colours: Mapping[str, str]) -> go.Figure:
    """Return one bar per category, the highest first; of very many only the highest.

    Args:
        by: "image_count" or "instance_count".
    """
    ranked = sorted(statistics, key=lambda category: -getattr(category, by))[:MOST_CATEGORIES]
    values = [getattr(category, by) for category in ranked]
    unit = "images" if by == "image_count" else "objects"
    figure = go.Figure(
        go.Bar(
            x=[category.name for category in ranked],
            y=values,
            marker_color=[colours[category.name] for category in ranked],
            hovertemplate="%{x}: %{y:,} " + unit + "<extra></extra>",
        )
    )
    figure.update_layout(height=360, margin={"l": 56, "r": 8, "t": 12, "b": 8}, bargap=0.25)
    figure.update_xaxes(tickangle=-60 if len(ranked) > 14 else None, tickfont_size=10 if len(ranked) > 40 else 12)
    figure.update_xaxes(automargin=True, **name_ticks([category.name for category in ranked], LONGEST_NAME))
    figure.update_yaxes(title=unit, rangemode="tozero", dtick=_step(values))
    return figure


def ranked_bars(counts: Mapping[str, int], *, unit: str, colours: Mapping[str, str]) -> go.Figure:
    """Return horizontal bars with their numbers, in the order given."""
    texts = [f"{count:,}" for count in counts.values()]
    figure = _row_bars(counts, colours, text=texts, hovertemplate="%{y}: %{x:,} " + unit + "<extra></extra>")
    figure.update_layout(height=60 + 30 * len(counts), margin={"l": 8, "r": 16, "t": 8, "b": 30})
    figure.update_xaxes(rangemode="tozero", dtick=_step(counts.values()))
    return figure


def _row_bars(lengths: Mapping[str, float], colours: Mapping[str, str], **look: Any) -> go.Figure:
    """Return a horizontal bar for each name, the first on top."""
    names = list(lengths)
    look = {"textposition": "auto", "marker": {"color": [colours.get(name, CURVES[0]) for name in names]}, **look}
    bars = go.Bar(x=list(lengths.values()), y=names, orientation="h", **look)
    return go.Figure(bars).update_yaxes(autorange="reversed", automargin=True, **name_ticks(names, LONGEST_NAME))


def _step(counts: Collection[int]) -> int | None:
    """Return 1 where the axis would else count in halves."""
    return 1 if max(counts, default=0) < FEW else None
