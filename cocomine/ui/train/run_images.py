"""Validation images of a run beside what it predicts for them."""

import streamlit as st

from cocomine.coco.image_file import read_image
from cocomine.errors import UnreadableImage
from cocomine.training.runs.reading import Run
from cocomine.wording import plain


def run_images(run: Run) -> None:
    """Show the sample images of an evaluation: image, ground truth, prediction."""
    if not run.samples:
        return
    st.markdown("**Sample predictions:** image, ground truth, prediction")
    steps = [sample.step for sample in run.samples]
    step = steps[-1]
    if len(steps) > 1 and not run.is_active:
        step = st.select_slider("Step", steps, value=steps[-1], key=f"step-{run.folder}")
    sample = run.samples[steps.index(step)]
    with st.grid("auto", min_column_width=420, gap="small"):
        for path in sample.paths:
            try:
                st.image(read_image(path), width="stretch", alt="image, ground truth and prediction")
            except UnreadableImage as error:
                st.caption(f":material/broken_image: {plain(str(error))}")
