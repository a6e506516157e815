"""An image of the person's own, or a validation image, under the trained network: what it sees, and how sure it is."""

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
from cocomine.training.runs.reading import BEST, LAST, Run
from cocomine.training.runs.validation_images import image_names, validation_folder
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.jobs import background, forget_job, progress_panel
from cocomine.ui.train.swatch import swatch
from cocomine.wording import percent, plain

SUFFIXES = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
SHOWN_PX = 1200
"""The longer side of an image on the page, at most."""
OWN, VALIDATION = "My files", "Validation images"
NARROW = st.column_config.TextColumn(width="small")
COLUMNS = {
    "": st.column_config.ImageColumn(width=40),
    "Class": NARROW,
    "Pixels": NARROW,
    "Confidence": NARROW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenImage:
    """An image file that is to be labelled."""

    name: str
    data: bytes


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
    """Let the person bring an image or take one of the validation images, and show what the network sees in it."""
    with st.expander("Label your own image", icon=":material/photo_camera:", key=f"own-image-section-{run.folder}"):
        if not (run.folder / BEST).is_file():
            st.caption("Possible as soon as the run has been evaluated once: the best weights are taken.")
            return
        source, weights = st.columns(2)
        with weights:
            file = _weights(run)
        with source:
            given = _given_image(run)
        if given is None:
            st.caption("The image is squeezed to the side that the network was trained at, as in every evaluation.")
            return
        labelled = _labelled(file, given)
        if labelled is not None:
            _shown(labelled, Path(given.name).stem, run.folder)


def _weights(run: Run) -> Path:
    """Offer the weights that there are, and return the file of those that are taken."""
    files = {"Best": run.folder / BEST, "Last": run.folder / LAST}
    there = [name for name, file in files.items() if file.is_file()]
    taken = st.segmented_control(
        "Weights",
        there,
        default=there[0],
        required=True,
        key=f"own-image-weights-{run.folder}",
        help="Best: of the step with the highest mIoU. Last: of the last step, once the run is done",
    )
    return files[taken]


def _given_image(run: Run) -> GivenImage | None:
    """Return the image that the person brought or took, None where there is none yet."""
    names = _validation_names(run)
    origins = [OWN, VALIDATION] if names else [OWN]
    origin = st.segmented_control("Image from", origins, default=OWN, required=True, key=f"own-image-from-{run.folder}")
    if origin == OWN:
        upload = st.file_uploader("Image", SUFFIXES, key=f"own-image-{run.folder}", help="It stays on this computer.")
        return None if upload is None else GivenImage(name=upload.name, data=upload.getvalue())
    name = st.selectbox(
        "Validation image", names, index=None, placeholder="Select an image", key=f"own-image-pick-{run.folder}"
    )
    folder = validation_folder(run)
    return None if name is None or folder is None else _read(folder / name)


def _read(path: Path) -> GivenImage | None:
    try:
        return GivenImage(name=path.name, data=path.read_bytes())
    except OSError as error:
        st.error(plain(f"{path}: cannot be read ({error.strerror}). Select another image."), icon=":material/error:")
        return None


def _validation_names(run: Run) -> tuple[str, ...]:
    folder = validation_folder(run)
    return () if folder is None else _names(files_of(folder, [folder]))


@cached(same_files, most=8)
def _names(files: Files) -> tuple[str, ...]:
    return image_names(files.root)


def _labelled(weights: Path, given: GivenImage) -> LabelledImage | None:
    """Return what was seen; None while the network is at work, or where it cannot be, which is said."""
    key = ("own-image", str(weights), stamp_of(weights.stat()), hashlib.sha256(given.data).hexdigest())
    job = background(key, partial(_predicted, weights, given), replaces="own-image", wait_s=0.2)
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


def _predicted(weights: Path, given: GivenImage, progress: Progress) -> LabelledImage:
    with tempfile.TemporaryDirectory(prefix="cocomine-own-image-") as folder:
        path = Path(folder) / f"image{Path(given.name).suffix}"
        path.write_bytes(given.data)
        predictions = predict_images(weights, [path], Path(folder) / "out", progress)
        found = predictions.images[0]
        if found.problem:
            raise UnreadableImage(found.problem.replace(str(path), given.name))
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
        st.dataframe(_rows(labelled), hide_index=True, column_config=COLUMNS)
        st.caption(
            f"Weights of step {labelled.predictions.step:,}, at {labelled.predictions.size_px} px. Confidence is the "
            "mean probability that the network itself gives to its pixels: it can be sure and wrong."
        )
        st.download_button(
            "Download mask", labelled.mask, f"{stem}.png", "image/png", icon=":material/download:", on_click="ignore"
        )


def _rows(labelled: LabelledImage) -> list[dict[str, str]]:
    """Return the legend: each class that is in the image, in its colour, most pixels first."""
    pixel_count = labelled.found.width * labelled.found.height
    swatches = {each.label: swatch(each.colour) for each in labelled.predictions.labels if each.selected}
    return [
        {
            "": swatches.get(each.label, ""),
            "Class": each.name,
            "Pixels": percent(each.pixel_count / pixel_count),
            "Confidence": percent(each.confidence, decimals=0),
        }
        for each in labelled.found.classes
    ]
