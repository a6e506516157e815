"""What the evaluations of a run say of its classes and images, computed once for each evaluation.

The page of a run at work is drawn anew every two seconds; what follows from an evaluation is kept until there is
another.
"""

from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from cocomine.training.runs.class_scores import ClassScores, class_scores, is_counted
from cocomine.training.runs.evaluation_file import LAST_EVALUATION, ImageCounts, read_counts
from cocomine.training.runs.interval import iou_intervals
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import RunInfo, RunLabel
from cocomine.training.runs.run_scores import score
from cocomine.ui.session.cached import Files, cached, files_of
from cocomine.wording import plain

Colours = tuple[tuple[int, str], ...]
"""Labels, each with its "#rrggbb"."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EvaluatedRun:
    """A run that was evaluated, with the file of what its last evaluation counted."""

    run: Run
    info: RunInfo
    counts: Files

    @property
    def key(self) -> Hashable:
        """The same until there is another evaluation."""
        metrics = self.run.metrics
        step = metrics.evaluations[-1].step if metrics.evaluations else None
        return self.run.folder, len(metrics.evaluations), step, len(metrics.finals), self.counts.key


def evaluated_run(run: Run) -> EvaluatedRun | None:
    """Return what can be said of a run; None before its first evaluation."""
    if run.info is None or score(run) is None:
        return None
    path = run.folder / LAST_EVALUATION
    return EvaluatedRun(run=run, info=run.info, counts=files_of(path, [path]))


def same_evaluation(run: EvaluatedRun) -> EvaluatedRun:
    """Let a result depend on the last evaluation alone."""
    return run


def counts_of(run: EvaluatedRun) -> ImageCounts | None:
    """Return what the last evaluation counted; None where that is not there or damaged."""
    return _counts(run)[0]


def say_damaged_counts(run: EvaluatedRun) -> None:
    """Say what is wrong with the file of the counts, if anything is."""
    problem = _counts(run)[1]
    if problem is not None:
        st.caption(f":material/broken_image: {plain(problem)} It is written anew at each evaluation of a run.")


@cached(same_evaluation, most=8)
def _counts(run: EvaluatedRun) -> tuple[ImageCounts | None, str | None]:
    return read_counts(run.counts.root, len(run.info.labels))


@cached(same_evaluation, most=8)
def scores_of(run: EvaluatedRun) -> ClassScores | None:
    """Return the score of each selected class."""
    line, counts = score(run.run), counts_of(run)
    if line is None or counts is None or not is_counted(line, counts):
        return class_scores(run.run)
    return class_scores(run.run, iou_intervals(counts.confusions.areas()))


def class_table_key(run: Run) -> str:
    """Return the key of the table of classes."""
    return f"classes-{run.folder}"


def selected_class(run: Run) -> RunLabel | None:
    """Return the class whose row in that table is selected; None where none is."""
    table = st.session_state.get(class_table_key(run))
    rows = [] if table is None else table.selection.rows
    labels = [] if run.info is None else run.info.selected_labels
    return labels[rows[0]] if rows and rows[0] < len(labels) else None


def painted_colours(run: Run) -> Colours:
    """Return the labels of a run that are painted over an image: all but background."""
    labels = [] if run.info is None else run.info.labels
    return tuple((each.label, each.colour) for each in labels if each.label)
