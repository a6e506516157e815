"""How does a recipe become a folder?

Plan, then act: the subset and its splits are values; this module alone touches
the disk. A mark is written first and says that the folder is ours to clear, the
manifest last and means "complete". A killed export leaves the mark and no
manifest, and starts over. A recipe alone marks nothing: people keep recipes
beside their own pictures.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocomine.atomic import atomic_file, file_sha256, write_json, write_text
from cocomine.coco.dataset import Dataset
from cocomine.coco.segmentation import Shape, shapes_of_image
from cocomine.errors import ExportError
from cocomine.exporting.attribution import attribution_csv
from cocomine.exporting.coco_json import coco_json
from cocomine.exporting.folder import (
    EXPORT_VERSION,
    LABELS,
    MANIFEST,
    RECIPE,
    UNFINISHED,
    annotation_path,
    image_path,
    label_path,
    read_manifest,
    voc_path,
    yolo_path,
)
from cocomine.exporting.label_images import label_png, palette
from cocomine.exporting.mined import mined_dictionary
from cocomine.exporting.pictures import bring_picture
from cocomine.exporting.readme import export_readme
from cocomine.exporting.voc import voc_annotation
from cocomine.exporting.yolo import yolo_data, yolo_labels
from cocomine.labels.label_map import label_map
from cocomine.labels.label_table import LabelTable, label_table
from cocomine.mining.recipe import Recipe, recipe_text
from cocomine.mining.selection import Subset, SubsetSplit, select
from cocomine.mining.split_counts import class_counts
from cocomine.mining.splitting import split_parts

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many are done, and how many there are."""

MaskGaps = Mapping[str, int] | None
"""By split: objects of drawn categories that have no mask to draw; None where no label maps were made."""

OUR_FOLDERS = ("annotations", "images", "labels", "yolo", "voc")
OUR_FILES = (RECIPE, LABELS, "mined.json", "ATTRIBUTION.csv", "README.md")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExportPlan:
    """All that an export will hold, before anything is written."""

    recipe: Recipe
    subset: Subset
    parts: tuple[SubsetSplit, ...]
    table: LabelTable


def plan_export(dataset: Dataset, recipe: Recipe) -> ExportPlan:
    """Return what a recipe gives on its dataset.

    Raises:
        ExportError: it selects no image, or needs too many labels.
        SelectionError: a class is unknown, or a split that a role is given to.
    """
    subset = select(dataset, recipe.selection, recipe.excluded)
    if not subset.image_count:
        raise ExportError(
            "The selection holds no image, so there is nothing to export. Choose other classes or a wider mode."
        )
    for split, _ in recipe.roles:
        dataset.split(split)
    is_kept = bool(recipe.roles)  # a single split, too, of which the person said what it is for
    parts = subset.parts if is_kept else split_parts(subset, val_share=recipe.val_share, seed=recipe.seed)
    return ExportPlan(recipe=recipe, subset=subset, parts=parts, table=label_table(dataset, recipe.selection))


def split_entries(plan: ExportPlan) -> list[dict[str, Any]]:
    """Return what the plan says of each split, as the manifest has it: role, images, annotations, counts by class."""
    return [
        {
            "split": part.split.name,
            "role": plan.recipe.role_of(part.split.name),
            "image_count": len(part.image_index),
            "annotation_count": len(part.annotation_index),
            **class_counts(part, plan.subset.dataset, plan.recipe.selection.classes),
        }
        for part in plan.parts
    ]


def write_export(plan: ExportPlan, folder: Path, *, progress: Progress = lambda *_: None) -> dict[str, Any]:
    """Write an export.

    Args:
        plan: what to write.
        folder: new, empty, or an earlier export of the same recipe or an interrupted one.
        progress: called often; an exception from it stops the export, which then starts over the next time.

    Returns:
        The manifest.

    Raises:
        ExportError: the folder is not ours to write to, or cannot be written.
    """
    text = recipe_text(plan.recipe)
    try:
        _prepare(folder, text)
        _write_annotations(plan, folder)
        gaps = _write_labels(plan, folder, progress) if "masks" in plan.recipe.formats else None
        if "yolo" in plan.recipe.formats:
            _write_yolo(plan, folder, progress)
        if "voc" in plan.recipe.formats:
            _write_voc(plan, folder, progress)
        if plan.recipe.images != "none":
            _bring_pictures(plan, folder, progress)
        if "mined" in plan.recipe.formats:
            write_json(folder / "mined.json", mined_dictionary(plan.parts, plan.subset.dataset))
        write_text(folder / "ATTRIBUTION.csv", attribution_csv(plan.parts))
        write_text(folder / "README.md", export_readme(plan.recipe, plan.subset, plan.parts, plan.table, gaps))
        manifest = _manifest(plan, folder, gaps, progress)
        write_json(folder / MANIFEST, manifest)
        (folder / UNFINISHED).unlink()
    except OSError as error:
        raise ExportError(
            f"{error.filename or folder}: cannot be written or copied ({error.strerror or error}). "
            "Choose a folder you may write to, with space left, and pictures you may read."
        ) from error
    return manifest


def _prepare(folder: Path, text: str) -> None:
    """Make the folder ours and empty, or refuse it."""
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder}: this is a file. Choose a new or empty folder.")
    complete, recipe = _is_export(folder), folder / RECIPE
    if folder.is_dir() and any(folder.iterdir()) and not complete and not (folder / UNFINISHED).is_file():
        raise ExportError(f"{folder}: the folder holds other files. Choose a new or empty folder.")
    if complete and not (recipe.is_file() and recipe.read_bytes() == text.encode()):
        raise ExportError(f"{folder}: the folder holds another export. Choose a new folder; exports are never mixed.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / UNFINISHED).touch()
    for name in (MANIFEST, *OUR_FILES):
        (folder / name).unlink(missing_ok=True)
    for name in OUR_FOLDERS:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
    write_text(recipe, text)


def _is_export(folder: Path) -> bool:
    try:
        read_manifest(folder)
    except ExportError:
        return False
    return True


def _write_annotations(plan: ExportPlan, folder: Path) -> None:
    for part in plan.parts:
        path = annotation_path(folder, part.split.name)
        path.parent.mkdir(exist_ok=True)
        with atomic_file(path) as file:
            file.writelines(coco_json(part, plan.subset.dataset, plan.recipe.selection))


def _write_labels(plan: ExportPlan, folder: Path, progress: Progress) -> MaskGaps:
    size = (plan.recipe.size_px, plan.recipe.size_px)
    values, colours = plan.table.label_of_category, palette(plan.table)
    gaps = {part.split.name: 0 for part in plan.parts}
    for part, index in _each_image(plan, "Label maps", progress):
        path = _place(label_path(folder, part.split.name, part.split.images.file_names[index]), "label map")
        shapes, native = _drawn(plan, part, index)
        path.write_bytes(label_png(label_map(shapes, values, native=native, size=size), colours))
        gaps[part.split.name] += sum(
            shape.category_id in values and not shape.is_crowd and not shape.has_mask for shape in shapes
        )
    write_json(folder / LABELS, plan.table.as_json(size_px=plan.recipe.size_px))
    return gaps


def _write_yolo(plan: ExportPlan, folder: Path, progress: Progress) -> None:
    for part, index in _each_image(plan, "YOLO outlines", progress):
        path = _place(yolo_path(folder, part.split.name, part.split.images.file_names[index]), "YOLO file")
        shapes, native = _drawn(plan, part, index)
        path.write_text(yolo_labels(shapes, plan.table, native=native).text, encoding="utf-8", newline="\n")
    data = _place(folder / "yolo" / "data.yaml", "YOLO file")
    roles = {part.split.name: plan.recipe.role_of(part.split.name) for part in plan.parts}
    write_text(data, yolo_data(roles, plan.table))


def _write_voc(plan: ExportPlan, folder: Path, progress: Progress) -> None:
    for part, index in _each_image(plan, "VOC boxes", progress):
        name, file_name = part.split.name, part.split.images.file_names[index]
        path = _place(voc_path(folder, name, file_name), "VOC file")
        shapes, native = _drawn(plan, part, index)
        text = voc_annotation(shapes, plan.table, picture=f"images/{name}/{file_name}", native=native)
        path.write_text(text, encoding="utf-8", newline="\n")


def _bring_pictures(plan: ExportPlan, folder: Path, progress: Progress) -> None:
    for part, index in _each_image(plan, "Pictures", progress):
        source = part.split.image_path(index)
        if source is not None:
            target = image_path(folder, part.split.name, part.split.images.file_names[index])
            bring_picture(source, _place(target, "picture"), way=plan.recipe.images)


def _place(path: Path, what: str) -> Path:
    """Make room for a new file, and refuse to write one over another."""
    if path.exists():
        raise ExportError(f"{path}: two images would share this {what}. Rename one of them, or exclude it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _drawn(plan: ExportPlan, part: SubsetSplit, index: int) -> tuple[list[Shape], tuple[int, int]]:
    """Return an image's annotations and its own (height, width)."""
    images = part.split.images
    category_ids = [category.category_id for category in plan.subset.dataset.categories]
    shapes = shapes_of_image(part.split, index, category_ids=category_ids)
    return shapes, (int(images.heights[index]), int(images.widths[index]))


def _each_image(plan: ExportPlan, what: str, progress: Progress) -> Iterable[tuple[SubsetSplit, int]]:
    total, done = plan.subset.image_count, 0
    for part in plan.parts:
        for index in part.image_index:
            yield part, int(index)
            done += 1
            progress(what, done, total)


def _manifest(plan: ExportPlan, folder: Path, gaps: MaskGaps, progress: Progress) -> dict[str, Any]:
    ours = [folder / name for name in OUR_FILES] + [
        path for name in OUR_FOLDERS for path in folder.glob(f"{name}/**/*")
    ]
    paths = sorted(path for path in ours if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    files = []
    for done, (path, name) in enumerate(zip(paths, names, strict=True), start=1):
        files.append({"path": name, "size": path.stat().st_size, "sha256": file_sha256(path)})
        progress("Check sums", done, len(paths))
    splits = []
    for part, entry in zip(plan.parts, split_entries(plan), strict=True):
        brought = sum(name.startswith(f"images/{part.split.name}/") for name in names)
        wanted = 0 if plan.recipe.images == "none" else len(part.image_index)
        splits.append(
            entry
            | {
                "picture_count": brought,
                "missing_picture_count": wanted - brought,
                "without_mask_count": None if gaps is None else gaps[part.split.name],
            }
        )
    return {"cocomine_export": EXPORT_VERSION, "splits": splits, "files": files}
