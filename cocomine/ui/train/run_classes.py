"""The classes of a run: the IoU of each, how it came about, and which one is taken for which."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cocomine.charts.confusion_map import MOST_NUMBERED
from cocomine.training.runs.class_scores import ClassScore, ClassScores
from cocomine.training.runs.interval import FEWEST_IMAGES
from cocomine.training.runs.reading import Run
from cocomine.ui.percent_columns import percent_config
from cocomine.ui.session.cached import cached
from cocomine.ui.train.confusion_matrix import confusion_section
from cocomine.ui.train.evaluated_run import (
    EvaluatedRun,
    class_table_key,
    evaluated_run,
    same_evaluation,
    say_damaged_counts,
    scores_of,
)
from cocomine.ui.train.swatch import swatch
from cocomine.wording import counted, percent

COLOUR, CLASS, IOU, CURVE, BEST = "colour", "class", "IoU", "curve", "best"
INTERVAL, IMAGES, PIXELS = "95 % interval", "images", "pixels"
SHARES = (IOU, BEST)
ROW_PX, HIGHEST_PX = 35, 420


def run_classes(run: Run) -> None:
    """Show the selected classes of a run, beside which one is taken for which; a selected row filters the images."""
    evaluated = evaluated_run(run)
    if evaluated is None:
        return
    is_small = len(evaluated.info.labels) <= MOST_NUMBERED  # a larger matrix needs the whole width
    left, right = st.columns([5, 4], gap="medium") if is_small else (st.container(), st.container())
    with left:
        _scores(evaluated)
    with right:
        confusion_section(evaluated, is_small=is_small)


def _scores(run: EvaluatedRun) -> None:
    scores = scores_of(run)
    if scores is None or not scores.classes:
        return
    st.markdown("**IoU per class**")
    _class_table(run, scores)
    st.caption(_caption(scores))
    say_damaged_counts(run)


def _class_table(run: EvaluatedRun, scores: ClassScores) -> None:
    st.dataframe(
        _table_columns(run),
        hide_index=True,
        height=min(HIGHEST_PX, ROW_PX * (len(scores.classes) + 1) + 3),
        key=class_table_key(run.run),
        on_select="rerun",
        selection_mode="single-row",
        column_config=percent_config(SHARES) | _columns(scores),
        alt="IoU per class",
    )


def _columns(scores: ClassScores) -> dict[str, Any]:
    on = counted(scores.image_count, "validation image")
    during = counted(scores.curve_image_count, "image")
    return {
        COLOUR: st.column_config.ImageColumn("", width=40, pinned=True),
        CLASS: st.column_config.TextColumn(pinned=True),
        CURVE: st.column_config.LineChartColumn(
            y_min=0.0, y_max=1.0, width="small", help=f"IoU at each evaluation, on {during}, from 0 to 1"
        ),
        BEST: st.column_config.NumberColumn(
            format="%.1f %%", width="small", help=f"The highest IoU of the evaluations, on {during}"
        ),
        INTERVAL: st.column_config.TextColumn(
            help="How far other images of the same kind would move the IoU; none below "
            f"{counted(FEWEST_IMAGES, 'image')} with the class"
        ),
        IMAGES: st.column_config.NumberColumn(format="localized", width="small", help=f"With the class, of {on}"),
        PIXELS: st.column_config.NumberColumn(
            format="compact", help="Of the class in the ground truth of these images"
        ),
    }


@cached(same_evaluation, most=8)
def _table_columns(run: EvaluatedRun) -> dict[str, Sequence[Any]]:
    """Return the columns of the table; they are shared, so nobody may change them."""
    scores = scores_of(run)
    classes = () if scores is None else scores.classes
    return {
        COLOUR: [swatch(each.label.colour) for each in classes],
        CLASS: [each.label.name for each in classes],
        IOU: [_in_percent(each.iou) for each in classes],
        CURVE: [each.history for each in classes],
        BEST: [_in_percent(each.best) for each in classes],
        INTERVAL: [_interval_words(each) for each in classes],
        IMAGES: [each.image_count for each in classes],
        PIXELS: [each.pixel_count for each in classes],
    }


def _in_percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _interval_words(each: ClassScore) -> str:
    if each.interval is None:
        return "–"
    return f"{100 * each.interval.low:.1f} to {percent(each.interval.high, decimals=1)}"


def _caption(scores: ClassScores) -> str:
    parts = [f"Step {scores.step:,}, {counted(scores.image_count, 'validation image')}."]
    if scores.is_of_fewer_images:
        parts.append(f"Curve and best: the {scores.curve_image_count:,} images of each evaluation during the run.")
    parts.append("Select a row to see images with that class alone.")
    return " ".join(parts)
