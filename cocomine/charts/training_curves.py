"""Values over training steps as lines."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import plotly.graph_objects as go

from cocomine.charts.theme import CURVES
from cocomine.colours import EDGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Values over training steps; a dashed one is of another kind than the rest."""

    steps: Sequence[float]
    values: Sequence[float]
    is_dashed: bool = False

    @classmethod
    def of(cls, points: Iterable[tuple[int, float | None]], *, is_dashed: bool = False) -> Self:
        """Return the curve through points (step, value); those without a value are left out."""
        there = [(step, value) for step, value in points if value is not None]
        return cls(steps=[step for step, _ in there], values=[value for _, value in there], is_dashed=is_dashed)

    def thinned(self, most: int) -> Self:
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
        floors: horizontal reference lines by name, such as the score of an empty prediction.
        highest: top of the y axis; None fits it to the values.
        last_step: end of the x axis, so that a live chart does not move; None fits it to the values.
    """
    figure = go.Figure()
    for colour, (name, curve) in zip(CURVES * 3, curves.items(), strict=False):
        line = {"color": colour, "width": 2.5, "dash": "dot" if curve.is_dashed else "solid"}
        mode = "lines+markers" if len(curve.steps) < 40 else "lines"
        figure.add_scatter(x=list(curve.steps), y=list(curve.values), name=name, mode=mode, line=line, marker_size=6)
    end = (
        last_step
        if last_step is not None
        else max((max(curve.steps) for curve in curves.values() if curve.steps), default=1)
    )
    for name, value in (floors or {}).items():  # named in the legend: a text at the line would lie over the curves
        line = {"color": EDGE, "width": 1.5, "dash": "dash"}
        figure.add_scatter(x=[0, end], y=[value, value], name=name, mode="lines", line=line)
    figure.update_layout(
        height=320,
        margin={"l": 56, "r": 8, "t": 34, "b": 40},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},  # a second row moves the plot, not over it
        hovermode="x unified",
    )
    steps_range = None if last_step is None else [0, last_step * 1.02]
    figure.update_xaxes(title="training step", rangemode="tozero", range=steps_range)
    figure.update_yaxes(title=y_title, rangemode="tozero", range=None if highest is None else [0, highest])
    return figure
