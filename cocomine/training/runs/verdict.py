"""What do the numbers of a run say?

One sentence, computed from the run's own lines: how the result stands to an empty prediction on the same images, how
the last evaluations went, and below which difference chance alone explains it on so few images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cocomine.training.runs.overfitting import overfit_verdict
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import EvalLine
from cocomine.training.runs.run_scores import half_width_points, score
from cocomine.wording import RUN_STATE_NAMES, counted, percent

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
    noise = _Noise.of(line, line.mean_iou)
    parts = [_against_baseline(line, line.mean_iou), _trend(run.metrics.evaluations, noise), noise.sentence]
    return "; ".join(filter(None, parts)) + "."


def no_mean_iou(run: Run) -> str | None:
    """Return why there is no mIoU of a run to draw; None where there is one."""
    evaluations = run.metrics.evaluations
    if any(line.mean_iou is not None for line in evaluations):
        return None
    if evaluations:
        return "No mIoU: none of your classes occurs in the images of the evaluations."
    if run.is_active:
        return "The first evaluation gives the first mIoU."
    return f"{RUN_STATE_NAMES[run.state]} before the first evaluation, so there is no mIoU."


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


def _trend(evaluations: Sequence[EvalLine], noise: "_Noise") -> str | None:
    points = [(line.step, line.mean_iou) for line in evaluations if line.step and line.mean_iou is not None]
    if len(points) < 2:
        return None
    (first_step, first), (last_step, last) = points[-_TREND_EVALUATIONS:][0], points[-1]
    change, steps = last - first, f"over the last {last_step - first_step:,} steps"
    if abs(change) < _LEAST_CHANGE:
        return f"no change {steps}"
    within = ", within the noise" if round(100 * abs(change), 1) < noise.points else ""
    return f"{'improving' if change > 0 else 'falling'} ({100 * change:+.1f} points {steps}{within})"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noise:
    """Below which difference chance alone explains a change of mIoU."""

    points: int
    image_count: int
    is_measured: bool  # on these images, not taken from what is usual for so many

    @classmethod
    def of(cls, line: EvalLine, reached: float) -> Self:
        """Return how far the longer side of the interval reaches; without one, what is usual for so many images."""
        if line.mean_iou_interval is None:
            usual = round(half_width_points(line.image_count))
            return cls(points=usual, image_count=line.image_count, is_measured=False)
        low, high = line.mean_iou_interval
        reach = max(1, round(100 * max(reached - low, high - reached)))
        return cls(points=reach, image_count=line.image_count, is_measured=True)

    @property
    def sentence(self) -> str:
        images, points = counted(self.image_count, "validation image"), counted(self.points, "point")
        if self.is_measured:
            return f"by its own 95 % interval on {images} a difference below {points} is noise"
        return f"by the rule of thumb for {images} a difference below about {points} is noise"
