"""Values over training steps, or over training time, as lines.

A figure is given its data and layout as a whole, and not checked by plotly: `add_…` and `update_…` take four times as
long, checking as much again, and the chart of a run at work is drawn every two seconds.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from cocomine.charts.theme import CURVES, label
from cocomine.colours import EDGE, rgb

Floats = npt.NDArray[np.float64]
LONGEST_NAME = 40
MOST_POINTS = 500
"""More cannot be told apart on a screen."""
_HEIGHT_PX, _LEGEND_ROW_PX = 320, 19
_MARKED_UP_TO = 40  # points; of more, the dots would hide the line
_PALE = 0.3  # opacity of a curve under its smoothed one
_BAND = 0.15  # opacity of an interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Values over training steps; a dashed one is of another kind than the rest."""

    steps: Sequence[float]  # rising; or another measure of how far the run was, such as minutes
    values: Sequence[float]
    is_dashed: bool = False
    colour: str | None = None  # None takes the next of the palette
    width_px: float = 2.5
    opacity: float = 1.0
    smoothing: float = 0.0  # in [0, 1): the weight of what was before; above 0 the curve itself is drawn pale

    @classmethod
    def of(cls, points: Iterable[tuple[int, float | None]], **look: Any) -> Self:
        """Return the curve through points (step, value), with other fields as in `look`; without a value, no point."""
        there = [(step, value) for step, value in points if value is not None]
        return cls(steps=[step for step, _ in there], values=[value for _, value in there], **look)

    def thinned(self, most: int = MOST_POINTS) -> Self:
        """Return the curve with at most `most` points, each the mean of as many neighbours, at the last one's step."""
        width = math.ceil(len(self.steps) / most)
        if width <= 1:
            return self
        starts = range(0, len(self.steps), width)
        return replace(
            self,
            steps=[self.steps[min(start + width, len(self.steps)) - 1] for start in starts],
            values=[sum(part := self.values[start : start + width]) / len(part) for start in starts],
        )

    def smoothed_values(self) -> list[float]:
        """Return the values s of exponential smoothing of the values x: s[0] = x[0], s[t] = w s[t-1] + (1 - w) x[t].

        The weight w is `smoothing`, and t counts the points of this curve.

        Source: Brown, "Exponential smoothing for predicting demand" (1956), whose alpha is 1 - w.
        """
        return list(accumulate(self.values, lambda last, value: self.smoothing * last + (1 - self.smoothing) * value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """An interval around a curve."""

    low: Curve
    high: Curve  # over the same steps
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """What the axes say and how far they go."""

    y_title: str
    x_title: str = "training step"
    x_end: float | None = None  # so that a live chart does not move; None fits it to the curves
    y_end: float | None = None
    y_format: str = ""  # of d3, such as ".0%"
    legend_rows: int = 0  # beyond the usual, so that the plot keeps its height


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What curves are held against."""

    floors: Mapping[str, float] = field(default_factory=dict)  # values by name, drawn as horizontal lines
    band: Band | None = None
    best: Curve | None = None  # points that are marked by a star


def curve_chart(curves: Mapping[str, Curve], axes: Axes, reference: Reference | None = None) -> go.Figure:
    """Return curves, by name, with what they are held against."""
    reference = reference or Reference()
    traces = [] if reference.band is None else [_band(reference.band)]
    for colour, (name, curve) in zip(CURVES * 3, curves.items(), strict=False):
        traces += _lines(name, curve, curve.colour or colour)
    end = axes.x_end
    if end is None:
        end = max((curve.steps[-1] for curve in curves.values() if curve.steps), default=1)
    traces += [_floor(name, value, end) for name, value in reference.floors.items()]
    if reference.best is not None:
        traces.append(_stars(reference.best))
    # Checking each value would be most of the work; tests have them checked.
    return go.Figure({"data": traces, "layout": _layout(axes)}, _validate=False)


def _lines(name: str, curve: Curve, colour: str) -> list[dict[str, Any]]:
    own = _line(name, curve, colour)
    if not curve.smoothing:
        return [own]
    pale = own | {"opacity": _PALE, "showlegend": False, "hoverinfo": "skip"}
    return [pale, own | {"y": np.array(curve.smoothed_values()), "name": f"{own['name']}, smoothed"}]


def _line(name: str, curve: Curve, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": np.asarray(curve.steps, dtype=np.float64),  # of a list plotly would check each number
        "y": np.asarray(curve.values, dtype=np.float64),
        "name": label(name, LONGEST_NAME),
        "mode": "lines+markers" if len(curve.steps) < _MARKED_UP_TO else "lines",
        "line": {"color": colour, "width": curve.width_px, "dash": "dash" if curve.is_dashed else "solid"},
        "opacity": curve.opacity,
        "marker": {"size": 6},
    }


def _band(band: Band) -> dict[str, Any]:
    """Return an outline there and back, filled."""
    red, green, blue = rgb(band.low.colour or CURVES[0])
    return {
        "type": "scatter",
        "x": _there_and_back(band.low.steps, band.high.steps),
        "y": _there_and_back(band.low.values, band.high.values),
        "name": band.name,
        "showlegend": False,  # the heading says it: on a phone each entry is a row
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": f"rgba({red}, {green}, {blue}, {_BAND})",
        "hoverinfo": "skip",
    }


def _there_and_back(low: Sequence[float], high: Sequence[float]) -> Floats:
    return np.concatenate([np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)[::-1]])


def _floor(name: str, value: float, end: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [0, end],
        "y": [value, value],
        "name": name,  # in the legend: a text at the line would lie over the curves
        "mode": "lines",
        "line": {"color": EDGE, "width": 1.5, "dash": "dot"},
    }


def _stars(best: Curve) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": list(best.steps),
        "y": list(best.values),
        "name": "best",
        "showlegend": False,
        "mode": "markers",
        "marker": {"symbol": "star", "size": 15, "color": best.colour or CURVES[0]},
    }


def _layout(axes: Axes) -> dict[str, Any]:
    x_range = {} if axes.x_end is None else {"range": [0, axes.x_end * 1.02]}
    y_range = {} if axes.y_end is None else {"range": [0, axes.y_end]}
    return {
        "height": _HEIGHT_PX + _LEGEND_ROW_PX * axes.legend_rows,
        "margin": {"l": 56, "r": 8, "t": 34, "b": 40},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},  # a second row moves the plot
        "hovermode": "x unified",
        "xaxis": {"title": {"text": axes.x_title}, "rangemode": "tozero"} | x_range,
        "yaxis": {
            "title": {"text": axes.y_title},
            "rangemode": "tozero",
            "tickformat": axes.y_format,
        }
        | y_range,
    }
