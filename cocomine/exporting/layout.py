"""What does an export folder look like, and how is it read back?

annotations/instances_<split>.json   the records as they were
images/<split>/                      pictures: hard links where the disk allows it, else copies
labels/<split>/*.png                 label maps, palette PNG, one per image
labels/<split>/*.txt, yolo/data.yaml objects for YOLO, which looks for them there and nowhere else (see `yolo_path`)
voc/<split>/Annotations/*.xml        objects as Pascal VOC has them
labels.json                          which value stands for which categories
mined.json, ATTRIBUTION.csv, README.md, recipe.yaml
manifest.json                        every file that the plan holds, with size and SHA-256, and what falls short

A folder appears under its name when all of it is there (`exporting.workplace`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cocomine.coco.dataset import Split
from cocomine.coco.masks import shapes_of_image
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.split_role import SplitRole, role_in
from cocomine.errors import ExportError
from cocomine.exporting.manifest import checked_manifest
from cocomine.labels.label_map import LabelMap, label_map
from cocomine.labels.table import Label, LabelTable, label_table_from_json
from cocomine.system.file_names import name_flaw
from cocomine.system.files import file_sha256

MANIFEST = "manifest.json"
RECIPE = "recipe.yaml"
LABELS = "labels.json"
UNFINISHED = ".unfinished"
"""The mark of exports that were written in place, as they once were: such a folder is ours to clear."""
OUR_FOLDERS = ("annotations", "images", "labels", "yolo", "voc")
OUR_FILES = (RECIPE, LABELS, "mined.json", "ATTRIBUTION.csv", "README.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportImage:
    """One picture of an export with its label map; sizes in pixels of the picture itself."""

    image_id: int
    file_name: str
    width: int
    height: int
    image_path: Path
    label_path: Path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportSplit:
    """One split of an export.

    Attributes:
        role: what it is for; None where neither its name nor the person says it.
        images: those whose picture is there, in file order.
        split: the columns of its annotation file.
        category_ids: category ids by `category_index` of the columns.
        table: the export's mask values.
    """

    name: str
    role: SplitRole | None
    images: tuple[ExportImage, ...]
    split: Split
    category_ids: tuple[int, ...]
    table: LabelTable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Export:
    """A complete export folder, open for reading."""

    folder: Path
    splits: tuple[ExportSplit, ...]
    size_px: int
    table: LabelTable
    manifest_sha256: str

    @property
    def labels(self) -> tuple[Label, ...]:
        """The mask values; the first is background."""
        return self.table.labels

    @property
    def train_split(self) -> ExportSplit:
        """The split to train on."""
        return self._split_for(SplitRole.TRAIN)

    @property
    def val_split(self) -> ExportSplit:
        """The split to evaluate on."""
        return self._split_for(SplitRole.VAL)

    def _split_for(self, role: SplitRole) -> ExportSplit:
        alike = [split for split in self.splits if split.role is role]
        for split in alike:
            if split.images:
                return split
        found = ", ".join(f"{split.name} ({split.role or 'no role'}, {len(split.images)})" for split in self.splits)
        remedy = (
            f"Make an export whose {role} split holds pictures: choose classes that occur there."
            if alike
            else f"Export again and say which split it is (--role SPLIT={role}), or export one split alone, which is "
            "then divided."
        )
        raise ExportError(f"{self.folder}: no split for {role} has pictures; found {found}. {remedy}")


def annotation_path(folder: Path, split: str) -> Path:
    """Return where a split's COCO JSON is."""
    return folder / "annotations" / f"instances_{split}.json"


def image_path(folder: Path, split: str, file_name: str) -> Path:
    """Return where a picture is: where whoever reads the COCO file looks for it.

    Raises:
        ExportError: no file can have the name, or it would lead out of the folder.
    """
    return folder / "images" / split / inside_name(file_name)


def label_path(folder: Path, split: str, file_name: str) -> Path:
    """Return where an image's label map is.

    Raises:
        ExportError: no file can have the name, or it would lead out of the folder.
    """
    return folder / "labels" / split / inside_name(file_name).with_suffix(".png")


def yolo_path(folder: Path, split: str, file_name: str) -> Path:
    """Return where an image's objects are for YOLO.

    Ultralytics replaces the last `images` among the folders of a picture's path by `labels`, which need not be the
    first one: of `images/train/images/a.jpg` it reads `images/train/labels/a.txt`.

    Raises:
        ExportError: no file can have the name, or it would lead out of the folder.
    """
    parts = ["images", split, *inside_name(file_name).parts]
    last = max(place for place, part in enumerate(parts[:-1]) if part == "images")
    parts[last] = "labels"
    stem, dot, ending = parts[-1].rpartition(".")
    return folder.joinpath(*parts[:-1], f"{stem if dot else ending}.txt")


def voc_path(folder: Path, split: str, file_name: str) -> Path:
    """Return where an image's objects are for Pascal VOC.

    Raises:
        ExportError: no file can have the name, or it would lead out of the folder.
    """
    return folder / "voc" / split / "Annotations" / inside_name(file_name).with_suffix(".xml")


def inside_name(file_name: str) -> PurePosixPath:
    """Return a picture's name as a relative path.

    Raises:
        ExportError: no file can have the name, or it would lead out of the folder.
    """
    if flaw := name_flaw(file_name):
        raise ExportError(f"The image name {file_name!r} {flaw}. Correct it, or leave the image out.")
    return PurePosixPath(file_name)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest.

    Raises:
        ExportError: the folder is not a complete export.
    """
    try:
        data = (folder / MANIFEST).read_bytes()
    except FileNotFoundError as error:
        raise ExportError(f"{folder}: no complete export (its {MANIFEST} is missing). Export again.") from error
    except OSError as error:
        reason = error.strerror or error
        raise ExportError(f"{folder / MANIFEST}: cannot be read ({reason}). Export again.") from error
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"{folder / MANIFEST}: damaged ({error}). Export again.") from error
    try:
        return checked_manifest(value)
    except ValueError as error:
        raise ExportError(f"{folder / MANIFEST}: {error}. Export again.") from error


def read_export(folder: Path) -> Export:
    """Open a complete export.

    Raises:
        ExportError: it is not complete, or has no label maps.
        DatasetError: an annotation file is damaged.
    """
    manifest = read_manifest(folder)
    labels_path = folder / LABELS
    if not labels_path.is_file():
        raise ExportError(f"{folder}: the export has no label maps. Export again with the format 'masks'.")
    try:
        stored = json.loads(labels_path.read_bytes())
        size_px, table = int(stored["size_px"]), label_table_from_json(stored)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise ExportError(f"{labels_path}: damaged ({error!r}). Export again.") from error
    return Export(
        folder=folder,
        splits=tuple(_read_export_split(folder, entry, table) for entry in manifest["splits"]),
        size_px=size_px,
        table=table,
        manifest_sha256=file_sha256(folder / MANIFEST),
    )


def native_label_map(part: ExportSplit, image_id: int) -> LabelMap:
    """Return the exact label map at the image's own size, (height, width), under the export's rules."""
    index = part.split.image_index_of(image_id)
    native = int(part.split.images.heights[index]), int(part.split.images.widths[index])
    shapes = shapes_of_image(part.split, index, category_ids=part.category_ids)
    return label_map(shapes, part.table.label_of_category, native=native, size=native)


def _read_export_split(folder: Path, entry: Mapping[str, Any], table: LabelTable) -> ExportSplit:
    name = entry["split"]
    split, categories = read_split(annotation_path(folder, name), name=name, image_folder=folder / "images" / name)
    images = []
    for index, file_name in enumerate(split.images.file_names):
        picture = image_path(folder, name, file_name)
        if picture.is_file():
            images.append(
                ExportImage(
                    image_id=int(split.images.ids[index]),
                    file_name=file_name,
                    width=int(split.images.widths[index]),
                    height=int(split.images.heights[index]),
                    image_path=picture,
                    label_path=label_path(folder, name, file_name),
                )
            )
    return ExportSplit(
        name=name,
        role=role_in(entry),
        images=tuple(images),
        split=split,
        category_ids=tuple(category.category_id for category in categories),
        table=table,
    )
