"""What did an evaluation count in each image?

`evaluation_last.npz` is replaced at each evaluation of a run, and holds that of the finished network at its end;
`evaluation_best.npz` is that of the best weights. From them the page draws the confusion matrix, and finds the images
behind a cell and those with the lowest IoU. Like all files of a run they are read as if a stranger had written them.
"""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cocomine.system.files import atomic_file
from cocomine.training.runs.confusions import Confusions

LAST_EVALUATION, BEST_EVALUATION = "evaluation_last.npz", "evaluation_best.npz"
_DAMAGED = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error, NotImplementedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCounts:
    """The counted pixels of each image of an evaluation."""

    step: int | None  # of the training; files of former versions do not say it
    image_ids: tuple[int, ...]
    confusions: Confusions  # of these images, in their order


def write_counts(path: Path, counts: ImageCounts) -> None:
    """Write them as one npz file, whole or not at all; the same counts give the same bytes."""
    confusions = counts.confusions
    columns: dict[str, Any] = {
        "label_count": confusions.label_count,
        "image_ids": np.array(counts.image_ids, dtype=np.int64),
        "image_index": confusions.image_index,
        "cell": confusions.cell,
        "pixels": confusions.pixels,
    }
    if counts.step is not None:
        columns["step"] = counts.step
    with atomic_file(path) as file:
        np.savez_compressed(file, **columns)


def read_counts(path: Path, label_count: int) -> tuple[ImageCounts | None, str | None]:
    """Return what is in a file, and what is wrong with it; None and None where there is no such file.

    Args:
        path: Of a run of this many labels.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return _checked({name: stored[name] for name in stored.files}, label_count), None
    except FileNotFoundError:
        return None, None
    except _DAMAGED as error:
        reason = getattr(error, "strerror", None) or error
        return None, f"{path.name} is damaged and left out ({reason})."


def _checked(stored: dict[str, Any], label_count: int) -> ImageCounts:
    image_ids, image_index = _integers(stored, "image_ids"), _integers(stored, "image_index")
    cell, pixels = _integers(stored, "cell"), _integers(stored, "pixels")
    if int(stored["label_count"]) != label_count:
        raise ValueError(f"it has {int(stored['label_count'])} labels, not {label_count}")
    if not len(image_index) == len(cell) == len(pixels):
        raise ValueError("its columns are of different lengths")
    if not len(image_ids):
        raise ValueError("it holds no image")
    if (np.diff(image_index) < 0).any() or not _is_within(image_index, len(image_ids)):
        raise ValueError("its images are not in order")
    if not _is_within(cell, label_count**2) or (pixels < 1).any():
        raise ValueError("it counts what cannot be")
    step = int(stored["step"]) if "step" in stored else None
    return ImageCounts(
        step=step,
        image_ids=tuple(image_ids.tolist()),
        confusions=Confusions(
            label_count=label_count,
            image_count=len(image_ids),
            image_index=image_index,
            cell=cell,
            pixels=pixels,
        ),
    )


def _integers(stored: dict[str, Any], name: str) -> Any:
    values = stored[name]
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise ValueError(f"{name} is no column of whole numbers")
    return values.astype(np.int64)


def _is_within(values: Any, end: int) -> bool:
    return not len(values) or bool(values.min() >= 0 and values.max() < end)
