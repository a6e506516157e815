"""Validation images of a run beside their ground truth and, once they are labelled, their prediction."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from cocomine.drawing.label_comparison import Look, comparison_jpeg
from cocomine.errors import CocomineError, UnreadableImage
from cocomine.exporting.layout import MANIFEST
from cocomine.exporting.reading import ExportSplit
from cocomine.labels.label_map import LabelMap
from cocomine.system.files import stamp_of
from cocomine.system.jobs import JobCancelled
from cocomine.training.runs.sample_files import read_sample
from cocomine.training.runs.true_images import (
    Labelled,
    image_paths,
    label_images,
    read_true_image,
    read_validation_split,
    weights_of_last_evaluation,
)
from cocomine.ui.session.cached import cached, files_of
from cocomine.ui.session.jobs import background, existing_job, forget_job, progress_panel
from cocomine.ui.train.evaluated_run import Colours, EvaluatedRun, counts_of, painted_colours
from cocomine.wording import plain

STRIP_WIDTH_PX = 420
"""Of panels side by side, at least, so that something is seen on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedImage:
    """An image and what is said under it."""

    image_id: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawing:
    """All that an image is drawn from."""

    split: ExportSplit
    path: Path
    image_id: int
    prediction: LabelMap | None
    key: Hashable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """A prediction of an image, as large as the image on the page."""

    labels: LabelMap
    key: Hashable


def image_gallery(
    run: EvaluatedRun, images: Sequence[ListedImage], *, key: str, at_end: Callable[[], None] | None = None
) -> None:
    """Show images as their export has them, and offer to label them with the run's weights.

    Args:
        images: of the run's validation split.
        key: of the place on the page.
        at_end: called when they are labelled, before the page runs again, to ask for a dialog that this would close.
    """
    try:
        split = _split_of(_SplitOfRun(run=run, key=_export_key(run)))
    except CocomineError as error:
        st.warning(plain(str(error)), icon=":material/image_not_supported:")
        st.text("\n".join(f"image {each.image_id}: {each.words}" for each in images))
        return
    paths = image_paths(split, [each.image_id for each in images])
    labels = _offered_labels(run, paths, key=key, at_end=at_end)
    with st.grid("auto", min_column_width=STRIP_WIDTH_PX, gap="small"):
        for each in images:
            with st.container(gap="xxsmall"):
                _image(run, split, paths.get(each.image_id), each, labels)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _SplitOfRun:
    """A run whose export is read once for as long as that is the same."""

    run: EvaluatedRun
    key: Hashable


def _export_key(run: EvaluatedRun) -> Hashable:
    folder = Path(run.run.config.export)
    return run.info.export_manifest_sha256, files_of(folder, [folder / MANIFEST]).key


@cached(lambda whole: whole, most=4)
def _split_of(whole: _SplitOfRun) -> ExportSplit:
    return read_validation_split(whole.run.run)


def _offered_labels(
    run: EvaluatedRun, paths: Mapping[int, Path], *, key: str, at_end: Callable[[], None] | None
) -> Labelled | None:
    """Return what the weights see, if the person asked for it and it is there; else offer it or say how far it is."""
    weights = weights_of_last_evaluation(run.run)
    if weights is None or not paths:
        return None
    job_key = ("label-images", str(weights), stamp_of(weights.stat()), tuple(paths.items()))
    job = existing_job(job_key)
    if job is None:
        _label_button(job_key, partial(label_images, weights, paths), key)
        return None
    if job.state == "running":
        progress_panel(job, "Labelling these images", key=f"label-{key}", at_end=at_end)
        return None
    try:
        found: Labelled = job.result()
    except JobCancelled:
        forget_job(job_key)
        _label_button(job_key, partial(label_images, weights, paths), key)
        return None
    except CocomineError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    st.caption(f"Predictions of the weights of step {found.step:,}.")
    return found


def _label_button(job_key: Hashable, work: Callable[..., Labelled], key: str) -> None:
    st.button(
        "Label these images",
        icon=":material/draw:",
        key=f"label-{key}-begin",
        on_click=_begin,
        args=(job_key, work, key),
        help="Lets the network predict them again and draws what it sees beside the ground truth; takes some seconds",
    )


def _begin(job_key: Hashable, work: Callable[..., Labelled], key: str) -> None:
    """Start to label images; what this place of the page asked for before is cancelled."""
    background(job_key, work, replaces=f"label-{key}")


def _image(
    run: EvaluatedRun, split: ExportSplit, path: Path | None, each: ListedImage, labels: Labelled | None
) -> None:
    if path is None:
        st.caption(f":material/broken_image: image {each.image_id} is not in the export any more. {each.words}")
        return
    try:
        seen = _seen(run, each.image_id, labels)
        drawing = _Drawing(
            split=split,
            path=path,
            image_id=each.image_id,
            prediction=None if seen is None else seen.labels,
            key=(_export_key(run), files_of(path, [path]).key, each.image_id, None if seen is None else seen.key),
        )
        panels = "image and ground truth" if seen is None else "image, ground truth and prediction"
        st.image(_strip(drawing, painted_colours(run.run), Look()), width="stretch", alt=panels)
    except UnreadableImage as error:
        st.caption(f":material/broken_image: {plain(str(error))}")
    st.caption(f"{plain(path.name)} · {each.words}")


def _seen(run: EvaluatedRun, image_id: int, labels: Labelled | None) -> _Seen | None:
    """Return what was predicted for an image: when it was labelled, or as a sample of the evaluation; else None."""
    if labels is not None:
        found = labels.labels.get(image_id)
        return None if found is None else _Seen(labels=found, key=labels.weights_sha256)
    counts = counts_of(run)
    for sample in run.run.samples:
        if counts is not None and sample.step == counts.step and image_id in sample.predictions:
            path = sample.predictions[image_id]
            return _Seen(labels=read_sample(path).prediction, key=files_of(path, [path]).key)
    return None


@cached(lambda drawing: drawing, most=128)
def _strip(drawing: _Drawing, colours: Colours, look: Look) -> bytes:
    found = read_true_image(drawing.split, drawing.path, drawing.image_id)
    return comparison_jpeg(found.image, found.truth, drawing.prediction, dict(colours), look)
