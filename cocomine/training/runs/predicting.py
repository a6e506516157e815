"""How does a person get from a trained network to masks of their own images?

The network is at work in a process of its own (`cocomine.training.prediction`), so that PyTorch is loaded neither by
the server nor twice. What it gives is a folder that appears whole: for each image a palette PNG of its own size, and
`predictions.json` with what is where.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from cocomine.coco.image_file import SUFFIXES
from cocomine.errors import TrainingError
from cocomine.exporting.staging import staging_folder
from cocomine.system.extras import TRAINING
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to
from cocomine.system.subprocesses import run_in_subprocess
from cocomine.training.runs.reading import BEST
from cocomine.training.runs.records import Count, RunLabel

PREDICTIONS = "predictions.json"
Share = Annotated[float, Meta(ge=0, le=1)]


class PredictedClass(msgspec.Struct, frozen=True, kw_only=True):
    """A label that the network gives to pixels of an image."""

    label: Annotated[int, Meta(ge=0, le=255)]
    name: str
    pixel_count: Count
    confidence: Share
    """Mean probability of the label in these pixels, as the network has it; no share of right ones."""


class PredictedImage(msgspec.Struct, frozen=True, kw_only=True):
    """What the network sees in one image."""

    image: str
    """The file, as it was given."""
    mask: str
    """Name of the mask in the same folder; empty where the image cannot be read."""
    width: Count
    height: Count
    classes: list[PredictedClass]
    """Background included, most pixels first."""
    problem: str = ""
    """Why there is no mask."""


class Predictions(msgspec.Struct, frozen=True, kw_only=True):
    """`predictions.json`."""

    weights: str
    weights_sha256: str
    step: Count
    """Of the training, at which these weights were best."""
    size_px: Count
    """At which the network looks at an image."""
    labels: list[RunLabel]
    images: list[PredictedImage]

    @property
    def problems(self) -> list[str]:
        """A sentence for each image without a mask."""
        return [image.problem for image in self.images if image.problem]


def weights_of_run(run: Path) -> Path:
    """Return the best weights of a run, which may be named by its folder or by the file.

    Raises:
        TrainingError: There are none.
    """
    weights = run / BEST if run.is_dir() else run
    if not weights.is_file():
        raise TrainingError(
            f"{weights}: there are no weights. Name a run that has been evaluated at least once, "
            f"or a {BEST} of such a run."
        )
    return weights


def predict_images(weights: Path, images: Sequence[Path], out: Path, progress: Progress) -> Predictions:
    """Write the masks that a network sees in images, and return what is in them.

    Args:
        weights: `best.safetensors` of a run.
        images: files; a folder stands for the images directly in it.
        out: a new or empty folder.
        progress: gets how far it is, in images; what it raises ends the work.

    Raises:
        TrainingError: There is no image, or PyTorch is not installed.
        DatasetError: The weights cannot be used, or the process died.
        ExportError: The folder holds something.
        StorageError: It cannot be written.
    """
    if trouble := TRAINING.trouble:
        raise TrainingError(trouble)
    files = list(image_files(images))
    with writing_to(out), staging_folder(out.absolute(), "") as new:
        request = {"weights": str(weights), "images": [str(file) for file in files], "folder": str(new)}
        result = run_in_subprocess(
            "cocomine.training.prediction",
            [msgspec.json.encode(request).decode()],
            progress,
            work="Predicting",
            remedy="predict again",
            environment={"OMP_WAIT_POLICY": "passive"},
        )
        return msgspec.convert(result, Predictions)


def image_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield files as they are named, and of folders the images directly in them, by name.

    Raises:
        TrainingError: One is not there, or a folder has no image.
    """
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
            if not inside:
                raise TrainingError(f"{path}: there is no image directly in this folder. Name another, or the files.")
            yield from inside
        elif path.is_file():
            yield path
        else:
            raise TrainingError(f"{path}: there is no such image. Check the path.")


def mask_names(files: Sequence[Path]) -> list[str]:
    """Return a name for the mask of each file, `street.png` for `street.jpg`, and `street-2.png` where that is taken.

    Names that differ in case alone count as one, since some file systems take them so.
    """
    names: list[str] = []
    taken: set[str] = set()
    for file in files:
        name, number = f"{file.stem}.png", 1
        while name.casefold() in taken:
            number += 1
            name = f"{file.stem}-{number}.png"
        taken.add(name.casefold())
        names.append(name)
    return names
