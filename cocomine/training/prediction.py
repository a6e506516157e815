"""What does a trained network see in an image?

All that is needed is in the weights' file, whose header names encoder, size and labels. A copy of it works anywhere:

    from cocomine.training.prediction import Predictor
    predictor = Predictor.read("run/best.safetensors")
    labels = predictor.predict(Image.open("street.jpg")).labels

An image is squeezed to the square that the network was trained on, and the logits are enlarged bilinearly to the
image's own size, as in every evaluation (`evaluation`).

As a process, `python -m cocomine.training.prediction REQUEST`, it serves `runs.predicting`.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from cocomine.coco.image_file import opened_image
from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage
from cocomine.exporting.formats.label_png import label_png, palette
from cocomine.system.cores import computing_threads
from cocomine.system.files import file_sha256, write_bytes, write_json
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import serve_parent
from cocomine.training.augmentation import normalised
from cocomine.training.data import UInt8Array, square_image
from cocomine.training.evaluation import predicted_labels
from cocomine.training.linknet import LinkNet
from cocomine.training.network_file import NetworkDescription, read_network
from cocomine.training.runs.predicting import PREDICTIONS, PredictedClass, PredictedImage, Predictions, mask_names
from cocomine.training.runs.records import RunLabel


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """What the network sees in one image, at the image's own size.

    Attributes:
        labels: the label of each pixel, (height, width).
        confidence: its probability as the network has it, (height, width) in [0, 1].
    """

    labels: UInt8Array
    confidence: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictor:
    """A trained network and what its labels are."""

    network: LinkNet
    description: NetworkDescription

    @classmethod
    def read(cls, weights: str | Path) -> Self:
        """Return the network of a `best.safetensors`, on the CPU.

        Raises:
            WeightsError: The file cannot be read, or is not one that a run wrote.
        """
        description, network = read_network(Path(weights))
        return cls(network=network, description=description)

    def predict(self, image: Image.Image) -> Prediction:
        """Return what the network sees in an image; EXIF rotation is not applied, as in training."""
        side = self.description.size_px
        square = image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
        return self._seen(np.asarray(square), Size.of_xy(image.size))

    def predict_file(self, path: Path | str) -> Prediction:
        """Return what the network sees in an image file, which is read as for training and evaluation.

        Raises:
            UnreadableImage: It is missing, damaged or too large.
        """
        file = Path(path)
        with opened_image(file) as image:
            size = Size.of_xy(image.size)
        return self._seen(square_image(file, self.description.size_px), size)

    @torch.no_grad()
    def _seen(self, square: UInt8Array, size: Size) -> Prediction:
        """Return what the network sees in an image (size_px, size_px, 3), at another size."""
        logits: Tensor = self.network(normalised(square[None], torch.device("cpu")))
        return _enlarged(logits[0], size)


def _enlarged(logits: Tensor, size: Size) -> Prediction:
    """Return the labels that evaluations take from logits (label_count, h, w) at another size, and their confidence."""
    labels = predicted_labels(logits, size.height, size.width)
    best, evidence = (torch.full(size, -torch.inf) for _ in range(2))  # evidence: log of the sum of exp
    for plane in logits:
        enlarged = functional.interpolate(plane[None, None], size=size, mode="bilinear")[0, 0]
        torch.maximum(best, enlarged, out=best)
        torch.logaddexp(evidence, enlarged, out=evidence)
    return Prediction(labels=labels, confidence=(best - evidence).exp_().clamp_(0, 1).numpy())


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked for."""

    weights: str
    images: list[str]
    folder: str
    """Empty, and filled."""


def write_predictions(request: Request, progress: Progress) -> Predictions:
    """Write the mask of each image and `predictions.json`; an image that cannot be read is named and left out.

    Raises:
        WeightsError: The weights cannot be used.
        OSError: The folder cannot be written.
    """
    predictor = Predictor.read(request.weights)
    files = [Path(image) for image in request.images]
    images = []
    for done, (file, name) in enumerate(zip(files, mask_names(files), strict=True)):
        progress(done, len(files))
        images.append(_predicted(predictor, file, Path(request.folder) / name))
    predictions = Predictions(
        weights=request.weights,
        weights_sha256=file_sha256(Path(request.weights)),
        step=predictor.description.step,
        size_px=predictor.description.size_px,
        labels=predictor.description.labels,
        images=images,
    )
    write_json(Path(request.folder) / PREDICTIONS, msgspec.to_builtins(predictions))
    progress(len(files), len(files))
    return predictions


def _predicted(predictor: Predictor, file: Path, mask: Path) -> PredictedImage:
    try:
        prediction = predictor.predict_file(file)
    except UnreadableImage as error:
        return PredictedImage(image=str(file), mask="", width=0, height=0, classes=[], problem=str(error))
    write_bytes(mask, label_png(prediction.labels, palette(predictor.description.table)))
    classes = predicted_classes(prediction, predictor.description.labels)
    height, width = prediction.labels.shape
    return PredictedImage(image=str(file), mask=mask.name, width=width, height=height, classes=classes)


def predicted_classes(prediction: Prediction, labels: Sequence[RunLabel]) -> list[PredictedClass]:
    """Return how much of each label there is, and how sure the network is of it, most pixels first."""
    flat = prediction.labels.ravel()
    counts = np.bincount(flat, minlength=len(labels))
    sums = np.bincount(flat, weights=prediction.confidence.ravel(), minlength=len(labels))
    found = [
        PredictedClass(
            label=each.label,
            name=each.name,
            pixel_count=int(counts[each.label]),
            confidence=round(float(sums[each.label] / counts[each.label]), 4),
        )
        for each in labels
        if counts[each.label]
    ]
    return sorted(found, key=lambda each: (-each.pixel_count, each.label))


def main(arguments: Sequence[str]) -> None:
    """Predict and tell: REQUEST as JSON."""
    (text,) = arguments
    torch.set_num_threads(computing_threads())
    request = msgspec.json.decode(text, type=Request)
    serve_parent(lambda progress: msgspec.to_builtins(write_predictions(request, progress)))


if __name__ == "__main__":
    main(sys.argv[1:])
