"""One class as small figures: where it is, how large, how many together, of what shape.

A figure is given its layout as a whole: plotly's `update_…` would take longer than making it. Its margins have room for
its labels from the start; where plotly has to make it, it draws the figure again.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from cocomine.charts.theme import FEWER, MARGIN, MIDDLE, MORE
from cocomine.coco.arrays import Floats, Ints
from cocomine.mining.statistics.appearance import (
    AREA_SHARE_BOUNDS,
    LOG2_ASPECT_CENTRES,
    PER_IMAGE_STARTS,
    Appearance,
    LocationMap,
)
from cocomine.mining.statistics.instances import SIZE_CLASSES
from cocomine.wording import percent

SMALL_HEIGHT_PX = 215
MAP_HEIGHT_PX = 2 * SMALL_HEIGHT_PX + 56
SMALL_FONT = {"size": 11}
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
    """Return where in the image the boxes of a class are, as a heat map."""
    cells = len(location.shares)
    centres = (np.arange(cells) + 0.5) / cells
    highest = float(location.shares.max()) or 1.0
    scale = {"orientation": "h", "thickness": 12, "y": -0.1, "yanchor": "top", "outlinewidth": 0, "nticks": 5}
    shown = go.Heatmap(
        x=centres,
        y=centres,
        z=location.shares * 100,
        colorscale=[[0, MIDDLE[theme]], [1, MORE[theme]]],
        zmin=0,
        zmax=highest * 100,
        colorbar={"tickformat": ".0f" if highest >= 0.05 else ".1f", "ticksuffix": " %", **scale},
        hovertemplate="%{z:.1f} % of the objects are here<extra></extra>",
    )
    edge = {"showgrid": False, "zeroline": False, "tickmode": "array", "tickvals": [0.03, 0.97]}
    layout = {
        "height": MAP_HEIGHT_PX,
        "margin": MARGIN | {"l": 62, "b": 96},
        "dragmode": False,
        "xaxis": {"range": [0, 1], "ticktext": ["left", "right"], **edge},
        "yaxis": {"range": [1, 0], "ticktext": ["top", "bottom"], **edge},
    }
    return go.Figure(shown, layout)


def size_figure(look: Appearance, *, theme: str) -> go.Figure:
    """Return the shares of COCO's size classes, in the image and in the network's input, as two stacked bars."""
    rows = {"in the image": look.image_sizes, f"at {look.input_size_px} px": look.input_sizes}
    shares = np.array([_shares(sizes) for sizes in rows.values()])  # (2, 4)
    bars = [
        go.Bar(
            x=shares[:, index].tolist(),
            y=list(rows),
            orientation="h",
            name=name,
            marker={"color": SIZE_COLOURS[theme][index]},
            text=[percent(share) if share >= LEAST_LABELLED_SHARE else "" for share in shares[:, index]],
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont={"color": SIZE_TEXTS[theme][index]},
            textangle=0,
            customdata=_told([int(sizes[index]) for sizes in rows.values()], shares[:, index]),
            hovertemplate=f"{name} ({SIZE_BOUNDS[index]}), %{{y}}: %{{customdata}}<extra></extra>",
        )
        for index, name in enumerate(SIZE_CLASSES)
    ]
    layout = {
        "height": SMALL_HEIGHT_PX,
        "margin": MARGIN | {"l": 82, "b": 58},
        "barmode": "stack",
        "bargap": 0.3,
        "legend": {"orientation": "h", "y": 0, "yanchor": "top", "x": 0, "font": SMALL_FONT, "traceorder": "normal"},
        "xaxis": {"range": [0, 1], "visible": False},
        "yaxis": {"autorange": "reversed", "automargin": True},
    }
    return go.Figure(bars, layout)


def per_image_figure(look: Appearance, *, colour: str) -> go.Figure:
    """Return how many objects of a class are in one image, over the images with at least one."""
    ends = [start - 1 for start in PER_IMAGE_STARTS[1:]]
    labels = [
        str(start) if start == end else f"{start}–{end}" for start, end in zip(PER_IMAGE_STARTS, ends, strict=False)
    ]
    labels.append(f"> {ends[-1]}")
    ticks = dict(enumerate(labels))
    return _histogram(_bars(look.per_image.counts, labels, "images", colour), ticks, "objects in one image")


def area_share_figure(look: Appearance, *, colour: str) -> go.Figure:
    """Return which share of its image an object of a class covers."""
    bounds = [f"{100 * bound:g}" for bound in AREA_SHARE_BOUNDS]
    between = [f"{low}–{high} %" for low, high in pairwise(bounds)]
    labels = [f"< {bounds[0]} %", *between, f"> {bounds[-1]} %"]
    ticks = {
        index + 0.5: f"{bounds[index]} %"
        for index, bound in enumerate(AREA_SHARE_BOUNDS)
        if bound in LABELLED_AREA_SHARES
    }
    return _histogram(_bars(look.area_shares.counts, labels, "objects", colour), ticks, "share of the image")


def aspect_figure(look: Appearance, *, colour: str) -> go.Figure:
    """Return how much wider than high the boxes of a class are, each step √2."""
    labels = [_ratio(centre) for centre in LOG2_ASPECT_CENTRES]
    ticks = {index: labels[index] for index, centre in enumerate(LOG2_ASPECT_CENTRES) if centre == int(centre)}
    return _histogram(
        _bars(look.log2_aspects.counts, labels, "objects", colour), ticks, "aspect ratio (width : height)"
    )


def _ratio(log2_aspect: float) -> str:
    larger = f"{2 ** abs(log2_aspect):.2g}"
    return "1:1" if log2_aspect == 0 else f"{larger}:1" if log2_aspect > 0 else f"1:{larger}"


def _bars(counts: Ints, labels: Sequence[str], unit: str, colour: str) -> go.Bar:
    """Return the share of each bin as a bar at 0, 1, 2 …, with its label and count."""
    shares = _shares(counts)
    return go.Bar(
        x=list(range(len(labels))),
        y=[share * 100 for share in shares],
        marker={"color": colour},
        text=labels,
        textposition="none",
        customdata=_told(counts.tolist(), shares),
        hovertemplate="%{text}: %{customdata} " + unit + "<extra></extra>",
    )


def _histogram(bars: go.Bar, ticks: Mapping[float, str] | Mapping[int, str], title: str) -> go.Figure:
    """Return bars over an axis with these texts at these positions."""
    axis = {"tickvals": list(ticks), "ticktext": list(ticks.values()), "tickangle": 0, "tickfont": SMALL_FONT}
    layout = {
        "height": SMALL_HEIGHT_PX,
        "margin": MARGIN | {"l": 50, "b": 64},
        "bargap": 0.08,
        "xaxis": {"title": {"text": title}, **axis},
        "yaxis": {"tickformat": ".0f", "ticksuffix": " %", "rangemode": "tozero", "nticks": 5, "automargin": True},
    }
    return go.Figure(bars, layout)


def _shares(counts: Ints) -> Floats:
    return np.asarray(counts / max(int(counts.sum()), 1))


def _told(counts: Sequence[int], shares: Floats) -> list[str]:
    return [f"{count:,} ({percent(share) if count else '0 %'})" for count, share in zip(counts, shares, strict=True)]
