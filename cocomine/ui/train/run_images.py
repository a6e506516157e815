"""The same few validation images of a run at each of its evaluations, beside what it predicts for them."""

import numpy as np
import streamlit as st

from cocomine.coco.image_file import read_image
from cocomine.drawing.label_comparison import Look, comparison_jpeg
from cocomine.errors import UnreadableImage
from cocomine.training.runs.reading import Run
from cocomine.training.runs.sample_files import SAMPLES, Sample, read_sample, sample_files
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.train.evaluated_run import Colours, evaluated_run, painted_colours, selected_class
from cocomine.ui.train.image_gallery import STRIP_WIDTH_PX
from cocomine.ui.train.worst_images import worst_images
from cocomine.wording import plain

LATEST = "Latest"
ERROR_LEGEND = (
    ":red-badge[false positive] background predicted as a class · "
    ":blue-badge[missed] a class predicted as background · "
    ":orange-badge[wrong class] a class predicted as another"
)


def run_images(run: Run) -> None:
    """Show the sample images at an evaluation, and offer those that are predicted worst."""
    if run.samples:
        _samples(run)
    evaluated = evaluated_run(run)
    if evaluated is not None:
        worst_images(evaluated)


def _samples(run: Run) -> None:
    st.markdown("**Sample predictions:** image, ground truth, prediction")
    sample = _chosen_sample(run)
    if sample.predictions and run.info is not None:
        _drawn(run, sample, _look(run))
        return
    with st.grid("auto", min_column_width=STRIP_WIDTH_PX, gap="small"):
        for path in sample.strips:
            try:
                st.image(read_image(path), width="stretch", alt="image, ground truth and prediction")
            except UnreadableImage as error:
                _not_shown(error)


def _chosen_sample(run: Run) -> Sample:
    """Let the person choose an evaluation; the latest one follows the run."""
    by_step = {_step_name(sample.step): sample for sample in run.samples}
    if len(by_step) == 1:
        return run.samples[0]
    name = st.select_slider("Evaluation", [*by_step, LATEST], value=LATEST, key=f"evaluation-{run.folder}")
    return by_step.get(name, run.samples[-1])


def _step_name(step: int) -> str:
    return f"step {step:,}"


def _look(run: Run) -> Look:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        opacity = st.slider(
            "Opacity of the classes", 0, 100, 60, format="%d %%", key=f"samples-opacity-{run.folder}", width=280
        )
        errors_only = st.toggle("Errors only", key=f"samples-errors-{run.folder}")
    return Look(opacity=opacity / 100, errors_only=errors_only)


def _drawn(run: Run, sample: Sample, look: Look) -> None:
    if look.errors_only:
        st.markdown(ERROR_LEGEND)  # a caption would fade its colours
    shown, chosen = _drawn_images(run, sample), selected_class(run)
    if chosen is not None:
        holding = [files for files in shown if chosen.label in _true_labels(files)]
        st.caption(f"Images with {plain(chosen.name)}: {len(holding)} of {len(shown)}.")
        shown = holding
    with st.grid("auto", min_column_width=STRIP_WIDTH_PX, gap="small"):
        for files in shown:
            try:
                st.image(_strip(files, painted_colours(run), look), width="stretch", alt=_alt(look))
            except UnreadableImage as error:
                _not_shown(error)


def _drawn_images(run: Run, sample: Sample) -> list[Files]:
    """Return the files of each image that was drawn at an evaluation, in the order of the run's record."""
    order = [] if run.info is None else [each.image_id for each in run.info.samples]
    samples = run.folder / SAMPLES
    return [
        files_of(sample.predictions[image_id], [*sample_files(samples, image_id), sample.predictions[image_id]])
        for image_id in order
        if image_id in sample.predictions
    ]


@cached(same_files, most=128)
def _strip(files: Files, colours: Colours, look: Look) -> bytes:
    drawn = read_sample(files.root)
    return comparison_jpeg(drawn.image, drawn.truth, drawn.prediction, dict(colours), look)


@cached(same_files, most=128)
def _true_labels(files: Files) -> frozenset[int]:
    """Return the labels in the ground truth of an image; none where it cannot be read, which is said in its place."""
    try:
        return frozenset(np.unique(read_sample(files.root).truth).tolist())
    except UnreadableImage:
        return frozenset()


def _alt(look: Look) -> str:
    return f"image, ground truth and {'errors' if look.errors_only else 'prediction'}"


def _not_shown(error: UnreadableImage) -> None:
    st.caption(f":material/broken_image: {plain(str(error))}")
