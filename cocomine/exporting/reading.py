"""How is an export read again, one folder at a time and all that lie below another?"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cocomine.coco.dataset import Split
from cocomine.coco.image_folders import with_images
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.split_role import SplitRole
from cocomine.errors import CocomineError, ExportError
from cocomine.exporting.layout import LABELS, MANIFEST, RECIPE, annotation_path, ignored_path, image_path, label_path
from cocomine.exporting.manifest import read_manifest
from cocomine.labels.label_map import LabelMap, label_map
from cocomine.labels.table import Label, LabelTable, label_table_from_json
from cocomine.mining.selection.recipe import MaskShape, Recipe, recipe_from_text, recipe_text
from cocomine.system.files import file_sha256

LONGEST_NAME = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportImage:
    """One image of an export with its label map."""

    image_id: int
    file_name: str
    image_path: Path
    label_path: Path


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportSplit:
    """One split of an export.

    Attributes:
        role: what it is for; None where neither its name nor the person says it.
        images: those whose file is there, in file order.
        split: the columns of its annotation file.
        ignored: the columns of the file with what is ignored; None where nothing is, or an earlier version wrote it.
        table: the export's mask values.
    """

    name: str
    role: SplitRole | None
    images: tuple[ExportImage, ...]
    split: Split
    ignored: Split | None
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
            f"Make an export whose {role} split holds images: choose classes that occur there."
            if alike
            else f"Export again and say which split it is (--role SPLIT={role}), or export one split alone, which is "
            "then divided."
        )
        raise ExportError(f"{self.folder}: no split for {role} has images; found {found}. {remedy}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEntry:
    """A complete export in a list."""

    folder: Path
    recipe: Recipe
    manifest: dict[str, Any]

    @property
    def image_count(self) -> int:
        """Images of all its splits."""
        return sum(entry["image_count"] for entry in self.manifest["splits"])


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedExport:
    """A folder with an export's manifest that cannot be read, and why."""

    folder: Path
    message: str


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
        size_px, table = int(stored["size_px"] or 0), label_table_from_json(stored)
        mask_shape = MaskShape(stored.get("mask_shape", MaskShape.SQUARE))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise ExportError(f"{labels_path}: damaged ({error!r}). Export again.") from error
    if mask_shape is not MaskShape.SQUARE:
        raise ExportError(
            f"{folder}: training takes square label maps, and those of this export are {mask_shape}. "
            "Export again with a mask size of 128 px or another."
        )
    return Export(
        folder=folder,
        splits=tuple(_read_export_split(folder, entry, table) for entry in manifest["splits"]),
        size_px=size_px,
        table=table,
        manifest_sha256=file_sha256(folder / MANIFEST),
    )


def native_label_map(part: ExportSplit, image_id: int) -> LabelMap:
    """Return the exact label map at the image's own size, (height, width), under the export's rules."""
    image = part.split.image(image_id)
    shapes = [] if part.ignored is None else part.ignored.image(image_id).shapes()
    ignored = [replace(shape, is_ignored=True) for shape in shapes]
    return label_map([*image.shapes(), *ignored], part.table.label_of_category, native=image.size, size=image.size)


def _read_export_split(folder: Path, entry: Mapping[str, Any], table: LabelTable) -> ExportSplit:
    name = entry["split"]
    split, _ = read_split(annotation_path(folder, name))
    ignored = read_split(path)[0] if (path := ignored_path(folder, name)).is_file() else None
    split = with_images(split.renamed(name), folder / "images" / name)
    images = []
    for index, file_name in enumerate(split.images.file_names):
        path = image_path(folder, name, file_name)
        if path.is_file():
            images.append(
                ExportImage(
                    image_id=int(split.images.ids[index]),
                    file_name=file_name,
                    image_path=path,
                    label_path=label_path(folder, name, file_name),
                )
            )
    return ExportSplit(
        name=name,
        role=entry["role"],
        images=tuple(images),
        split=split,
        ignored=ignored,
        table=table,
    )


def export_name(recipe: Recipe) -> str:
    """Return a folder name that says the classes and differs for every other recipe."""
    words = re.sub(r"[^a-z0-9]+", "-", " ".join(recipe.selection.classes).lower()).strip("-")[:LONGEST_NAME].strip("-")
    digest = hashlib.sha256(recipe_text(recipe).encode()).hexdigest()
    return f"{words or 'export'}-{recipe.selection.mode}-{digest[:6]}"


def read_entry(folder: Path) -> ExportEntry:
    """Return what a list shows of one export.

    Raises:
        ExportError: the folder is not a complete export, or its recipe cannot be read.
        RecipeError: its recipe is damaged.
    """
    manifest = read_manifest(folder)
    return ExportEntry(folder=folder, recipe=_recipe_in(folder / RECIPE, "Export again."), manifest=manifest)


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of an export's folder, or of a file.

    Raises:
        ExportError: it cannot be read.
        RecipeError: it is no recipe.
    """
    return _recipe_in(path / RECIPE if path.is_dir() else path, "Check the path.")


def _recipe_in(path: Path, remedy: str) -> Recipe:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{path}: cannot be read ({error.strerror}). {remedy}") from error
    except UnicodeDecodeError as error:
        raise ExportError(f"{path}: cannot be read (not UTF-8 text). {remedy}") from error
    return recipe_from_text(text)


def list_exports(folder: Path) -> tuple[list[ExportEntry], list[DamagedExport]]:
    """Return the complete exports directly below a folder, the newest first, and those that cannot be read.

    Interrupted ones are not listed.
    """
    try:
        with os.scandir(folder) as entries:
            folders = [Path(entry.path) for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return [], []  # not there, or nobody's but its owner's
    found = [(stamp, each) for each in folders if (stamp := _manifest_stamp(each)) is not None]
    sound: list[ExportEntry] = []
    damaged: list[DamagedExport] = []
    for _, each in sorted(found, reverse=True):
        try:
            sound.append(read_entry(each))
        except CocomineError as error:
            damaged.append(DamagedExport(folder=each, message=str(error)))
    return sound, damaged


def _manifest_stamp(folder: Path) -> int | None:
    """Return when a folder's manifest was written, 0 where we may not look; None where there is none."""
    try:
        return (folder / MANIFEST).lstat().st_mtime_ns
    except PermissionError:
        return 0
    except OSError:
        return None
