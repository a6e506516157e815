"""One class as small figures: where it is, how large, how many together, of what shape."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.look import FEWER, MIDDLE, MORE
from cocomine.coco.dataset import Ints
from cocomine.mining.appearance import (
    AREA_SHARE_BOUNDS,
    LOG2_ASPECT_CENTRES,
    PER_IMAGE_STARTS,
    Appearance,
    LocationMap,
    percent,
)
from cocomine.mining.instances import SIZE_CLASSES

SMALL_HEIGHT_PX = 215
MAP_HEIGHT_PX = 2 * SMALL_HEIGHT_PX + 56
SIZE_BOUNDS = ("less than one pixel", "below 32 × 32 px", "below 96 × 96 px", "96 × 96 px and more")
SIZE_COLOURS = {
    "light": (FEWER["light"], "#bcd7ee", "#74abda", MORE["light"]),
    "dark": (FEWER["dark"], "#2c4a63", "#3d709b", MORE["dark"]),
}
DARK_TEXT, LIGHT_TEXT = "#12171a", "#ffffff"
SIZE_TEXTS = {
    "light": (LIGHT_TEXT, DARK_TEXT, DARK_TEXT, LIGHT_TEXT),
    "dark": (DARK_TEXT, LIGHT_TEXT, LIGHT_TEXT, DARK_TEXT),
}
"""Colours of the numbers on `SIZE_COLOURS`, each legible on its own."""
LABELLED_AREA_SHARES = (0.0001, 0.001, 0.01, 0.1)
LEAST_LABELLED_SHARE = 0.1
"""Share of a bar below which its number would not fit into it."""


def location_figure(location: LocationMap, *, theme: str) -> go.Figure:
    """Return where in the image the boxes of a class are, as a heat map.

    Args:
        location: the shares.
        theme: "light" or "dark".
    """
    cells = len(location.shares)
    centres = (np.arange(cells) + 0.5) / cells
    highest = float(location.shares.max()) or 1.0
    figure = go.Figure(
        go.Heatmap(
            x=centres,
            y=centres,
            z=location.shares,
            colorscale=[[0, MIDDLE[theme]], [1, MORE[theme]]],
            zmin=0,
            zmax=highest,
            colorbar={
                "orientation": "h",
                "thickness": 12,
                "y": -0.1,
                "yanchor": "top",
                "outlinewidth": 0,
                **_percent_ticks(highest),
            },
            hovertemplate="%{z:.1%} of the objects are here<extra></extra>",
        )
    )
    edge = {"showgrid": False, "zeroline": False, "tickmode": "array", "tickvals": [0.03, 0.97]}
    figure.update_xaxes(range=[0, 1], ticktext=["left", "right"], **edge)
    figure.update_yaxes(range=[1, 0], ticktext=["top", "bottom"], **edge)
    return figure.update_layout(height=MAP_HEIGHT_PX, margin={"l": 8, "r": 8, "t": 8, "b": 8}, dragmode=False)


def _percent_ticks(highest: float) -> dict[str, Any]:
    return {"nticks": 5, "tickformat": ".0%" if highest >= 0.05 else ".1%"}


def size_figure(look: Appearance, *, theme: str) -> go.Figure:
    """Return the shares of COCO's size classes, in the photo and in the network's input, as two stacked bars.

    Args:
        look: the class.
        theme: "light" or "dark".
    """
    rows = {"in the photo": look.photo_sizes, f"at {look.input_size_px} px": look.input_sizes}
    figure = go.Figure()
    classes = zip(SIZE_CLASSES, SIZE_BOUNDS, SIZE_COLOURS[theme], SIZE_TEXTS[theme], strict=True)
    for index, (name, bound, colour, text_colour) in enumerate(classes):
        counts = [int(sizes[index]) for sizes in rows.values()]
        shares = [_shares(sizes)[index] for sizes in rows.values()]
        figure.add_bar(
            x=shares,
            y=list(rows),
            orientation="h",
            name=name,
            marker_color=colour,
            text=[percent(share) if share >= LEAST_LABELLED_SHARE else "" for share in shares],
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont_color=text_colour,
            textangle=0,
            customdata=_told(counts, shares),
            hovertemplate=f"{name} ({bound}), %{{y}}: %{{customdata}}<extra></extra>",
        )
    figure.update_layout(
        height=SMALL_HEIGHT_PX,
        barmode="stack",
        bargap=0.3,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 0, "yanchor": "top", "x": 0, "traceorder": "normal", "font_size": 11},
    )
    figure.update_xaxes(range=[0, 1], visible=False)
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def per_image_figure(look: Appearance, *, colour: str) -> go.Figure:
    """Return how many objects of a class are in one image, over the images with at least one."""
    ends = [start - 1 for start in PER_IMAGE_STARTS[1:]]
    labels = [
        str(start) if start == end else f"{start}–{end}" for start, end in zip(PER_IMAGE_STARTS, ends, strict=False)
    ]
    labels.append(f"> {ends[-1]}")
    return _histogram(look.per_image.counts, labels, axis="objects in one image", unit="images", colour=colour)


def area_share_figure(look: Appearance, *, colour: str) -> go.Figure:
    """Return which share of its image an object of a class covers."""
    bounds = [f"{bound:.2%}".rstrip("%").rstrip("0").rstrip(".") for bound in AREA_SHARE_BOUNDS]
    labels = [
        f"< {bounds[0]} %",
        *(f"{low}–{high} %" for low, high in pairwise(bounds)),
        f"> {bounds[-1]} %",
    ]
    figure = _histogram(look.area_shares.counts, labels, axis="share of the image", unit="objects", colour=colour)
    between = [index for index, bound in enumerate(AREA_SHARE_BOUNDS) if bound in LABELLED_AREA_SHARES]
    return figure.update_xaxes(
        tickvals=[index + 0.5 for index in between], ticktext=[f"{bounds[index]} %" for index in between]
    )


def aspect_figure(look: Appearance, *, colour: str) -> go.Figure:
    """Return how much wider than high the boxes of a class are, each step √2."""
    labels = [_ratio(centre) for centre in LOG2_ASPECT_CENTRES]
    figure = _histogram(
        look.log2_aspects.counts, labels, axis="tall ← width : height → wide", unit="objects", colour=colour
    )
    whole = [index for index, centre in enumerate(LOG2_ASPECT_CENTRES) if centre == int(centre)]
    return figure.update_xaxes(tickvals=whole, ticktext=[labels[index] for index in whole])


def _ratio(log2_aspect: float) -> str:
    larger = f"{2 ** abs(log2_aspect):.2g}"
    return "1:1" if log2_aspect == 0 else f"{larger}:1" if log2_aspect > 0 else f"1:{larger}"


def _histogram(counts: Ints, labels: Sequence[str], *, axis: str, unit: str, colour: str) -> go.Figure:
    shares = _shares(counts)
    places = list(range(len(labels)))
    figure = go.Figure(
        go.Bar(
            x=places,
            y=shares,
            marker_color=colour,
            text=labels,
            textposition="none",
            customdata=_told(counts.tolist(), shares),
            hovertemplate="%{text}: %{customdata} " + unit + "<extra></extra>",
        )
    )
    figure.update_layout(height=SMALL_HEIGHT_PX, margin={"l": 8, "r": 8, "t": 8, "b": 8}, bargap=0.08)
    figure.update_xaxes(title=axis, tickvals=places, ticktext=list(labels), tickangle=0, tickfont_size=11)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", nticks=5, automargin=True)
    return figure


def _shares(counts: Ints) -> list[float]:
    return (counts / max(int(counts.sum()), 1)).tolist()  # type: ignore[no-any-return]


def _told(counts: Sequence[int], shares: Sequence[float]) -> list[str]:
    return [f"{count:,} ({percent(share) if count else '0 %'})" for count, share in zip(counts, shares, strict=True)]
