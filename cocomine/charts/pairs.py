"""All pairs of categories as a heat map that can be clicked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.look import FEWER, MIDDLE, MORE, UNKNOWN
from cocomine.coco.dataset import Bools
from cocomine.mining.interference import PairTable
from cocomine.mining.pair_words import pair_sentence

LARGEST_SVG_MAP = 1600
"""Cells above which markers are drawn by WebGL."""


def pair_map(table: PairTable, *, measure: str, order: Sequence[int], theme: str) -> go.Figure:
    """Return the heat map of all pairs, a clickable marker on each cell; cells that cannot be told are grey.

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
    unknown = _unknown(table, measure, order)
    if unknown.any():
        figure.add_trace(_grey(unknown, theme))
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
        values = np.where(table.image_counts[chosen] > 0, table.counts[chosen], np.nan)
        np.fill_diagonal(values, np.nan)
        scale = [[0, MIDDLE[theme]], [1, MORE[theme]]]
        top = float(np.max(values, initial=1.0, where=~np.isnan(values)))
        ticks = sorted({1, *(10**power for power in range(1, 7) if 10**power <= top), int(top)})
        colours = np.log10(np.maximum(values, 0.5))
        bar = {"title": "images", "tickvals": np.log10(ticks).tolist(), "ticktext": [f"{tick:,}" for tick in ticks]}
        return go.Heatmap(z=colours, colorscale=scale, zmin=np.log10(0.5), zmax=np.log10(top), **_map_look(bar))
    values = np.log2(np.clip(table.cautious_lift[chosen], 1 / 16, 16))
    np.fill_diagonal(values, np.nan)
    scale = [[0, FEWER[theme]], [0.5, MIDDLE[theme]], [1, MORE[theme]]]
    words = ["16× fewer", "4× fewer", "chance", "4× more", "16× more"]
    bar = {"title": "", "tickvals": [-4, -2, 0, 2, 4], "ticktext": words}
    return go.Heatmap(z=values, colorscale=scale, zmin=-4, zmax=4, **_map_look(bar))


def _unknown(table: PairTable, measure: str, order: Sequence[int]) -> Bools:
    """Return the pairs of two categories about which nothing can be said."""
    values = np.isnan(table.lift) if measure == "lift" else table.image_counts == 0
    return np.asarray(values[np.ix_(order, order)] & ~np.eye(len(order), dtype=bool))


def _grey(unknown: Bools, theme: str) -> go.Heatmap:
    look = {"colorscale": [[0, UNKNOWN[theme]], [1, UNKNOWN[theme]]], "zmin": 0, "zmax": 1, "showscale": False}
    return go.Heatmap(z=np.where(unknown, 0.0, np.nan), hoverinfo="skip", xgap=1, ygap=1, **look)


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
