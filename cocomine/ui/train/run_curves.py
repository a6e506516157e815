"""The curves of a run and the numbers they have come to."""

import streamlit as st

from cocomine.charts.training_curves import Curve, curve_chart
from cocomine.training.runs.comparison import absent_classes, interval_words, score, verdict
from cocomine.training.runs.reading import Run
from cocomine.wording import join_names, percent, plain

CURVE_POINTS = 500  # more cannot be told apart on a screen


def run_curves(run: Run) -> None:
    """Draw loss and IoU over the steps."""
    train, evaluations = run.metrics.train, run.metrics.evaluations
    loss, iou = st.columns(2)
    with loss:
        st.markdown("**Loss**")
        training = Curve.of([(line.step, line.loss) for line in train]).thinned(CURVE_POINTS)
        cross_entropy = Curve.of([(line.step, line.cross_entropy) for line in evaluations], is_dashed=True)
        st.plotly_chart(
            curve_chart(
                {"training": training, "validation (cross entropy)": cross_entropy},
                y_title="loss",
                last_step=run.config.steps,
            ),
            key=f"loss-{run.folder}",
            config={"displayModeBar": False},
            alt="Loss over training steps",
        )
    with iou:
        st.markdown(
            "**IoU on the validation images**",
            help="Intersection over union: 1 where prediction and ground truth are the same area, 0 where they do not "
            "overlap. mIoU is the mean over your classes, without background, at the images' own size.",
        )
        paper = Curve.of([(line.step, line.mean_true_probability) for line in evaluations], is_dashed=True)
        baseline = evaluations[-1].background_baseline.mean_true_probability if evaluations else None
        st.plotly_chart(
            curve_chart(
                {
                    "mIoU (your classes)": Curve.of([(line.step, line.mean_iou) for line in evaluations]),
                    "Paper metric (Eq. 2)": paper,
                },
                y_title="IoU",
                floors={} if baseline is None else {"Paper metric, empty prediction": baseline},
                highest=1.0,
                last_step=run.config.steps,
            ),
            key=f"iou-{run.folder}",
            config={"displayModeBar": False},
            alt="IoU over training steps",
        )


def run_numbers(run: Run) -> None:
    """Show the numbers to quote, with what an empty prediction scores, and what they say."""
    line = score(run)
    if line is None:
        return
    with st.container(horizontal=True):
        interval = interval_words(line)
        st.metric(
            "mIoU (your classes)",
            _percent(line.mean_iou),
            None if interval is None else f"95 %: {interval}",
            delta_color="off",
            delta_arrow="off",
            border=True,
            help="Without background. Below it the 95 % interval over images: how far other images of the same kind "
            "would move it",
        )
        st.metric(
            "mIoU, empty prediction",
            _percent(line.background_baseline.mean_iou),
            border=True,
            help="Of calling every pixel background, on the same images",
        )
        st.metric(
            "Paper metric (Eq. 2)",
            _percent(line.mean_true_probability),
            border=True,
            help="Mean probability of the true class, background included; no IoU",
        )
        st.metric(
            "Paper metric, empty prediction",
            _percent(line.background_baseline.mean_true_probability),
            border=True,
            help="Of calling every pixel background, on the same images",
        )
    st.caption(f"{line.image_count:,} validation images, step {line.step:,}")
    if said := verdict(run):
        st.markdown(f"**{said}**")
    if run.info is not None and (absent := absent_classes(line, run.info)):
        st.caption(f"Not in these images, so not scored: {plain(join_names(absent))}.")


def _percent(value: float | None) -> str:
    return "–" if value is None else percent(value, decimals=1)
