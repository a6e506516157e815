"""What do a run's numbers say, in plain words?

Every sentence is computed from the run's own lines: what an empty prediction scores on the same images, how the last
evaluations went, and how far chance alone moves the result on so few images.
"""

import math
from collections.abc import Sequence
from typing import Any

from cocomine.training.runs.folder import Run

_MANY_IMAGES = 1000
_TREND_EVALUATIONS = 4  # over which it is said whether the result still rises
_LEAST_GAIN = 0.01  # of class mIoU over an empty prediction
_LEAST_CHANGE = 0.02  # of class mIoU between evaluations; less is called no change


def score(run: Run) -> dict[str, Any] | None:
    """Return the line to quote for a run: that of its last weights on all images, else its last evaluation.

    Its best weights were chosen on the very images that judge them, so they flatter and are not quoted.
    """
    finals = [line for line in run.lines("final") if line["weights"] == "last"]
    lines = finals or list(run.lines("eval"))
    return lines[-1] if lines else None


def half_width_points(image_count: int) -> float:
    """Return half of the 95 % interval of class mIoU on so many images, in points.

    Measured by resampling images of COCO, 8 classes: 7 points at 242 images.
    """
    return 7.0 * math.sqrt(242 / max(image_count, 1))


def few_images_notice(image_count: int) -> str | None:
    """Return what so few validation images mean for a comparison; None where they are many."""
    if image_count >= _MANY_IMAGES:
        return None
    return (
        f"With {image_count:,} validation images, differences between runs below "
        f"±{half_width_points(image_count):.0f} points are not significant."
    )


def verdict(run: Run) -> str | None:
    """Return what the numbers of a run say so far; None before its first steps were evaluated."""
    line = score(run)
    if line is None or line["step"] == 0:
        return None
    if line["mean_iou"] is None:
        return f"None of your classes occurs in the {line['image_count']:,} validation images, so there is no mIoU."
    parts = [_against_nothing(line), _trend([each for each in run.lines("eval") if each["step"]])]
    return " ".join(filter(None, parts))


def _against_nothing(line: dict[str, Any]) -> str:
    reached, floor = line["mean_iou"], line["nothing"]["mean_iou"] or 0.0
    numbers = f"class mIoU {reached:.1%}, empty prediction {floor:.1%}"
    if reached - floor < _LEAST_GAIN:
        return f"Not better than an empty prediction yet: {numbers}."
    if 100 * (reached - floor) < half_width_points(line["image_count"]):
        return f"Better than an empty prediction, but {line['image_count']:,} images are too few to be sure: {numbers}."
    return f"Better than an empty prediction: {numbers}."


def _trend(evaluations: Sequence[dict[str, Any]]) -> str | None:
    known = [line for line in evaluations if line["mean_iou"] is not None][-_TREND_EVALUATIONS:]
    if len(known) < 2:
        return None
    change, steps = known[-1]["mean_iou"] - known[0]["mean_iou"], known[-1]["step"] - known[0]["step"]
    if abs(change) < _LEAST_CHANGE:
        return f"No change over the last {steps:,} steps."
    return f"{'Improving' if change > 0 else 'Falling'}: {100 * change:+.1f} points over the last {steps:,} steps."
