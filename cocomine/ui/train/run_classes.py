"""The classes of a run: the IoU of each, how it came about, and which one is taken for which."""

from typing import Any

import streamlit as st

from cocomine.training.runs.class_scores import ClassScore, ClassScores
from cocomine.training.runs.interval import FEWEST_IMAGES
from cocomine.training.runs.reading import Run
from cocomine.ui.percent_columns import percent_config, percent_rows
from cocomine.ui.train.confusion_matrix import confusion_section
from cocomine.ui.train.evaluated_run import (
    EvaluatedRun,
    class_table_key,
    evaluated_run,
    say_damaged_counts,
    scores_of,
)
from cocomine.ui.train.swatch import swatch
from cocomine.wording import counted, percent

COLOUR, CLASS, IOU, CURVE, BEST = "colour", "class", "IoU", "curve", "best"
INTERVAL, IMAGES, PIXELS = "95 % interval", "images", "pixels"
SHARES = (IOU, BEST)
ROW_PX, HIGHEST_PX = 35, 420
MOST_BESIDE_A_TABLE = 13
"""Labels of a confusion matrix with a number in each cell, which stands beside the table."""


def run_classes(run: Run) -> None:
    """Show the selected classes of a run, beside which one is taken for which; a selected row filters the images."""
    evaluated = evaluated_run(run)
    if evaluated is None:
        return
    is_small = len(evaluated.info.labels) <= MOST_BESIDE_A_TABLE
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
    _class_table(run.run, scores)
    st.caption(_caption(scores))
    say_damaged_counts(run)


def _class_table(run: Run, scores: ClassScores) -> None:
    st.dataframe(
        percent_rows([_row(each) for each in scores.classes], SHARES),
        hide_index=True,
        height=min(HIGHEST_PX, ROW_PX * (len(scores.classes) + 1) + 3),
        key=class_table_key(run),
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


def _row(each: ClassScore) -> dict[str, Any]:
    return {
        COLOUR: swatch(each.label.colour),
        CLASS: each.label.name,
        IOU: each.iou,
        CURVE: list(each.history),
        BEST: each.best,
        INTERVAL: _interval_words(each),
        IMAGES: each.image_count,
        PIXELS: each.pixel_count,
    }


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
