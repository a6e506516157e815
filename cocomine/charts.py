"""Tables to plotly figures; the only module that knows plotly.

Figures carry data and layout alone; Streamlit's theme gives fonts and
backgrounds. Colours of measures are blue to orange, legible without red-green
vision, with a neutral middle that follows light and dark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# plotly looks for pandas among the loaded modules and stumbles over one that another session's thread is still
# importing; importing it here waits until it is complete. To go when plotly no longer peeks into sys.modules.
import pandas as pd  # noqa: F401
import plotly.graph_objects as go

from cocomine.mining.interference import PairTable, pair_sentence
from cocomine.mining.statistics import CategoryStatistics

Figure = go.Figure

MIDDLE = {"light": "#f3f1ec", "dark": "#20262b"}
FEWER, MORE = "#c2590b", "#1f6fb2"
FEWER_DARK, MORE_DARK = "#f4a259", "#6cb6f2"
CURVES = ("#1f77b4", "#e07b00", "#2a9d6f", "#a453c9", "#c0392b", "#7f7f7f")
MOST_CATEGORIES = 100
"""Categories whose names can be read in one chart."""
LARGEST_SVG_MAP = 1600
"""Cells above which markers are drawn by WebGL."""


def category_bars(statistics: Sequence[CategoryStatistics], *, by: str, colours: Mapping[str, str]) -> go.Figure:
    """Return one bar per category, the highest first; of very many only the highest.

    Args:
        statistics: the categories.
        by: "image_count" or "instance_count".
        colours: "#rrggbb" by category name.
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
    figure.update_xaxes(tickangle=-60 if len(ranked) > 14 else 0, tickfont_size=10 if len(ranked) > 40 else 12)
    figure.update_xaxes(automargin=True, dtick=1)
    figure.update_yaxes(title=unit, rangemode="tozero")
    return figure


def pair_map(table: PairTable, *, measure: str, order: Sequence[int], theme: str) -> go.Figure:
    """Return the heat map of all pairs, a clickable marker on each cell.

    `go.Heatmap` reports no click to Streamlit (streamlit #8760), so transparent square markers lie over it; each
    carries the positions of its two categories, as in `table`, in `customdata`.

    Args:
        table: the pairs.
        measure: "lift" or "counts".
        order: positions of the categories, in the order of the axes.
        theme: "light" or "dark".
    """
    names = [table.names[index] for index in order]
    figure = go.Figure([_cells(table, measure, order, theme), _targets(table, order)])
    size = len(order)
    side = max(420, min(1150, 150 + 13 * size))
    font = 9 if size > 40 else 12
    ticks = {"tickmode": "array", "tickvals": list(range(size)), "ticktext": names, "tickfont": {"size": font}}
    figure.update_xaxes(
        range=[-0.5, size - 0.5], tickangle=-90 if size > 8 else 0, side="bottom", showgrid=False, **ticks
    )
    figure.update_yaxes(range=[size - 0.5, -0.5], showgrid=False, zeroline=False, **ticks)
    figure.update_layout(
        height=side,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        clickmode="event+select",
        showlegend=False,
        hoverdistance=30,
    )
    return figure


def _cells(table: PairTable, measure: str, order: Sequence[int], theme: str) -> go.Heatmap:
    chosen = np.ix_(order, order)
    if measure == "counts":
        values = table.counts[chosen].astype(float)
        np.fill_diagonal(values, np.nan)
        scale = [[0, MIDDLE[theme]], [1, MORE_DARK if theme == "dark" else MORE]]
        top = max(1.0, float(np.nanmax(values)) if values.size > 1 else 1.0)
        ticks = sorted({1, *(10**power for power in range(1, 7) if 10**power <= top), int(top)})
        colours = np.log10(np.maximum(values, 0.5))
        bar = {"title": "images", "tickvals": np.log10(ticks).tolist(), "ticktext": [f"{tick:,}" for tick in ticks]}
        return go.Heatmap(z=colours, colorscale=scale, zmin=np.log10(0.5), zmax=np.log10(top), **_map_look(bar))
    values = np.log2(np.clip(table.cautious_lift[chosen], 1 / 16, 16))
    np.fill_diagonal(values, np.nan)
    few, many = (FEWER_DARK, MORE_DARK) if theme == "dark" else (FEWER, MORE)
    scale = [[0, few], [0.5, MIDDLE[theme]], [1, many]]
    words = ["16× fewer", "4× fewer", "chance", "4× more", "16× more"]
    bar = {"title": "", "tickvals": [-4, -2, 0, 2, 4], "ticktext": words}
    return go.Heatmap(z=values, colorscale=scale, zmin=-4, zmax=4, **_map_look(bar))


def _map_look(bar: dict[str, Any]) -> dict[str, Any]:
    return {"hoverinfo": "skip", "xgap": 1, "ygap": 1, "colorbar": {"thickness": 12, "len": 0.6, **bar}}


def _targets(table: PairTable, order: Sequence[int]) -> Any:
    size = len(order)
    rows, columns = np.divmod(np.arange(size * size), size)
    pairs = [(order[row], order[column]) for row, column in zip(rows, columns, strict=True)]
    marker = {"symbol": "square", "size": 14, "opacity": 0}
    kind = go.Scattergl if size * size > LARGEST_SVG_MAP else go.Scatter
    return kind(
        x=columns,
        y=rows,
        mode="markers",
        marker=marker,
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=pairs,
        text=[pair_sentence(table, first, second) for first, second in pairs],
        hovertemplate="%{text}<extra></extra>",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Values over training steps; a dashed one is of another kind than the rest."""

    steps: Sequence[float]
    values: Sequence[float]
    is_dashed: bool = False


def curve_chart(
    curves: Mapping[str, Curve],
    *,
    y_title: str,
    floors: Mapping[str, float] | None = None,
    highest: float | None = None,
    last_step: int | None = None,
) -> go.Figure:
    """Return lines over training steps.

    Args:
        curves: by name.
        y_title: what is measured.
        floors: horizontal reference lines by name, such as "predict nothing".
        highest: top of the y axis; None fits it to the values.
        last_step: end of the x axis, so that a live chart does not move; None fits it to the values.
    """
    figure = go.Figure()
    for colour, (name, curve) in zip(CURVES * 3, curves.items(), strict=False):
        line = {"color": colour, "width": 2.5, "dash": "dot" if curve.is_dashed else "solid"}
        mode = "lines+markers" if len(curve.steps) < 40 else "lines"
        figure.add_scatter(x=list(curve.steps), y=list(curve.values), name=name, mode=mode, line=line, marker_size=6)
    for name, value in (floors or {}).items():
        figure.add_hline(y=value, line_dash="dash", line_width=1.5, line_color="#8a8f94")
        figure.add_annotation(
            x=1,
            xref="paper",
            y=value,
            text=name,
            showarrow=False,
            xanchor="right",
            yanchor="bottom" if value < (highest or 1.0) / 2 else "top",  # away from the axis and the chart's edge
            font_size=11,
        )
    figure.update_layout(
        height=320,
        margin={"l": 56, "r": 8, "t": 34, "b": 40},
        legend={"orientation": "h", "y": 1.14, "x": 0},
        hovermode="x unified",
    )
    steps_range = None if last_step is None else [0, last_step * 1.02]
    figure.update_xaxes(title="training step", rangemode="tozero", range=steps_range)
    figure.update_yaxes(title=y_title, rangemode="tozero", range=None if highest is None else [0, highest])
    return figure


def ranked_bars(counts: Mapping[str, int], *, unit: str, colours: Mapping[str, str]) -> go.Figure:
    """Return horizontal bars with their numbers, in the order given."""
    names = list(counts)
    figure = go.Figure(
        go.Bar(
            x=list(counts.values()),
            y=names,
            orientation="h",
            text=[f"{count:,}" for count in counts.values()],
            textposition="auto",
            marker_color=[colours.get(name, CURVES[0]) for name in names],
            hovertemplate="%{y}: %{x:,} " + unit + "<extra></extra>",
        )
    )
    figure.update_layout(height=60 + 30 * len(names), margin={"l": 8, "r": 16, "t": 8, "b": 30})
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(rangemode="tozero")
    return figure


def share_bars(values: Mapping[str, float | None], *, title: str, colours: Mapping[str, str]) -> go.Figure:
    """Return horizontal bars of shares in [0, 1]; None is drawn as a missing bar and says so."""
    names = list(values)
    known = [values[name] or 0.0 for name in names]
    texts = ["no pixels to judge" if values[name] is None else f"{values[name]:.1%}" for name in names]
    figure = go.Figure(
        go.Bar(
            x=known,
            y=names,
            orientation="h",
            text=texts,
            textposition="outside",
            cliponaxis=False,
            marker_color=[colours.get(name, CURVES[0]) for name in names],
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(height=90 + 34 * len(names), margin={"l": 8, "r": 48, "t": 12, "b": 40})
    figure.update_xaxes(range=[0, 1.05], tickformat=".0%", title=title)
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure
