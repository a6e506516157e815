"""How do the mask images of a person become label maps with 0 to n-1?

All masks of a folder get the same labels, by one table. The labels and what they were are in `labels.json`.

Source: the paper, Algorithm 2; see `cocomine.labels.grey_values`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.image_file import opened_image
from cocomine.colours import BACKGROUND, IGNORED, class_colour, rgb
from cocomine.errors import ExportError
from cocomine.exporting.formats.label_png import label_png
from cocomine.exporting.staging import staging_folder
from cocomine.labels.grey_values import relabel
from cocomine.labels.table import IGNORED_LABEL
from cocomine.system.files import write_bytes, write_json
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to

LOSSLESS = {".png", ".bmp", ".tif", ".tiff"}
"""Endings of mask images; a JPEG's grey values are not those that were drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabelling:
    """What is to be written.

    Attributes:
        folder: of the masks.
        masks: their files.
        values: the grey values, in the order of the labels they become.
        ignored_px: pixels of 255 that stay 255; 0 where 255 is among the values.
    """

    folder: Path
    masks: tuple[Path, ...]
    values: tuple[int, ...]
    ignored_px: int


def plan_relabelling(folder: Path, values: Sequence[int] | None = None) -> Relabelling:
    """Look at every mask image in a folder and below it.

    Args:
        values: the grey values in the order of their labels; None takes those that occur, ascending, without 255.

    Raises:
        ExportError: there is no mask image, two would get one name, or one holds a value that is not named.
        UnreadableImage: one cannot be read.
    """
    masks = tuple(sorted(path for path in folder.rglob("*") if path.suffix.lower() in LOSSLESS and path.is_file()))
    if not masks:
        raise ExportError(f"{folder}: there are no mask images (PNG, BMP, TIFF). Name the folder that holds them.")
    names = Counter(_name(folder, path) for path in masks)
    if double := [name for name, number in names.items() if number > 1]:
        raise ExportError(f"{folder}: two masks would both become {double[0]}. Rename one of them.")
    counts = np.zeros(256, dtype=np.int64)
    for path in masks:
        counts += np.bincount(grey_mask(path).ravel(), minlength=256)
    found = [int(value) for value in np.flatnonzero(counts) if value != IGNORED_LABEL]
    chosen = tuple(found if values is None else values)
    relabel(np.array([found], dtype=np.uint8), chosen)  # refuses what does not fit
    ignored_px = 0 if IGNORED_LABEL in chosen else int(counts[IGNORED_LABEL])
    return Relabelling(folder=folder, masks=masks, values=chosen, ignored_px=ignored_px)


def write_relabelling(plan: Relabelling, out: Path, *, progress: Progress) -> None:
    """Write the label maps as PNG under the masks' names, with `labels.json`; the folder appears whole or not at all.

    Args:
        out: a new or empty folder.

    Raises:
        ExportError: the folder holds something.
        StorageError: it cannot be written.
    """
    colours = _palette(len(plan.values))
    with writing_to(out), staging_folder(out.absolute(), "") as new:
        for done, path in enumerate(plan.masks, start=1):
            target = new / _name(plan.folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(target, label_png(relabel(grey_mask(path), plan.values), colours))
            progress(done, len(plan.masks))
        write_json(new / "labels.json", labels_value(plan))


def labels_value(plan: Relabelling) -> dict[str, object]:
    """Return what `labels.json` says."""
    labels = [{"label": label, "grey_value": value} for label, value in enumerate(plan.values)]
    return {"image_count": len(plan.masks), "labels": labels, "ignored_label": IGNORED_LABEL}


def grey_mask(path: Path) -> NDArray[np.uint8]:
    """Return the grey values of a mask image (height, width); of a palette image the entries' numbers.

    Raises:
        ExportError: it has colours, or more than 256 levels.
        UnreadableImage: it cannot be read.
    """
    with opened_image(path) as image:
        pixels, mode = np.asarray(image), image.mode  # (h, w) or (h, w, channels)
    grey = pixels[..., 0] if pixels.ndim == 3 else pixels
    channels = pixels[..., :-1] if mode.endswith("A") else pixels
    is_grey = pixels.ndim == 2 or (channels == grey[..., None]).all()
    if not is_grey or (grey.size and not 0 <= grey.min() <= grey.max() <= 255):
        raise ExportError(f"{path}: this is no mask of 256 grey values ({mode}). Save it as an 8-bit grey image.")
    return grey.astype(np.uint8)


def _name(folder: Path, path: Path) -> Path:
    return path.relative_to(folder).with_suffix(".png")


def _palette(label_count: int) -> bytes:
    """Return 256 RGB triples: background black, each label its own colour, 255 white, the rest black."""
    used = [BACKGROUND, *map(class_colour, range(label_count - 1))]
    colours = [*used, *[BACKGROUND] * (IGNORED_LABEL - len(used)), IGNORED]
    return b"".join(bytes(rgb(each)) for each in colours[:256])
