"""How does a plan become a folder that is whole or not there at all?

Planned, then written: a subset and its splits are values (`exporting.planning.plan`); this package alone touches the
disk. What is sure to fail is refused before anything is written: names that no file can have, images of which none is
there, a disk without room. After the writing all is compared with the plan (`exporting.verification`), then the
manifest is written, then the folder takes its name (`exporting.staging`).
"""

import os
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from cocomine.coco.arrays import Ints
from cocomine.coco.images_on_disk import FileState, file_states
from cocomine.coco.size import Size
from cocomine.errors import ExportError
from cocomine.exporting.formats.attribution import attribution_csv
from cocomine.exporting.formats.coco import coco_json, ignored_json
from cocomine.exporting.formats.contact_sheet import CONTACT_SHEET, contact_sheet
from cocomine.exporting.formats.id_map import id_map
from cocomine.exporting.formats.image_files import (
    PlacedImage,
    Placement,
    can_link,
    place_image,
    placement_sentences,
    real_image_path,
)
from cocomine.exporting.formats.label_png import label_png, palette
from cocomine.exporting.formats.mined import mined_dictionary
from cocomine.exporting.formats.pascal_voc import voc_annotation
from cocomine.exporting.formats.readme import export_readme
from cocomine.exporting.formats.yolo import yolo_data, yolo_labels
from cocomine.exporting.layout import (
    ID_MAP,
    LABELS,
    MANIFEST,
    RECIPE,
    annotation_path,
    ignored_path,
    image_path,
    label_path,
    voc_path,
    yolo_path,
)
from cocomine.exporting.manifest import EXPORT_VERSION
from cocomine.exporting.planning.image_names import (
    LABEL_FORMATS,
    exported_name,
    name_warnings,
    unusable_images,
    unusable_sentence,
)
from cocomine.exporting.planning.plan import (
    ExportPlan,
    found_bytes,
    ignored_categories,
    needed_bytes,
    plan_cautions,
    split_entries,
)
from cocomine.exporting.staging import refuse_foreign, staging_folder
from cocomine.exporting.verification import Verification, verify_files
from cocomine.exporting.writer_note import told_to_others
from cocomine.labels.label_map import label_map
from cocomine.mining.selection.recipe import recipe_text
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.system.files import atomic_file, write_bytes, write_json, write_text
from cocomine.system.jobs import Progress, ProgressOf
from cocomine.system.space import require_space, writing_to


class Phase(StrEnum):
    """What the writing does, in this order."""

    LABELS = "Writing labels"
    IMAGES = "Placing image files"
    VERIFYING = "Verifying"


def write_export(plan: ExportPlan, folder: Path, *, progress: ProgressOf = lambda _: lambda *_: None) -> dict[str, Any]:
    """Write an export.

    Args:
        folder: new, empty, or an earlier export of the same recipe, which stays until the new one is complete.
        progress: called with each `Phase`, and what it returns often; an exception from that ends the export and
            leaves everything as it was.

    Returns:
        The manifest. What is not as the plan says is in `defects`, image files that are missing or odd in `warnings`,
        with what speaks against training on it.

    Raises:
        ExportError: the folder is not ours to write to, images cannot be exported as they are, or image files
            were asked for and there is none.
        StorageError: there is no room, or the folder cannot be written.
    """
    if unusable := unusable_images(plan):
        raise ExportError(unusable_sentence(unusable, plan.subset.image_count))
    folder = Path(os.path.realpath(folder))
    with writing_to(folder):
        refuse_foreign(folder, recipe_text(plan.recipe))
    found = found_bytes(plan)
    if plan.recipe.images != "none":
        _refuse_no_image(plan, int((found > 0).sum()))
    need = needed_space(plan, folder, found)
    require_space(folder, need, "The export")
    with writing_to(folder, need_bytes=need), staging_folder(folder, recipe_text(plan.recipe)) as new_folder:
        return _write_all(plan, new_folder, told_to_others(new_folder.parent, progress))


def _write_all(plan: ExportPlan, folder: Path, progress: ProgressOf) -> dict[str, Any]:
    write_text(folder / RECIPE, recipe_text(plan.recipe))
    _write_annotations(plan, folder)
    if plan.subset.dataset.groups:
        write_json(folder / ID_MAP, id_map(plan.subset.dataset))
    tallies = _write_labels(plan, folder, progress(Phase.LABELS))
    if "mined" in plan.recipe.formats:
        write_json(folder / "mined.json", mined_dictionary(plan.parts, plan.subset.dataset, plan.table))
    write_text(folder / "ATTRIBUTION.csv", attribution_csv(plan.parts))
    images = [] if plan.recipe.images == "none" else _place_images(plan, folder, progress(Phase.IMAGES))
    if images:
        _refuse_no_image(plan, sum(each.placement.is_there for each in images))
    sentences = placement_sentences(images) if images else []
    splits = _split_values(plan, tallies, images)
    if images:
        write_bytes(folder / CONTACT_SHEET, contact_sheet(plan, partial(_path_of_image, folder)))
    write_text(folder / "README.md", export_readme(plan, splits, sentences))
    manifest = _manifest(plan, splits, images, verify_files(plan, folder, images, progress(Phase.VERIFYING)))
    write_json(folder / MANIFEST, manifest)
    return manifest


def _refuse_no_image(plan: ExportPlan, there: int) -> None:
    """Refuse an export without any of the image files that were asked for.

    Raises:
        ExportError: there is none.
    """
    if not there:
        folders = {str(part.split.image_folder) for part in plan.subset.parts if part.split.image_folder}
        searched = f" in {', '.join(sorted(folders))}" if folders else ", since no image folder was found"
        raise ExportError(
            f"None of the {plan.subset.image_count:,} images was found{searched}. "
            "Say where they are (--image-folder), or export without images (--images none)."
        )


def needed_space(plan: ExportPlan, folder: Path, found: Ints) -> int:
    """Return about how many bytes an export takes in a folder, which need not be there yet.

    Args:
        found: see `found_bytes`.
    """
    sources = (part.split.image_at(index).path for part in plan.parts for index in part.image_index)
    first = next((source for source in sources if source is not None), None)
    are_linked = plan.recipe.images == "link" and first is not None and can_link(first, folder)
    return needed_bytes(plan, found, are_linked=are_linked)


def _write_annotations(plan: ExportPlan, folder: Path) -> None:
    for part in plan.parts:
        path, dataset = annotation_path(folder, part.split.name), plan.subset.dataset
        path.parent.mkdir(exist_ok=True)
        with atomic_file(path) as file:
            file.writelines(coco_json(part, dataset, plan.table))
        if ignored_categories(part, plan.table):
            with atomic_file(ignored_path(folder, part.split.name)) as file:
                file.writelines(ignored_json(part, dataset, plan.table))


def _write_labels(plan: ExportPlan, folder: Path, progress: Progress) -> list[Counter[str]]:
    """Write what there is one file of for each image, from shapes that are decoded once.

    Returns:
        By split, how many objects became a line for YOLO in which way, or none, by `Outlining`.
    """
    formats, table, size = plan.recipe.formats, plan.table, Size.square(plan.recipe.size_px)
    colours = palette(table) if "masks" in formats else b""
    if "masks" in formats:
        write_json(folder / LABELS, table.as_json(size_px=plan.recipe.size_px))
    if "yolo" in formats:
        roles = {part.split.name: part.split.role for part in plan.parts}
        _write_new(folder / "yolo" / "data.yaml", yolo_data(roles, table).encode(), "YOLO file")
    tallies = {part.split.name: Counter[str]() for part in plan.parts}
    for part, index in _each_image(plan, progress) if LABEL_FORMATS & {*formats} else ():
        image, split, name = part.split.image_at(index), part.split.name, exported_name(part.split, index)
        shapes = image.shapes()
        if "masks" in formats:
            labels = label_map(shapes, table.label_of_category, native=image.size, size=size)
            _write_new(label_path(folder, split, name), label_png(labels, colours), "label map")
        if "yolo" in formats:
            lines = yolo_labels(shapes, table, native=image.size)
            _write_new(yolo_path(folder, split, name), lines.text.encode(), "YOLO file")
            tallies[split].update({str(how): count for how, count in lines.outlinings.items()})
        if "voc" in formats:
            text = voc_annotation(shapes, table, image_path=f"images/{split}/{name}", native=image.size)
            _write_new(voc_path(folder, split, name), text.encode(), "VOC file")
    return list(tallies.values())


def _place_images(plan: ExportPlan, folder: Path, progress: Progress) -> list[PlacedImage]:
    placed, states = [], {part.split.name: file_states(part.split) for part in plan.parts}
    for part, index in _each_image(plan, progress):
        target = image_path(folder, part.split.name, exported_name(part.split, index))
        source = real_image_path(part.split, index)
        if source is None and states[part.split.name][index] == FileState.LEADS_OUT:
            placement = Placement.LEADS_OUT
        else:
            placement = place_image(source, _path_for_new_file(target, "image file"), mode=plan.recipe.images)
        path = target.relative_to(folder).as_posix()
        placed.append(PlacedImage(split=part.split.name, path=path, source=source, placement=placement))
    return placed


def _path_of_image(folder: Path, part: SubsetSplit, index: int) -> Path:
    return image_path(folder, part.split.name, exported_name(part.split, index))


def _path_for_new_file(path: Path, what: str) -> Path:
    """Return a path whose folder exists and whose file does not: none is written over another."""
    if path.exists():
        raise ExportError(f"{path.name}: two images would share this {what}. Rename one of them, or exclude it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_new(path: Path, data: bytes, what: str) -> None:
    _path_for_new_file(path, what).write_bytes(data)


def _each_image(plan: ExportPlan, progress: Progress) -> Iterable[tuple[SubsetSplit, int]]:
    for done, (part, index) in enumerate(plan.images(), start=1):
        yield part, index
        progress(done, plan.subset.image_count)


def _split_values(plan: ExportPlan, tallies: list[Counter[str]], images: list[PlacedImage]) -> list[dict[str, Any]]:
    """Return the splits as the manifest has them; what a format asks for is None where it was not asked for."""
    values = []
    for entry, tally in zip(split_entries(plan), tallies, strict=True):
        own = [each.placement.is_there for each in images if each.split == entry["split"]]
        counts = {
            "image_file_count": sum(own),
            "missing_image_file_count": len(own) - sum(own),
            "outlinings": dict(sorted(tally.items())) if "yolo" in plan.recipe.formats else None,
        }
        values.append(entry | counts)
    return values


def _manifest(
    plan: ExportPlan, splits: list[dict[str, Any]], images: list[PlacedImage], verification: Verification
) -> dict[str, Any]:
    missing = [each for each in images if not each.placement.is_there]
    return {
        "cocomine_export": EXPORT_VERSION,
        "is_complete": not missing and not verification.defects,
        "defects": list(verification.defects),
        "warnings": [
            *(placement_sentences(images) if missing else []),
            *name_warnings(plan),
            *(each.sentence for each in plan_cautions(plan)),
        ],
        "image_files": {placement: sum(each.placement is placement for each in images) for placement in Placement},
        "splits": splits,
        **({"division": plan.shares.as_json()} if plan.recipe.is_divided else {}),
        "files": list(verification.files),
    }
