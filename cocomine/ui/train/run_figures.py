"""The two charts of a run: loss, and mIoU with what it is held against."""

from cocomine.charts.theme import CURVES, Figure
from cocomine.charts.training_curves import Axes, Reference, curve_chart
from cocomine.training.runs.reading import Run
from cocomine.ui.train import run_lines

OWN = CURVES[0]
"""Colour of the run itself."""


def loss_figure(run: Run, *, smoothing: float) -> Figure:
    """Return the cross entropy of the training batches and of the validation images."""
    curves = {
        "training": run_lines.training_loss(run, OWN, smoothing=smoothing),
        "validation": run_lines.validation_loss(run, OWN),
    }
    return curve_chart(curves, Axes(y_title="cross entropy", x_end=run.config.steps))


def iou_figure(run: Run, *, with_paper: bool) -> Figure:
    """Return the mIoU on the validation images with its interval, the best and the empty prediction."""
    curves = {"mIoU (your classes)": run_lines.mean_iou(run, OWN)}
    if with_paper:
        curves["Paper metric (Eq. 2)"] = run_lines.paper_metric(run, OWN)
    reference = Reference(
        floors=run_lines.floors(run, with_paper=with_paper),
        band=run_lines.interval(run, OWN),
        best=run_lines.best(run, OWN),
    )
    axes = Axes(y_title="mIoU", x_end=run.config.steps, y_end=1.0, y_format=".0%")
    return curve_chart(curves, axes, reference)
