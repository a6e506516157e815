"""How good is a run at each class, and how did that come about?

What stands in one row is of the same images, but for curve and best value where a run evaluates fewer images on its way
than at its end; `ClassScores.is_of_fewer_images` says so. A class without a pixel in the images is not scored.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cocomine.training.runs.evaluation_file import ImageCounts
from cocomine.training.runs.interval import Interval
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import EvalLine, RunLabel
from cocomine.training.runs.run_scores import score

MOST_POINTS = 60
"""Evaluations in the small curve of a class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScore:
    """A class and its IoU."""

    label: RunLabel
    iou: float | None  # None where the class is in no image
    history: tuple[float, ...]  # at each evaluation, thinned
    best: float | None  # of the evaluations
    image_count: int | None  # with true pixels; None in lines of former versions
    pixel_count: int | None
    interval: Interval | None = None  # 95 %, over images


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """The selected classes of a run at the score that is quoted."""

    step: int
    image_count: int
    curve_image_count: int  # of the evaluations that curve and best value are of
    classes: tuple[ClassScore, ...]

    @property
    def is_of_fewer_images(self) -> bool:
        """Whether curve and best value are of fewer images than the other numbers."""
        return self.curve_image_count < self.image_count


def class_scores(run: Run, intervals: Sequence[Interval | None] = ()) -> ClassScores | None:
    """Return the score of each selected class of a run; None before its first evaluation.

    Args:
        intervals: 95 %, of the IoU of each label at the score that is quoted; none where they are not known.
    """
    line, evaluations = score(run), run.metrics.evaluations
    if line is None or run.info is None:
        return None
    thinned = _thinned(evaluations)
    return ClassScores(
        step=line.step,
        image_count=line.image_count,
        curve_image_count=evaluations[-1].image_count if evaluations else line.image_count,
        classes=tuple(
            ClassScore(
                label=each,
                iou=line.iou[each.label],
                history=_defined(thinned, each.label),
                best=max(_defined(evaluations, each.label), default=None),
                image_count=line.image_counts[each.label] if line.image_counts else None,
                pixel_count=line.pixel_counts[each.label] if line.pixel_counts else None,
                interval=intervals[each.label] if intervals else None,
            )
            for each in run.info.selected_labels
        ),
    )


def _thinned(evaluations: Sequence[EvalLine]) -> Sequence[EvalLine]:
    """Return every so many of evaluations, counted back from the last one."""
    every = -(-len(evaluations) // MOST_POINTS) or 1
    return evaluations[::-1][::every][::-1]


def _defined(evaluations: Sequence[EvalLine], label: int) -> tuple[float, ...]:
    return tuple(iou for each in evaluations if (iou := each.iou[label]) is not None)


def is_counted(line: EvalLine, counts: ImageCounts) -> bool:
    """Return whether counts are of the evaluation that a line tells of; those of former versions say no step."""
    return counts.step in {None, line.step} and counts.confusions.image_count == line.image_count
