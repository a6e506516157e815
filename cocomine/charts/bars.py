"""Counts of classes as bars."""

import math
from collections.abc import Collection, Mapping, Sequence

import plotly.graph_objects as go

from cocomine.charts.theme import CURVES, name_ticks, widest_px
from cocomine.mining.statistics.categories import CategoryStatistics

LONGEST_NAME = 24
FEW = 5
MOST_LEVEL = 14
"""Names that have room beside each other; more are slanted."""
SLANT_DEGREES = -60
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
    names = [category.name for category in ranked]
    bars = {
        "type": "bar",
        "x": names,
        "y": values,
        "marker": {"color": [colours[name] for name in names]},
        "hovertemplate": "%{x}: %{y:,} " + unit + "<extra></extra>",
    }
    ticks, font_px = name_ticks(names, LONGEST_NAME), 10 if len(names) > 40 else 12
    is_slanted = len(names) > MOST_LEVEL
    across = {"tickangle": SLANT_DEGREES if is_slanted else None, "tickfont": {"size": font_px}}
    layout = {
        "height": 360,
        "margin": {"l": 72, "r": 8, "t": 12, "b": 8} | (_room_below(ticks["ticktext"], font_px) if is_slanted else {}),
        "bargap": 0.25,
        "xaxis": {**across, "automargin": not is_slanted, **ticks},
        "yaxis": {"title": {"text": unit}, "rangemode": "tozero", "dtick": _step(values)},
    }
    return go.Figure([bars], layout)


def ranked_bars(counts: Mapping[str, int], *, unit: str, colours: Mapping[str, str]) -> go.Figure:
    """Return horizontal bars with their numbers, in the order given."""
    names = list(counts)
    bars = {
        "type": "bar",
        "x": list(counts.values()),
        "y": names,
        "orientation": "h",
        "textposition": "auto",
        "marker": {"color": [colours.get(name, CURVES[0]) for name in names]},
        "text": [f"{count:,}" for count in counts.values()],
        "hovertemplate": "%{y}: %{x:,} " + unit + "<extra></extra>",
    }
    layout = {
        "height": 60 + 30 * len(counts),
        "margin": {"l": 8, "r": 16, "t": 8, "b": 30},
        "xaxis": {"rangemode": "tozero", "dtick": _step(counts.values())},
        "yaxis": {"autorange": "reversed", "automargin": True, **name_ticks(names, LONGEST_NAME)},
    }
    return go.Figure([bars], layout)


def _room_below(labels: Sequence[str], font_px: int) -> dict[str, int]:
    """Return the margin that slanted names take; plotly would measure each of them, and then draw the chart again."""
    slant = math.radians(-SLANT_DEGREES)
    first = widest_px(labels[:1], font_px) * math.cos(slant)
    return {"l": max(72, int(first) + 8), "b": int(widest_px(labels, font_px) * math.sin(slant)) + font_px + 12}


def _step(counts: Collection[int]) -> int | None:
    """Return 1 where the axis would else count in halves."""
    return 1 if max(counts, default=0) < FEW else None
