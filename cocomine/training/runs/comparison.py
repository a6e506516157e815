"""What do a run's numbers say, and which runs may stand side by side?

Every sentence is computed from the run's own lines: what an empty prediction scores on the same images, how the last
evaluations went, and how far chance alone moves the result on so few images.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cocomine.training.runs.modified import preset_words
from cocomine.training.runs.overfitting import overfit_verdict
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import EvalLine, RunInfo, Scores
from cocomine.wording import RUN_STATE_NAMES, counted, percent

_MANY_IMAGES = 1000
_TREND_EVALUATIONS = 4  # over which it is said whether the result still rises
_LEAST_GAIN = 0.01  # of class mIoU over an empty prediction
PERCENT_COLUMNS = ("mIoU", "paper metric", "pixel accuracy")  # of the table of runs
_LEAST_CHANGE = 0.02  # of class mIoU between evaluations; less is called no change


def score(run: Run) -> EvalLine | None:
    """Return the line to quote for a run: that of its last weights on all images, else its last evaluation.

    Its best weights were chosen on the very images that judge them, so their numbers are too high and are not quoted.
    """
    finals = [line for line in run.metrics.finals if line.weights == "last"]
    lines = finals or run.metrics.evaluations
    return lines[-1] if lines else None


def half_width_points(image_count: int) -> float:
    """Return half of the 95 % interval of class mIoU on so many images, in points.

    Measured by resampling images of COCO, 8 classes: 7 points at 242 images.
    """
    return 7.0 * math.sqrt(242 / max(image_count, 1))


def few_images_notice(image_count: int) -> str | None:
    """Return what so few validation images mean before there is a result; None where they are many."""
    if image_count >= _MANY_IMAGES:
        return None
    return (
        f"With {image_count:,} validation images an mIoU is uncertain: on COCO's, with 8 classes, by about "
        f"±{half_width_points(image_count):.0f} points. Smaller differences than its interval are not significant."
    )


def interval_words(line: EvalLine) -> str | None:
    """Return the 95 % interval of mIoU over images, such as "39.1 to 71.8 %"; None where a line has none."""
    if line.mean_iou is None or line.mean_iou_interval is None:
        return None
    low, high = line.mean_iou_interval
    return f"{100 * low:.1f} to {percent(high, decimals=1)}"


def absent_classes(line: EvalLine, info: RunInfo) -> list[str]:
    """Return the selected classes without a pixel in the images of an evaluation; they are not scored."""
    return [label.name for label in info.selected_labels if line.iou[label.label] is None]


def verdict(run: Run) -> str | None:
    """Return what the numbers of a run say so far; None before its first steps were evaluated."""
    line = score(run)
    if line is None or line.step == 0:
        return None
    if run.config.is_overfit_test:
        return overfit_verdict(line, is_over=not run.is_active)
    if line.mean_iou is None:
        return f"None of your classes occurs in the {line.image_count:,} validation images, so there is no mIoU."
    parts = [_against_baseline(line, line.mean_iou), _trend(run.metrics.evaluations)]
    return " ".join(filter(None, parts))


def _against_baseline(line: EvalLine, reached: float) -> str:
    baseline = line.background_baseline.mean_iou or 0.0
    numbers = f"mIoU {percent(reached, decimals=1)}, empty prediction {percent(baseline, decimals=1)}"
    if reached - baseline < _LEAST_GAIN:
        return f"Not better than an empty prediction yet: {numbers}."
    if not _is_surely_above(line, baseline):
        return f"Better than an empty prediction, but {line.image_count:,} images are too few to be sure: {numbers}."
    return f"Better than an empty prediction: {numbers}."


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
        return f"No change over the last {steps:,} steps."
    return f"{'Improving' if change > 0 else 'Falling'}: {100 * change:+.1f} points over the last {steps:,} steps."


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published number, and why it stands in no chart beside ours."""

    result: str
    data: str
    measure: str
    why_not: str


NOT_COMPARABLE = (
    Published(
        result="89.6, this paper (Table I)",
        data="own choice of images that all contain a selected class, 8 outputs, 128 × 128 px",
        measure="Eq. 2: mean probability of the true class, background included",
        why_not="An empty prediction already scores 78 to 85 by this measure, depending on the classes.",
    ),
    Published(
        result="37.1, MaskFormer with ResNet-50",
        data="COCO-Stuff-10K, 171 classes of things and stuff",
        measure="mIoU over all classes, single scale",
        why_not="Another dataset, 171 classes instead of a few, and another measure.",
    ),
    Published(
        result="50.0, Puri, as the paper quotes it",
        data="probably COCO's stuff task, where all 80 thing classes are one “other”",
        measure="not stated",
        why_not="The selected classes are not scored there at all.",
    ),
)
"""The paper's Table I. Sources: MaskFormer's MODEL_ZOO.md (maskformer_R50_bs32_60k); COCO stuff task description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparableRuns:
    """Runs that were judged on the same images, classes and labels."""

    info: RunInfo  # of the first one; what says on what they were judged is the same for all
    image_count: int  # that the quoted scores are of
    runs: list[Run]

    @property
    def title(self) -> str:
        """What the runs have in common."""
        classes = ", ".join(label.name for label in self.info.selected_labels)
        images = f"{counted(self.image_count, 'validation image')} of {self.info.val_split}"
        return " · ".join(filter(None, [classes, images, self.info.dataset]))


def comparable_groups(runs: Sequence[Run]) -> list[ComparableRuns]:
    """Return runs in groups judged on the same images, classes and labels; those without a result are left out.

    That is the same export, the same number of its images at the evaluations during the run (they are its first
    ones), and the same number at the score that is quoted, which is smaller for a run that is not done. Overfit tests
    are left out: they are judged on the images that they trained on.
    """
    groups: dict[tuple[str, int, int], ComparableRuns] = {}
    for run in runs:
        line = score(run)
        if line is not None and run.info is not None and not run.config.is_overfit_test:
            key = (run.info.export_manifest_sha256, run.info.eval_image_count, line.image_count)
            group = groups.setdefault(key, ComparableRuns(info=run.info, image_count=line.image_count, runs=[]))
            group.runs.append(run)
    return list(groups.values())


def comparison_table(group: ComparableRuns) -> list[dict[str, Any]]:
    """Return one row per run, the highest mIoU first; what matters most stands in the first columns."""
    rows = [_row(run, line) for run in group.runs if (line := score(run)) is not None]
    return sorted(rows, key=lambda row: -(row["mIoU"] or 0.0))


def _row(run: Run, line: EvalLine) -> dict[str, Any]:
    return {
        "run": run.folder.name,
        "mIoU": line.mean_iou,
        "95 % interval": interval_words(line),
        "paper metric": line.mean_true_probability,
        "step": line.step,
        "preset": preset_words(run.config),
        "encoder weights": _encoder_words(run),
        "seed": run.config.seed,
        "pixel accuracy": line.pixel_accuracy,
        "state": RUN_STATE_NAMES[run.state],
    }


def baseline_sentence(group: ComparableRuns) -> str:
    """Return what baselines score on the images of a group; they are the same for all its runs."""
    line = score(group.runs[0])
    if line is None or line.background_baseline.pixel_accuracy is None:
        return "Baseline (empty prediction): not defined, since no pixel of the images counts."
    sentence = f"Baseline (empty prediction): {_baseline_words(line.background_baseline)}."
    if line.prior_baseline is None:
        return sentence
    return f"{sentence} Prior mask, the most frequent label of each place: {_baseline_words(line.prior_baseline)}."


def _baseline_words(baseline: Scores) -> str:
    numbers = {
        "mIoU": baseline.mean_iou,
        "paper metric (Eq. 2)": baseline.mean_true_probability,
        "pixel accuracy": baseline.pixel_accuracy,
    }
    return ", ".join(f"{name} {percent(value or 0.0, decimals=1)}" for name, value in numbers.items())


def _encoder_words(run: Run) -> str:
    if run.info is None or run.info.weights.source == "random":
        return "random"
    return "partly pretrained" if run.info.weights.random else "pretrained"
