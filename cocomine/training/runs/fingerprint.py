"""What is in an export that a network is to learn from?

Images and objects of each class by use stand in the manifest. The share of pixels is counted in the export's training
masks, of many in an even choice, and sizes are those that its annotation files give.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from cocomine.coco.size import Size
from cocomine.coco.split_role import SplitRole
from cocomine.errors import ExportError
from cocomine.exporting.layout import LABELS, annotation_path
from cocomine.exporting.reading import ExportEntry
from cocomine.labels.table import label_table_from_json
from cocomine.system.jobs import Progress
from cocomine.training.runs.masks import read_label_map

MOST_MASKS = 500
"""More are not looked at: the share of a class is then known to a few hundredths of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCounts:
    """How often a class is there for each use."""

    name: str
    train_images: int
    train_objects: int
    val_images: int
    val_objects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSizes:
    """The sizes of images, ordered by their pixels."""

    smallest: Size
    median: Size
    largest: Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What was counted in an export's files.

    Attributes:
        sizes: of its images; None where a file does not give all.
        pixel_shares: of each class in the masks that were looked at, in [0, 1], by name; ignored pixels do not count.
        background_share: in [0, 1].
        mask_count: training masks that were looked at.
        mask_total: that there are.
    """

    sizes: ImageSizes | None
    pixel_shares: dict[str, float]
    background_share: float
    mask_count: int
    mask_total: int


def class_counts(entry: ExportEntry) -> list[ClassCounts]:
    """Return how often each class is there, in the order of the selection; from the manifest alone."""
    return [
        ClassCounts(
            name=name,
            train_images=_count(entry, SplitRole.TRAIN, "image_counts", name),
            train_objects=_count(entry, SplitRole.TRAIN, "instance_counts", name),
            val_images=_count(entry, SplitRole.VAL, "image_counts", name),
            val_objects=_count(entry, SplitRole.VAL, "instance_counts", name),
        )
        for name in dict.fromkeys(name for split in entry.manifest["splits"] for name in split.get("image_counts", {}))
    ]


def _count(entry: ExportEntry, role: SplitRole, what: str, name: str) -> int:
    return sum(split.get(what, {}).get(name, 0) for split in entry.manifest["splits"] if split["role"] == role)


def fingerprint(entry: ExportEntry, progress: Progress) -> Fingerprint:
    """Return what is counted in the files of an export with masks.

    Args:
        progress: gets how many masks were looked at; what it raises ends the work.

    Raises:
        ExportError: `labels.json` cannot be read.
        TrainingError: A mask is damaged.
    """
    names, size_px = mask_names(entry.folder), entry.recipe.size_px
    masks = _training_masks(entry)
    chosen = masks[:: max(1, -(-len(masks) // MOST_MASKS))]
    counts = np.zeros(len(names), dtype=np.int64)
    for index, path in enumerate(chosen):
        counts += np.bincount(read_label_map(path, size_px, len(names)).ravel(), minlength=256)[: len(names)]
        progress(index + 1, len(chosen))
    shares = counts / max(1, int(counts.sum()))
    return Fingerprint(
        sizes=_image_sizes(entry),
        pixel_shares={name: float(share) for name, share in zip(names[1:], shares[1:], strict=True)},
        background_share=float(shares[0]),
        mask_count=len(chosen),
        mask_total=len(masks),
    )


def mask_names(folder: Path) -> list[str]:
    """Return the names of the values of an export's masks, background first.

    Raises:
        ExportError: `labels.json` cannot be read.
    """
    try:
        return [label.name for label in label_table_from_json(json.loads((folder / LABELS).read_bytes())).labels]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExportError(f"{folder / LABELS}: damaged ({error!r}). Export again.") from error


def _training_masks(entry: ExportEntry) -> Sequence[Path]:
    """Return the paths of the masks of the training splits, in the manifest's order."""
    folders = tuple(
        f"labels/{split['split']}/" for split in entry.manifest["splits"] if split["role"] == SplitRole.TRAIN
    )
    names = (each["path"] for each in entry.manifest["files"])
    return [entry.folder / name for name in names if name.startswith(folders) and name.endswith(".png")]


class _SizedImage(msgspec.Struct):
    width: float
    height: float


class _Images(msgspec.Struct):
    images: list[_SizedImage]


def _image_sizes(entry: ExportEntry) -> ImageSizes | None:
    """Return the sizes of all images of an export, of which nothing but width and height is decoded."""
    sizes: list[Size] = []
    for split in entry.manifest["splits"]:
        try:
            data = annotation_path(entry.folder, split["split"]).read_bytes()
            images = msgspec.json.decode(data, type=_Images).images
        except (OSError, msgspec.MsgspecError):
            return None
        sizes += [Size(height=int(image.height), width=int(image.width)) for image in images]
    if not sizes:
        return None
    sizes.sort(key=lambda size: (size.height * size.width, size.width))
    return ImageSizes(smallest=sizes[0], median=sizes[len(sizes) // 2], largest=sizes[-1])
