"""What do the numbers of a run say?

One sentence, computed from the run's own lines: how the result stands to an empty prediction on the same images, how
the last evaluations went, and below which difference chance alone explains it on so few images.
"""

from collections.abc import Sequence

from cocomine.training.runs.comparison import half_width_points, score
from cocomine.training.runs.overfitting import overfit_verdict
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import EvalLine
from cocomine.wording import counted, percent

_TREND_EVALUATIONS = 4  # over which it is said whether the result still rises
_LEAST_GAIN = 0.01  # of class mIoU over an empty prediction
_LEAST_CHANGE = 0.02  # of class mIoU between evaluations; less is called no change


def best_evaluation(run: Run) -> EvalLine | None:
    """Return the evaluation during the run with the highest mIoU, the first of several; None where none has one.

    It was chosen on the very images that judge it, so its number is too high: it is a mark on the curve, and `score` is
    what is quoted. The untrained network is never the best, however lucky its noise.
    """
    scored = [line for line in run.metrics.evaluations if line.step and line.mean_iou is not None]
    return max(scored, key=lambda line: line.mean_iou or 0.0, default=None)


def verdict(run: Run) -> str | None:
    """Return what the numbers of a run say so far; None before its first steps were evaluated."""
    line = score(run)
    if line is None or line.step == 0:
        return None
    if run.config.is_overfit_test:
        return overfit_verdict(line, is_over=not run.is_active)
    if line.mean_iou is None:
        return f"None of your classes occurs in the {line.image_count:,} validation images, so there is no mIoU."
    parts = [_against_baseline(line, line.mean_iou), _trend(run.metrics.evaluations), _noise(line)]
    return "; ".join(filter(None, parts)) + "."


def _against_baseline(line: EvalLine, reached: float) -> str:
    baseline = line.background_baseline.mean_iou or 0.0
    numbers = f"mIoU {percent(reached, decimals=1)}, empty prediction {percent(baseline, decimals=1)}"
    if reached - baseline < _LEAST_GAIN:
        return f"Not better than an empty prediction yet: {numbers}"
    if not _is_surely_above(line, baseline):
        return f"Better than an empty prediction, but {line.image_count:,} images are too few to be sure: {numbers}"
    return f"Better than an empty prediction: {numbers}"


def _is_surely_above(line: EvalLine, baseline: float) -> bool:
    """Return whether chance alone does not reach the mIoU of a line; lines of former versions have no interval."""
    if line.mean_iou_interval is not None:
        return line.mean_iou_interval[0] > baseline
    return 100 * ((line.mean_iou or 0.0) - baseline) >= half_width_points(line.image_count)


def _trend(evaluations: Sequence[EvalLine]) -> str | None:
    points = [(line.step, line.mean_iou) for line in evaluations if line.step and line.mean_iou is not None]
    if len(points) < 2:
        return None
    (first_step, first), (last_step, last) = points[-_TREND_EVALUATIONS:][0], points[-1]
    change, steps = last - first, last_step - first_step
    if abs(change) < _LEAST_CHANGE:
        return f"no change over the last {steps:,} steps"
    return f"{'improving' if change > 0 else 'falling'} ({100 * change:+.1f} points over the last {steps:,} steps)"


def _noise(line: EvalLine) -> str:
    images = counted(line.image_count, "validation image")
    return f"with {images} a difference below {_noise_width(line)} is noise"


def _noise_width(line: EvalLine) -> str:
    """Return how far the longer side of the interval reaches; without one, what is usual for so many images."""
    if line.mean_iou is None or line.mean_iou_interval is None:
        return f"about {counted(round(half_width_points(line.image_count)), 'point')}"
    low, high = line.mean_iou_interval
    reach = max(line.mean_iou - low, high - line.mean_iou)
    return counted(max(1, round(100 * reach)), "point")
