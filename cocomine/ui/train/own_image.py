"""A person's own image under the trained network: what it sees where, and how sure it is."""

import hashlib
import io
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from cocomine.coco.image_file import read_image
from cocomine.coco.size import Size
from cocomine.drawing.label_overlay import overlaid
from cocomine.errors import CocomineError, UnreadableImage
from cocomine.system.files import stamp_of
from cocomine.system.jobs import JobCancelled, Progress
from cocomine.training.runs.predicting import PredictedImage, Predictions, predict_images
from cocomine.training.runs.reading import BEST, Run
from cocomine.ui.session.jobs import background, forget_job, progress_panel
from cocomine.wording import percent, plain

SUFFIXES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
SHOWN_PX = 1200
"""The longer side of an image on the page, at most."""
COLUMNS = ("Class", "Pixels", "Confidence")
NARROW = st.column_config.TextColumn(width="small")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledImage:
    """What the network saw in one image.

    Attributes:
        image: as it is shown, in RGB.
        mask: the PNG, at the image's own size.
    """

    image: Image.Image
    mask: bytes
    predictions: Predictions

    @property
    def found(self) -> PredictedImage:
        """What is in it."""
        return self.predictions.images[0]


def label_own_image(run: Run) -> None:
    """Let the person bring an image, and show what the best weights of a run see in it."""
    weights = run.folder / BEST
    with st.expander("Label your own image", icon=":material/photo_camera:", key=f"own-image-section-{run.folder}"):
        if not weights.is_file():
            st.caption("Possible as soon as the run has been evaluated once: the best weights are taken.")
            return
        upload = st.file_uploader("Image", SUFFIXES, key=f"own-image-{run.folder}", help="It stays on this computer.")
        if upload is None:
            st.caption("The image is squeezed to the side that the network was trained at, as in every evaluation.")
            return
        labelled = _labelled(weights, upload.name, upload.getvalue())
        if labelled is not None:
            _shown(labelled, Path(upload.name).stem, run.folder)


def _labelled(weights: Path, name: str, data: bytes) -> LabelledImage | None:
    """Return what was seen; None while the network is at work, or where it cannot be, which is said."""
    key = ("own-image", str(weights), stamp_of(weights.stat()), hashlib.sha256(data).hexdigest())
    job = background(key, partial(_predicted, weights, name, data), replaces="own-image", wait_s=0.2)
    if job.state == "running":
        progress_panel(job, "Loading the network", key="own-image")
        return None
    try:
        return job.result()
    except JobCancelled:
        st.button("Try again", icon=":material/replay:", on_click=forget_job, args=(key,))
    except CocomineError as error:
        st.error(plain(str(error)), icon=":material/error:")
    return None


def _predicted(weights: Path, name: str, data: bytes, progress: Progress) -> LabelledImage:
    with tempfile.TemporaryDirectory(prefix="cocomine-own-image-") as folder:
        path = Path(folder) / f"image{Path(name).suffix}"
        path.write_bytes(data)
        predictions = predict_images(weights, [path], Path(folder) / "out", progress)
        found = predictions.images[0]
        if found.problem:
            raise UnreadableImage(found.problem.replace(str(path), name))
        image = read_image(path, at_least=Size.square(SHOWN_PX))
        image.thumbnail((SHOWN_PX, SHOWN_PX))
        return LabelledImage(
            image=image, mask=(Path(folder) / "out" / found.mask).read_bytes(), predictions=predictions
        )


def _shown(labelled: LabelledImage, stem: str, run: Path) -> None:
    image, table = st.columns((2, 1), gap="large")
    with image:
        opacity = st.slider("Opacity of the classes", 0, 100, 55, format="%d %%", key=f"own-image-opacity-{run}") / 100
        colours = {each.label: each.colour for each in labelled.predictions.labels if each.selected}
        with Image.open(io.BytesIO(labelled.mask)) as mask:
            labels = np.asarray(mask)
        st.image(overlaid(labelled.image, labels, colours, opacity=opacity), alt="the image with the predicted classes")
    with table:
        st.dataframe(_rows(labelled), hide_index=True, column_config=dict.fromkeys(COLUMNS, NARROW))
        st.caption(
            f"Weights of step {labelled.predictions.step:,}, at {labelled.predictions.size_px} px. Confidence is the "
            "mean probability that the network itself gives to its pixels: it can be sure and wrong."
        )
        st.download_button(
            "Download mask", labelled.mask, f"{stem}.png", "image/png", icon=":material/download:", on_click="ignore"
        )


def _rows(labelled: LabelledImage) -> list[dict[str, str]]:
    pixel_count = labelled.found.width * labelled.found.height
    return [
        {
            "Class": each.name,
            "Pixels": percent(each.pixel_count / pixel_count),
            "Confidence": percent(each.confidence, decimals=0),
        }
        for each in labelled.found.classes
    ]
