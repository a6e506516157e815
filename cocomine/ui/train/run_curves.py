"""The curves of a run on the page: loss, and mIoU with what it is held against."""

import streamlit as st

from cocomine.training.runs.reading import Run
from cocomine.ui.train.run_figures import iou_figure, loss_figure
from cocomine.ui.train.run_numbers import PAPER_METRIC


def run_curves(run: Run) -> None:
    """Draw loss and mIoU side by side, and the switches above them."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        smoothing = st.slider(
            "Smoothing",
            0.0,
            0.95,
            step=0.05,
            key="curve-smoothing",
            width=220,
            help="Of the training loss: each point is mixed with what was before, by this weight. The curve itself "
            "stays visible, pale. Evaluations are drawn as they are.",
        )
        with_paper = st.toggle("Paper metric", key=PAPER_METRIC, help="Eq. 2: no IoU, background included")
    loss, iou = st.columns(2)
    with loss:
        _loss_chart(run, smoothing)
    with iou:
        _iou_chart(run, with_paper=with_paper)


def _loss_chart(run: Run, smoothing: float) -> None:
    st.markdown(
        "**Loss**",
        help="Cross entropy, so that both can be compared: of the training batches, as they are augmented, and of the "
        "validation images. A Dice part of the loss that is trained is not in it.",
    )
    st.plotly_chart(
        loss_figure(run, smoothing=smoothing),
        key=f"loss-{run.folder}",
        config={"displayModeBar": False},
        alt="Loss over training steps",
    )


def _iou_chart(run: Run, *, with_paper: bool) -> None:
    st.markdown(
        "**mIoU**",
        help="On the validation images, over your classes, without background. The band is the 95 % interval over "
        "images, ★ the highest value so far.",
    )
    st.plotly_chart(
        iou_figure(run, with_paper=with_paper),
        key=f"iou-{run.folder}",
        config={"displayModeBar": False},
        alt="mIoU over training steps",
    )
