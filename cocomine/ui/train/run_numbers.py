"""The numbers of a run on the page, and the sentence that they make."""

import streamlit as st

from cocomine.training.runs.overfitting import judged_images
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import EvalLine
from cocomine.training.runs.run_scores import absent_classes, interval_words, score
from cocomine.training.runs.verdict import best_evaluation, verdict
from cocomine.wording import join_names, percent, plain

PAPER_METRIC = "paper-metric"
"""Key of the switch that shows the paper's metric as well."""
_NARROWEST_PX = 150  # two by two on a phone, four in a row elsewhere


def run_numbers(run: Run) -> None:
    """Show the number to quote, the best, what an empty prediction scores and the loss, and what they say."""
    line = score(run)
    if line is None:
        return
    with st.grid(4, min_column_width=_NARROWEST_PX, gap="small"):
        _main_numbers(run, line)
        if st.session_state.get(PAPER_METRIC):
            _paper_numbers(line)
    st.caption(f"{judged_images(run.config, line.image_count)}, step {line.step:,}")
    if said := verdict(run):
        st.markdown(f"**{plain(said)}**")
    if run.info is not None and (absent := absent_classes(line, run.info)):
        st.caption(f"Not in these images, so not scored: {plain(join_names(absent))}.")


def _main_numbers(run: Run, line: EvalLine) -> None:
    interval, best = interval_words(line), best_evaluation(run)
    _number(
        "mIoU (your classes)",
        _percent(line.mean_iou),
        "no 95 % interval" if interval is None else f"95 %: {interval}",
        help_text="Mean IoU over your classes, without background, at the images' own size. IoU is 1 where prediction "
        "and ground truth are the same area, 0 where they do not overlap. Below it the 95 % interval over images: how "
        "far other images of the same kind would move it.",
    )
    _number(
        "Best",
        _percent(None if best is None else best.mean_iou),
        "no mIoU yet" if best is None else f"★ step {best.step:,}",
        help_text="Highest mIoU of the evaluations during the run. Its weights were chosen on the very images that "
        "judge them, so the number is too high: a mark on the curve. Quote the mIoU beside it.",
    )
    _number(
        "Empty prediction",
        _percent(line.background_baseline.mean_iou),
        "without training",
        help_text="The baseline: every pixel called background, on the same images.",
    )
    _number(
        "Validation loss",
        "–" if line.cross_entropy is None else f"{line.cross_entropy:.3g}",
        "cross entropy",
        help_text="Mean over all pixels of the validation images, at training size. Lower is better.",
    )


def _paper_numbers(line: EvalLine) -> None:
    _number(
        "Paper metric (Eq. 2)",
        _percent(line.mean_true_probability),
        "no IoU",
        help_text="Mean probability of the true class, background included.",
    )
    _number(
        "Paper metric, empty prediction",
        _percent(line.background_baseline.mean_true_probability),
        "without training",
        help_text="Every pixel called background, on the same images.",
    )


def _number(name: str, value: str, note: str, *, help_text: str) -> None:
    st.metric(name, value, note, delta_color="off", delta_arrow="off", border=True, help=help_text)


def _percent(value: float | None) -> str:
    return "–" if value is None else percent(value, decimals=1)
