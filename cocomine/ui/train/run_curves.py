"""The curves of a run on the page: loss, and mIoU with what it is held against; other runs are drawn over them."""

from collections.abc import Sequence

import streamlit as st

from cocomine.training.runs.reading import Run
from cocomine.training.runs.verdict import no_mean_iou
from cocomine.ui.train.run_figures import DrawnRun, iou_figure, loss_figure
from cocomine.ui.train.run_numbers import PAPER_METRIC
from cocomine.ui.train.run_overlay import overlay_choice
from cocomine.ui.train.run_times import is_over_time, over_time


def run_curves(run: Run) -> None:
    """Draw loss and mIoU side by side, and the switches above them."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with_time = is_over_time("curve-axis")
        smoothing = _smoothing()
        with_paper = st.toggle("Paper metric", key=PAPER_METRIC, help="Eq. 2: no IoU, background included")
        others = overlay_choice(run)
    own = DrawnRun(run=run)
    if with_time:
        placed = over_time([own, *others])
        if placed and placed[0].run is run:
            own, *others = placed
    loss, iou = st.columns(2)
    with loss:
        _loss_chart(own, others, smoothing)
    with iou:
        _iou_chart(own, others, with_paper=with_paper)


def _smoothing() -> float:
    return st.slider(
        "Smoothing",
        0.0,
        0.95,
        step=0.05,
        key="curve-smoothing",
        width=220,
        help="Of the training loss: each point is mixed with what was before, by this weight. The curve itself "
        "stays visible, pale. Evaluations are drawn as they are.",
    )


def _loss_chart(own: DrawnRun, others: Sequence[DrawnRun], smoothing: float) -> None:
    st.markdown(
        "**Loss**",
        help="Cross entropy, so that both can be compared: of the training batches, as they are augmented, and of the "
        "validation images. A Dice part of the loss that is trained is not in it. Of other runs the validation loss "
        "alone is drawn.",
    )
    st.plotly_chart(
        loss_figure(own, others, smoothing=smoothing),
        key=f"loss-{own.run.folder}",
        config={"displayModeBar": False},
        alt=f"Loss over training {_measure(own)}",
    )


def _iou_chart(own: DrawnRun, others: Sequence[DrawnRun], *, with_paper: bool) -> None:
    st.markdown(
        "**mIoU** :small[band: 95 % interval, ★ best so far]",
        help="On the validation images, over your classes, without background. The band is the 95 % interval over "
        "images, ★ the highest value so far.",
    )
    if not with_paper and (missing := no_mean_iou(own.run)):
        st.info(missing, icon=":material/show_chart:")
        return
    st.plotly_chart(
        iou_figure(own, others, with_paper=with_paper),
        key=f"iou-{own.run.folder}",
        config={"displayModeBar": False},
        alt=f"mIoU over training {_measure(own)}",
    )


def _measure(own: DrawnRun) -> str:
    return "steps" if own.times is None else "time"
