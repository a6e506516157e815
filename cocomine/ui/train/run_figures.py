"""The two charts of a run, and of others over it: loss, and mIoU with what it is held against.

Colour says which run a line is of, dashes say which kind of value. Only values on the same validation images are drawn
for several runs: the training loss is of images that are augmented, and of another share of them at each step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cocomine.charts.theme import CURVES, Figure
from cocomine.charts.training_curves import Axes, Band, Curve, Reference, curve_chart
from cocomine.training.runs.reading import Run
from cocomine.training.runs.times import Times
from cocomine.ui.train import run_lines

OWN = CURVES[0]
"""Colour of the run itself."""
_UNITS_S = {"hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRun:
    """A run with its colour."""

    run: Run
    colour: str = OWN
    times: Times | None = None  # None draws it over steps

    def named(self, kind: str) -> str:
        """Return the name of one of its lines among those of other runs."""
        return f"{self.run.folder.name}, {kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """What the lines of some runs are drawn over."""

    title: str
    end: float | None  # so that a live chart does not move; None fits it to the lines
    unit_s: float | None = None  # None for steps

    @classmethod
    def of(cls, drawn: Sequence[DrawnRun]) -> "_Axis":
        times = [each.times for each in drawn if each.times is not None]
        if not times:
            return cls(title="training step", end=max(each.run.config.steps for each in drawn))
        longest_s = max((float(each.seconds[-1]) for each in times if each), default=0.0)
        unit = next((name for name, seconds in _UNITS_S.items() if longest_s >= 2 * seconds), "seconds")
        return cls(title=f"training time ({unit})", end=None, unit_s=_UNITS_S[unit])

    def under(self, curve: Curve, drawn: DrawnRun) -> Curve:
        """Return a curve over this axis; what has no time yet is left out."""
        if self.unit_s is None or drawn.times is None:
            return curve
        seconds = drawn.times.at(curve.steps)
        return replace(curve, steps=[each / self.unit_s for each in seconds], values=curve.values[: len(seconds)])


def loss_figure(own: DrawnRun, others: Sequence[DrawnRun] = (), *, smoothing: float = 0.0) -> Figure:
    """Return the cross entropy of a run's training batches, and that of the validation images of all runs."""
    axis = _Axis.of([own, *others])
    training, validation = (own.named(kind) if others else kind for kind in ("training", "validation"))
    curves = {
        training: axis.under(run_lines.training_loss(own.run, own.colour, smoothing=smoothing), own),
        validation: axis.under(run_lines.validation_loss(own.run, own.colour), own),
    }
    for each in others:
        curves[each.named("validation")] = axis.under(run_lines.validation_loss(each.run, each.colour), each)
    axes = Axes(y_title="cross entropy", x_title=axis.title, x_end=axis.end, legend_rows=_more_rows(others))
    return curve_chart(curves, axes)


def iou_figure(own: DrawnRun, others: Sequence[DrawnRun] = (), *, with_paper: bool = False) -> Figure:
    """Return the mIoU of runs on the same validation images, of the first with its interval and its best."""
    axis, run = _Axis.of([own, *others]), own.run
    name = own.named("mIoU") if others else "mIoU (your classes)"
    curves = {name: axis.under(run_lines.mean_iou(run, own.colour), own)}
    if with_paper:
        curves["Paper metric (Eq. 2)"] = axis.under(run_lines.paper_metric(run, own.colour), own)
    for each in others:
        curves[each.named("mIoU")] = axis.under(run_lines.mean_iou(each.run, each.colour), each)
    band, best = run_lines.interval(run, own.colour), run_lines.best(run, own.colour)
    reference = Reference(
        floors=run_lines.floors(run, with_paper=with_paper),
        band=Band(low=axis.under(band.low, own), high=axis.under(band.high, own), name=band.name),
        best=None if best is None else axis.under(best, own),
    )
    return curve_chart(curves, _iou_axes(axis, _more_rows(others)), reference)


def _more_rows(others: Sequence[DrawnRun]) -> int:
    """Return how many more rows the legend takes: long names stand one below the other."""
    return len(others) + 1 if others else 0


def _iou_axes(axis: _Axis, legend_rows: int) -> Axes:
    look = Axes(y_title="mIoU", x_title=axis.title, x_end=axis.end, y_end=1.0, y_format=".0%")
    return replace(look, legend_rows=legend_rows)


def compared_loss_figure(drawn: Sequence[DrawnRun]) -> Figure:
    """Return the validation loss of runs that are equals, by their names."""
    axis = _Axis.of(drawn)
    curves = {
        each.run.folder.name: axis.under(run_lines.validation_loss(each.run, each.colour), each) for each in drawn
    }
    axes = Axes(y_title="cross entropy", x_title=axis.title, x_end=axis.end, legend_rows=len(drawn))
    return curve_chart(curves, axes)


def compared_iou_figure(drawn: Sequence[DrawnRun]) -> Figure:
    """Return the mIoU of runs that are equals, by their names, with what an empty prediction scores."""
    axis = _Axis.of(drawn)
    curves = {each.run.folder.name: axis.under(run_lines.mean_iou(each.run, each.colour), each) for each in drawn}
    floors = run_lines.floors(drawn[0].run, with_paper=False)
    return curve_chart(curves, _iou_axes(axis, len(drawn)), Reference(floors=floors))
