"""The validation images that a run was evaluated on, as its export has them, and what its weights see in them."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cocomine.coco.image_file import read_image
from cocomine.coco.size import Size
from cocomine.errors import TrainingError
from cocomine.exporting.reading import ExportSplit, native_label_map, read_export
from cocomine.labels.label_map import LabelMap
from cocomine.system.jobs import Progress
from cocomine.training.runs.predicting import predict_images
from cocomine.training.runs.reading import BEST, LAST, Run

SHOWN_PX = 480
"""Longer side of an image on the page."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrueImage:
    """An image with its ground truth, of one size."""

    image: Image.Image  # in RGB
    truth: LabelMap


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """What weights see in images."""

    step: int  # of the training, that the weights are of
    weights_sha256: str
    labels: Mapping[int, LabelMap]  # by image id, as large as the image on the page


def read_validation_split(run: Run) -> ExportSplit:
    """Return the split of its export that a run is evaluated on.

    Raises:
        CocomineError: The export is gone or damaged, or another one is in its place.
    """
    export = read_export(Path(run.config.export))
    if run.info is not None and run.info.export_manifest_sha256 == export.manifest_sha256:
        for split in export.splits:
            if split.name == run.info.val_split:
                return split
    raise TrainingError(
        f"{export.folder}: the export is not the one that the run was trained on any more, so its images are not "
        "shown. Put that one back there to see them."
    )


def weights_of_last_evaluation(run: Run) -> Path | None:
    """Return the weights that the last evaluation is of; while a run goes on, its best ones; None where none are."""
    return next((path for name in (LAST, BEST) if (path := run.folder / name).is_file()), None)


def image_paths(split: ExportSplit, image_ids: Sequence[int]) -> dict[int, Path]:
    """Return the file of each of these validation images that is there, by id."""
    wanted = set(image_ids)
    return {image.image_id: image.image_path for image in split.images if image.image_id in wanted}


def read_true_image(split: ExportSplit, path: Path, image_id: int) -> TrueImage:
    """Return a validation image with its exact ground truth, both reduced for the page.

    Raises:
        UnreadableImage: The image is gone or damaged.
    """
    truth = native_label_map(split, image_id)
    size = shown_size(Size(*truth.shape))
    image = read_image(path, at_least=size).resize(size.xy, Image.Resampling.BILINEAR)
    return TrueImage(image=image, truth=resized_labels(Image.fromarray(truth), size))


def label_images(weights: Path, paths: Mapping[int, Path], progress: Progress) -> Labelled:
    """Return what weights see in images; one that cannot be read is left out.

    Args:
        paths: by image id.
        progress: gets how far it is, in images; what it raises ends the work.

    Raises:
        CocomineError: see `predict_images`.
    """
    with tempfile.TemporaryDirectory(prefix="cocomine-images-") as folder:
        out = Path(folder) / "out"
        found = predict_images(weights, list(paths.values()), out, progress)
        labels = {
            image_id: _read_mask(out / image.mask)
            for image_id, image in zip(paths, found.images, strict=True)
            if image.mask
        }
    return Labelled(step=found.step, weights_sha256=found.weights_sha256, labels=labels)


def _read_mask(path: Path) -> LabelMap:
    with Image.open(path) as mask:
        return resized_labels(mask, shown_size(Size.of_xy(mask.size)))


def shown_size(native: Size) -> Size:
    """Return the size at which an image is on the page; a small one is enlarged, so that its pixels are seen."""
    scale = SHOWN_PX / max(native)
    return Size(max(1, round(native.height * scale)), max(1, round(native.width * scale)))


def resized_labels(labels: Image.Image, size: Size) -> LabelMap:
    """Return a label map at another size, each pixel with the label at its centre."""
    return np.asarray(labels.resize(size.xy, Image.Resampling.NEAREST))
