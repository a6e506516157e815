"""Which number is quoted for a run, how certain is it, and with which runs does it share a table?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cocomine.training.runs.modified import preset_words
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import EvalLine, RunInfo, Scores
from cocomine.wording import RUN_STATE_NAMES, counted, percent

_MANY_IMAGES = 1000
PERCENT_COLUMNS = ("mIoU", "paper metric", "pixel accuracy")  # of the table of runs


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
    """Return what so few validation images mean before there is a result; None where they are many.

    The width that is usual, not that of this run, which its own interval says as soon as there is one.
    """
    width = few_images_width(image_count)
    if width is None:
        return None
    own = "once this run is evaluated, the 95 % interval of its own mIoU takes its place"
    return f"{width} That is a rule of thumb: {own}."


def few_images_width(image_count: int) -> str | None:
    """Return how uncertain an mIoU on so few validation images is; None where they are many."""
    if image_count >= _MANY_IMAGES:
        return None
    return (
        f"With {image_count:,} validation images an mIoU is uncertain: on COCO's, with 8 classes, by about "
        f"±{half_width_points(image_count):.0f} points."
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
        "encoder weights": encoder_words(run),
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


def encoder_words(run: Run) -> str:
    """Return where the first weights of the encoder come from, such as "pretrained"."""
    if run.info is None or run.info.weights.source == "random":
        return "random"
    return "partly pretrained" if run.info.weights.random else "pretrained"
