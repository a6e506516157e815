"""The classes of a run: the IoU of each."""

import streamlit as st

from cocomine.charts.bars import share_bars
from cocomine.training.runs.comparison import score
from cocomine.training.runs.reading import Run


def run_classes(run: Run) -> None:
    """Draw the IoU of each selected class at the score to quote."""
    line = score(run)
    labels = [] if run.info is None else run.info.selected_labels
    if line is not None and labels:
        st.plotly_chart(
            share_bars(
                {label.name: line.iou[label.label] for label in labels},
                title="IoU per class",
                colours={label.name: label.colour for label in labels},
            ),
            key=f"classes-{run.folder}",
            config={"displayModeBar": False},
            alt="IoU per class",
        )
