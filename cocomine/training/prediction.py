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
from typing import Annotated, Self

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from msgspec import Meta
from PIL import Image
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn import functional

from cocomine.coco.image_file import opened_image
from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage, WeightsError
from cocomine.exporting.formats.label_png import label_png, palette
from cocomine.labels.table import Label, LabelTable
from cocomine.system.cores import usable_cores
from cocomine.system.files import file_sha256, write_bytes, write_json
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import serve_parent
from cocomine.training.augmentation import normalised
from cocomine.training.data import UInt8Array, square_image
from cocomine.training.evaluation import predicted_labels
from cocomine.training.linknet import LinkNet
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.predicting import PREDICTIONS, PredictedClass, PredictedImage, Predictions, mask_names
from cocomine.training.runs.records import Count, RunLabel

HEADER = "cocomine"
"""Where the description is in the header of the weights' file."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What the weights' file says of the network."""

    step: Count
    size_px: Annotated[int, Meta(ge=32, le=4096, multiple_of=32)]
    labels: Annotated[list[RunLabel], Meta(min_length=1, max_length=255)]
    encoder: str = "resnet50"
    """Files of former versions do not name it; they had no other."""

    def __post_init__(self) -> None:
        if self.encoder not in ENCODERS:
            raise ValueError(f"there is no encoder '{self.encoder}'")
        if [each.label for each in self.labels] != list(range(len(self.labels))):
            raise ValueError("its labels are not numbered from 0")

    @property
    def table(self) -> LabelTable:
        """The labels as exports have them."""
        return LabelTable(
            labels=tuple(
                Label(label=each.label, name=each.name, category_ids=(), colour=each.colour, selected=each.selected)
                for each in self.labels
            )
        )


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
    description: Description

    @classmethod
    def read(cls, weights: str | Path) -> Self:
        """Return the network of a `best.safetensors`, on the CPU.

        Raises:
            WeightsError: The file cannot be read, or is not one that a run wrote.
        """
        description, tensors = _read(Path(weights))
        network = LinkNet(ENCODERS[description.encoder], len(description.labels))
        try:
            network.load_state_dict(tensors)
        except RuntimeError as error:
            raise WeightsError(f"{weights}: does not fit its own description ({_first_line(error)}).") from error
        return cls(network=network.eval(), description=description)

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


def _read(path: Path) -> tuple[Description, dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = (file.metadata() or {}).get(HEADER)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: cannot be read ({_first_line(error)}).") from error
    if header is None:
        raise WeightsError(f"{path}: this is not the best.safetensors of a run: it does not say what its labels are.")
    try:
        return msgspec.json.decode(header, type=Description), tensors
    except msgspec.DecodeError as error:
        raise WeightsError(f"{path}: its description is damaged ({error}).") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


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
    torch.set_num_threads(usable_cores())
    request = msgspec.json.decode(text, type=Request)
    serve_parent(lambda progress: msgspec.to_builtins(write_predictions(request, progress)))


if __name__ == "__main__":
    main(sys.argv[1:])
