"""Where are the sample images of a run, and what was predicted for them at each evaluation?

In `samples/`: `image_<id>.jpg` and `truth_<id>.png` of each image, and `step_<step>/prediction_<id>.png` for each
evaluation, where `<id>` is the image's in the export. Former versions wrote `step_<step>/<number>.png`, a strip of
image, ground truth and prediction; such runs are still shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cocomine.coco.image_file import decode_whole, opened_image, read_image
from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage
from cocomine.labels.label_map import LabelMap

SAMPLES = "samples"
_STEP = re.compile(r"step_([0-9]{1,9})")
_STRIP = re.compile(r"([0-9]{1,9})\.png")
_PREDICTION = re.compile(r"prediction_(-?[0-9]{1,19})\.png")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was drawn at one evaluation."""

    step: int
    predictions: Mapping[int, Path]  # by image id
    strips: tuple[Path, ...] = ()  # of a former version


def image_file(samples: Path, image_id: int) -> Path:
    """Return the path of a sample image."""
    return samples / f"image_{image_id}.jpg"


def truth_file(samples: Path, image_id: int) -> Path:
    """Return the path of its ground truth, a palette PNG of the same size."""
    return samples / f"truth_{image_id}.png"


def prediction_file(samples: Path, step: int, image_id: int) -> Path:
    """Return the path of its prediction at a step, a palette PNG of the same size."""
    return samples / f"step_{step:06d}" / f"prediction_{image_id}.png"


def sample_files(samples: Path, image_id: int) -> tuple[Path, Path]:
    """Return the paths of a sample image and its ground truth."""
    return image_file(samples, image_id), truth_file(samples, image_id)


def found_samples(samples: Path) -> tuple[Sample, ...]:
    """Return what there is of the evaluations of a run, by rising step."""
    found = []
    for folder in samples.glob("step_*"):
        if step := _STEP.fullmatch(folder.name):
            sample = _sample(int(step[1]), folder)
            if sample.predictions or sample.strips:
                found.append(sample)
    return tuple(sorted(found, key=lambda sample: sample.step))


def _sample(step: int, folder: Path) -> Sample:
    paths = list(folder.glob("*.png"))
    strips = {int(name[1]): path for path in paths if (name := _STRIP.fullmatch(path.name))}
    predictions = {int(name[1]): path for path in paths if (name := _PREDICTION.fullmatch(path.name))}
    return Sample(
        step=step,
        predictions=predictions,
        strips=tuple(strips[number] for number in sorted(strips)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleMaps:
    """An image with its ground truth and its prediction, of one size."""

    image: Image.Image  # in RGB
    truth: LabelMap
    prediction: LabelMap


def read_sample(prediction: Path) -> SampleMaps:
    """Return what was drawn of an image at one evaluation.

    Args:
        prediction: The path of its prediction, which says the image.

    Raises:
        UnreadableImage: A file of it is gone or damaged, or does not fit the others.
    """
    samples, image_id = prediction.parent.parent, int(prediction.stem.removeprefix("prediction_"))
    image = read_image(image_file(samples, image_id))
    return SampleMaps(
        image=image,
        truth=_read_labels(truth_file(samples, image_id), Size.of_xy(image.size)),
        prediction=_read_labels(prediction, Size.of_xy(image.size)),
    )


def _read_labels(path: Path, size: Size) -> LabelMap:
    """Return the label map of a palette PNG, (height, width)."""
    with opened_image(path) as image:
        decode_whole(image)
        mode, labels = image.mode, np.asarray(image)
    if mode != "P" or labels.shape != size:
        raise UnreadableImage(
            f"{path}: is a {mode} image of {' x '.join(map(str, labels.shape))}, no label map of {size.height} x "
            f"{size.width} px. It is damaged; the other samples are shown without it."
        )
    return labels
