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

from cocomine.coco.arrays import Ints
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskFolder:
    """The mask images of a folder, looked at.

    Attributes:
        folder: where they are.
        masks: their files, in and below it, sorted.
        pixel_counts: pixels of each grey value, (256,).
        mask_counts: masks that have each grey value, (256,).
    """

    folder: Path
    masks: tuple[Path, ...]
    pixel_counts: Ints
    mask_counts: Ints

    @property
    def values(self) -> tuple[int, ...]:
        """The grey values that occur but 255, ascending."""
        return tuple(int(value) for value in np.flatnonzero(self.pixel_counts) if value != IGNORED_LABEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabelling:
    """What is to be written.

    Attributes:
        folder: of the masks.
        masks: their files.
        values: the grey values, in the order of the labels they become.
        ignored_px: pixels of 255 that stay 255; 0 where 255 is among the values.
        names: of the labels, in the same order; none where none were given.
    """

    folder: Path
    masks: tuple[Path, ...]
    values: tuple[int, ...]
    ignored_px: int
    names: tuple[str, ...] = ()


def look_at_masks(folder: Path, progress: Progress = lambda *_: None) -> MaskFolder:
    """Look at every mask image in a folder and below it.

    Raises:
        ExportError: there is no mask image, two would get one name, or one has colours.
        UnreadableImage: one cannot be read.
    """
    masks = tuple(sorted(path for path in folder.rglob("*") if path.suffix.lower() in LOSSLESS and path.is_file()))
    if not masks:
        raise ExportError(f"{folder}: there are no mask images (PNG, BMP, TIFF). Name the folder that holds them.")
    names = Counter(_name(folder, path) for path in masks)
    if double := [name for name, number in names.items() if number > 1]:
        raise ExportError(f"{folder}: two masks would both become {double[0]}. Rename one of them.")
    pixel_counts, mask_counts = np.zeros(256, dtype=np.int64), np.zeros(256, dtype=np.int64)
    for done, path in enumerate(masks, start=1):
        counts = np.bincount(grey_mask(path).ravel(), minlength=256)
        pixel_counts += counts
        mask_counts += counts > 0
        progress(done, len(masks))
    return MaskFolder(folder=folder, masks=masks, pixel_counts=pixel_counts, mask_counts=mask_counts)


def relabelling_of(found: MaskFolder, values: Sequence[int] | None = None, names: Sequence[str] = ()) -> Relabelling:
    """Return what is to be written.

    Args:
        values: the grey values in the order of their labels; None takes those that occur, ascending, without 255.
        names: of the labels, in the same order; none leaves them nameless.

    Raises:
        ExportError: a mask holds a value that is not named, one is named twice, or there are too few or many names.
    """
    chosen = tuple(found.values if values is None else values)
    relabel(np.array([found.values], dtype=np.uint8), chosen)  # refuses what does not fit
    if names and len(names) != len(chosen):
        raise ExportError(f"There are {len(names)} names for {len(chosen)} grey values. Name each, or none.")
    ignored_px = 0 if IGNORED_LABEL in chosen else int(found.pixel_counts[IGNORED_LABEL])
    return Relabelling(folder=found.folder, masks=found.masks, values=chosen, ignored_px=ignored_px, names=tuple(names))


def plan_relabelling(folder: Path, values: Sequence[int] | None = None, names: Sequence[str] = ()) -> Relabelling:
    """Look at every mask image in a folder and below it, and return what is to be written.

    Raises:
        ExportError: as `look_at_masks` and `relabelling_of`.
        UnreadableImage: a mask cannot be read.
    """
    return relabelling_of(look_at_masks(folder), values, names)


def write_relabelling(plan: Relabelling, out: Path, *, progress: Progress) -> None:
    """Write the label maps as PNG under the masks' names, with `labels.json`; the folder appears whole or not at all.

    Args:
        out: a new or empty folder.

    Raises:
        ExportError: the folder holds something.
        StorageError: it cannot be written.
    """
    colours = relabelled_palette(len(plan.values))
    with writing_to(out), staging_folder(out.absolute(), "") as new:
        for done, path in enumerate(plan.masks, start=1):
            target = new / _name(plan.folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(target, label_png(relabel(grey_mask(path), plan.values), colours))
            progress(done, len(plan.masks))
        write_json(new / "labels.json", labels_value(plan))


def labels_value(plan: Relabelling) -> dict[str, object]:
    """Return what `labels.json` says."""
    labels = [
        {"label": label, "grey_value": value, **({"name": plan.names[label]} if plan.names else {})}
        for label, value in enumerate(plan.values)
    ]
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


def relabelled_palette(label_count: int) -> bytes:
    """Return 256 RGB triples: background black, each label its own colour, 255 white, the rest black."""
    used = [BACKGROUND, *map(class_colour, range(label_count - 1))]
    colours = [*used, *[BACKGROUND] * (IGNORED_LABEL - len(used)), IGNORED]
    return b"".join(bytes(rgb(each)) for each in colours[:256])
