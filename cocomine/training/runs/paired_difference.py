"""How much better is one run than another, on the same images?

Both quoted numbers are of the same validation images, so the interval of their difference is taken over images in
pairs, see `interval.mean_iou_difference`. It says how far other images would move the difference; it says nothing of
what another seed would, of which one run each tells nothing.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cocomine.training.runs.class_scores import is_counted
from cocomine.training.runs.evaluation_file import LAST_EVALUATION, ImageCounts, read_counts
from cocomine.training.runs.interval import Interval, mean_iou_difference
from cocomine.training.runs.reading import Run
from cocomine.training.runs.run_scores import score
from cocomine.wording import counted

WHAT_PAIRS_TELL = (
    "In pairs, an interval may be narrower than that of one run's mIoU, since what is hard for one run is hard for the "
    "other. It is over images. One run each tells nothing about seeds: the same settings with another seed may differ "
    "as much."
)
"""What must be known beside differences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """The second run minus the first, in mIoU."""

    first: str  # names of the runs
    second: str
    value: float
    interval: Interval | None
    image_count: int

    @property
    def sentence(self) -> str:
        """What the difference is, how certain, and of how many images."""
        direction = "above" if self.value >= 0 else "below"
        said = f"{self.second} is {abs(100 * self.value):.1f} points {direction} {self.first}"
        images = f"the same {counted(self.image_count, 'validation image')}"
        if self.interval is None:
            return f"{said} on {images}; there is no interval, so it may be chance."
        low, high = 100 * self.interval.low, 100 * self.interval.high
        verdict = "chance alone explains it" if low <= 0 <= high else "more than chance over images explains"
        return f"{said} (95 % interval {low:+.1f} to {high:+.1f}, in pairs over {images}): {verdict}."


class _Judged(NamedTuple):
    run: Run
    mean_iou: float
    counts: ImageCounts


def paired_difference(first: Run, second: Run) -> PairedDifference | str:
    """Return how much higher the second run's mIoU is; a sentence where that cannot be told.

    Args:
        first: Comparable with the second, see `comparable`.
    """
    judged = [_judged(run) for run in (first, second)]
    for each in judged:
        if isinstance(each, str):
            return each
    one, other = (each for each in judged if not isinstance(each, str))
    if one.counts.image_ids != other.counts.image_ids:
        few, many = sorted((one, other), key=lambda each: len(each.counts.image_ids))
        return (
            f"{few.run.folder.name} was judged on {len(few.counts.image_ids):,} and {many.run.folder.name} on "
            f"{counted(len(many.counts.image_ids), 'validation image')} so far, so there is no difference in pairs."
        )
    return _difference(one, other)


def _judged(run: Run) -> _Judged | str:
    line, name = score(run), run.folder.name
    if line is None or run.info is None or line.mean_iou is None:
        return f"{name} has no mIoU, so there is no difference."
    counts, problem = read_counts(run.folder / LAST_EVALUATION, len(run.info.labels))
    if counts is None or not is_counted(line, counts):
        why = problem or "it has no counts of the images that its mIoU is of."
        return f"{name}: {why} So there is no difference in pairs."
    return _Judged(run, line.mean_iou, counts)


def _difference(first: _Judged, second: _Judged) -> PairedDifference | str:
    one, other = first.counts.confusions.areas(), second.counts.confusions.areas()
    names = first.run.folder.name, second.run.folder.name
    if not np.array_equal(one.true, other.true):
        return f"The counts of {names[0]} and {names[1]} are not of the same ground truth, so there is no difference."
    selected = [] if first.run.info is None else [label.label for label in first.run.info.selected_labels]
    return PairedDifference(
        first=names[0],
        second=names[1],
        value=second.mean_iou - first.mean_iou,
        interval=mean_iou_difference(one, other, selected),
        image_count=len(first.counts.image_ids),
    )
