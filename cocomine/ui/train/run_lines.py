"""What of a run is drawn as a line."""

from cocomine.charts.training_curves import Band, Curve
from cocomine.training.runs.reading import Run
from cocomine.training.runs.verdict import best_evaluation


def training_loss(run: Run, colour: str, *, smoothing: float) -> Curve:
    """Return the cross entropy of the training batches, thin and a shade weaker than that of the validation images."""
    lines = run.metrics.train  # of a long run so many that a tuple for each point would be the most of the work
    steps, values = [line.step for line in lines], [line.cross_entropy for line in lines]
    whole = Curve(steps=steps, values=values, colour=colour, width_px=1.75, opacity=0.7, smoothing=smoothing)
    return whole.thinned()


def validation_loss(run: Run, colour: str) -> Curve:
    """Return the cross entropy on the validation images."""
    points = [(line.step, line.cross_entropy) for line in run.metrics.evaluations]
    return Curve.of(points, colour=colour, is_dashed=True, width_px=3).thinned()


def mean_iou(run: Run, colour: str) -> Curve:
    """Return the mIoU on the validation images."""
    points = [(line.step, line.mean_iou) for line in run.metrics.evaluations]
    return Curve.of(points, colour=colour).thinned()


def paper_metric(run: Run, colour: str) -> Curve:
    """Return the paper's metric on the validation images, in [0, 1]."""
    points = [(line.step, line.mean_true_probability) for line in run.metrics.evaluations]
    return Curve.of(points, colour=colour, is_dashed=True).thinned()


def interval(run: Run, colour: str) -> Band:
    """Return the 95 % interval of the mIoU at each evaluation that has one."""
    bounds = [(line.step, line.mean_iou_interval) for line in run.metrics.evaluations]
    low, high = (
        Curve.of([(step, None if both is None else both[side]) for step, both in bounds], colour=colour).thinned()
        for side in (0, 1)
    )
    return Band(low=low, high=high, name="95 % interval")


def best(run: Run, colour: str) -> Curve | None:
    """Return the highest mIoU so far as a point; None before the first."""
    line = best_evaluation(run)
    return None if line is None else Curve.of([(line.step, line.mean_iou)], colour=colour)


def floors(run: Run, *, with_paper: bool) -> dict[str, float]:
    """Return what an empty prediction scores on the same images, by the name of the line."""
    if not run.metrics.evaluations:
        return {}
    baseline = run.metrics.evaluations[-1].background_baseline
    found = {"empty prediction": baseline.mean_iou}
    if with_paper:
        found["Paper metric, empty prediction"] = baseline.mean_true_probability
    return {name: value for name, value in found.items() if value is not None}
