"""How does a plan become a folder that is whole or not there at all?

Planned, then written: a subset and its splits are values (`exporting.plan`);
this package alone touches the disk. What can be known to fail is refused before
anything is written: names that no file can have, pictures of which none is
there, a disk without room. After the writing all is compared with the plan
(`exporting.verification`), then the manifest is written, then the folder takes
its name (`exporting.staging`).
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cocomine.coco.dataset import Ints
from cocomine.coco.images_on_disk import FileState, file_states
from cocomine.coco.masks import Shape, shapes_of_image
from cocomine.errors import ExportError
from cocomine.exporting.formats.attribution import attribution_csv
from cocomine.exporting.formats.coco import coco_json
from cocomine.exporting.formats.image_files import (
    Brought,
    Picture,
    bring_picture,
    brought_sentences,
    can_link,
    real_picture,
)
from cocomine.exporting.formats.label_png import label_png, palette
from cocomine.exporting.formats.mined import mined_dictionary
from cocomine.exporting.formats.pascal_voc import voc_annotation
from cocomine.exporting.formats.readme import export_readme
from cocomine.exporting.formats.yolo import yolo_data, yolo_labels
from cocomine.exporting.image_names import exported_name, name_warnings, unusable_images, unusable_sentence
from cocomine.exporting.layout import (
    LABELS,
    MANIFEST,
    RECIPE,
    annotation_path,
    image_path,
    label_path,
    voc_path,
    yolo_path,
)
from cocomine.exporting.manifest import EXPORT_VERSION
from cocomine.exporting.plan import ExportPlan, found_bytes, needed_bytes, plan_cautions, split_entries
from cocomine.exporting.staging import refuse_foreign, workplace
from cocomine.exporting.verification import Verification, verified
from cocomine.labels.label_map import label_map
from cocomine.mining.selection.recipe import recipe_text
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.system.files import atomic_file, write_json, write_text
from cocomine.system.space import require_space, writing_to

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many are done, and how many there are."""

WriteLabels = Callable[[SubsetSplit, int, list[Shape], tuple[int, int]], Counter[str]]
"""Writes the file of one image in one format, from its annotations and its own (height, width); returns outlinings."""


def write_export(plan: ExportPlan, folder: Path, *, progress: Progress = lambda *_: None) -> dict[str, Any]:
    """Write an export.

    Args:
        plan: what to write.
        folder: new, empty, or an earlier export of the same recipe, which stays until the new one is complete.
        progress: called often; an exception from it ends the export and leaves everything as it was.

    Returns:
        The manifest. What is not as the plan says is in `defects`, pictures that are missing or odd in `warnings`,
        with what speaks against training on it.

    Raises:
        ExportError: the folder is not ours to write to, images cannot be exported as they are, or pictures were
            asked for and there is none.
        StorageError: there is no room, or the folder cannot be written.
    """
    if unusable := unusable_images(plan):
        raise ExportError(unusable_sentence(unusable, plan.subset.image_count))
    folder = Path(os.path.realpath(folder))
    with writing_to(folder):
        refuse_foreign(folder, recipe_text(plan.recipe))
    found = found_bytes(plan)
    if plan.recipe.images != "none":
        _refuse_no_picture(plan, int((found > 0).sum()))
    need = _needed_bytes(plan, folder, found)
    require_space(folder, need, "The export")
    with writing_to(folder, need_bytes=need), workplace(folder, recipe_text(plan.recipe)) as place:
        return _write_all(plan, place, progress)


def _write_all(plan: ExportPlan, place: Path, progress: Progress) -> dict[str, Any]:
    write_text(place / RECIPE, recipe_text(plan.recipe))
    _write_annotations(plan, place)
    tallies = _write_labels(plan, place, progress)
    if "mined" in plan.recipe.formats:
        write_json(place / "mined.json", mined_dictionary(plan.parts, plan.subset.dataset))
    write_text(place / "ATTRIBUTION.csv", attribution_csv(plan.parts))
    pictures = [] if plan.recipe.images == "none" else _bring_pictures(plan, place, progress)
    if pictures:
        _refuse_no_picture(plan, sum(picture.brought.is_there for picture in pictures))
    told = brought_sentences(pictures) if pictures else []
    splits = _split_values(plan, tallies, pictures)
    write_text(place / "README.md", export_readme(plan, splits, told))
    manifest = _manifest(plan, splits, pictures, verified(plan, place, pictures, progress))
    write_json(place / MANIFEST, manifest)
    return manifest


def _refuse_no_picture(plan: ExportPlan, there: int) -> None:
    """Refuse an export without any of the pictures that were asked for.

    Raises:
        ExportError: there is none.
    """
    if not there:
        folders = {str(part.split.image_folder) for part in plan.subset.parts if part.split.image_folder}
        looked = f" in {', '.join(sorted(folders))}" if folders else ", since no image folder is known"
        raise ExportError(
            f"None of the {plan.subset.image_count:,} images was found{looked}. "
            "Say where they are (--image-folder), or export without images (--images none)."
        )


def _needed_bytes(plan: ExportPlan, folder: Path, found: Ints) -> int:
    sources = (part.split.image_path(int(index)) for part in plan.parts for index in part.image_index)
    first = next((source for source in sources if source is not None), None)
    are_linked = plan.recipe.images == "link" and first is not None and can_link(first, folder)
    return needed_bytes(plan, found, are_linked=are_linked)


def _write_annotations(plan: ExportPlan, folder: Path) -> None:
    for part in plan.parts:
        path = annotation_path(folder, part.split.name)
        path.parent.mkdir(exist_ok=True)
        with atomic_file(path) as file:
            file.writelines(coco_json(part, plan.subset.dataset, plan.recipe.selection))


def _write_labels(plan: ExportPlan, folder: Path, progress: Progress) -> list[Counter[str]]:
    """Write what there is one file of for each image, from shapes that are decoded once.

    Returns:
        By split, how many objects became a line for YOLO in which way, or none, by `Outlining`.
    """
    writers = {"masks": _mask_writer, "yolo": _yolo_writer, "voc": _voc_writer}
    asked = [writer(plan, folder) for name, writer in writers.items() if name in plan.recipe.formats]
    if "masks" in plan.recipe.formats:
        write_json(folder / LABELS, plan.table.as_json(size_px=plan.recipe.size_px))
    if "yolo" in plan.recipe.formats:
        roles = {part.split.name: plan.recipe.role_of(part.split.name) for part in plan.parts}
        write_text(_place(folder / "yolo" / "data.yaml", "YOLO file"), yolo_data(roles, plan.table))
    tallies = {part.split.name: Counter[str]() for part in plan.parts}
    category_ids = [category.category_id for category in plan.subset.dataset.categories]
    for part, index in _each_image(plan, "Labels", progress) if asked else ():
        images, tally = part.split.images, tallies[part.split.name]
        shapes = shapes_of_image(part.split, index, category_ids=category_ids)
        for write in asked:
            tally += write(part, index, shapes, (int(images.heights[index]), int(images.widths[index])))
    return list(tallies.values())


def _mask_writer(plan: ExportPlan, folder: Path) -> WriteLabels:
    size = (plan.recipe.size_px, plan.recipe.size_px)
    values, colours = plan.table.label_of_category, palette(plan.table)

    def write(part: SubsetSplit, index: int, shapes: list[Shape], native: tuple[int, int]) -> Counter[str]:
        path = _place(label_path(folder, part.split.name, exported_name(part.split, index)), "label map")
        path.write_bytes(label_png(label_map(shapes, values, native=native, size=size), colours))
        return Counter()

    return write


def _yolo_writer(plan: ExportPlan, folder: Path) -> WriteLabels:
    def write(part: SubsetSplit, index: int, shapes: list[Shape], native: tuple[int, int]) -> Counter[str]:
        path = _place(yolo_path(folder, part.split.name, exported_name(part.split, index)), "YOLO file")
        labels = yolo_labels(shapes, plan.table, native=native)
        path.write_text(labels.text, encoding="utf-8", newline="\n")
        return Counter({str(how): count for how, count in labels.outlinings.items()})

    return write


def _voc_writer(plan: ExportPlan, folder: Path) -> WriteLabels:
    def write(part: SubsetSplit, index: int, shapes: list[Shape], native: tuple[int, int]) -> Counter[str]:
        name = exported_name(part.split, index)
        path = _place(voc_path(folder, part.split.name, name), "VOC file")
        text = voc_annotation(shapes, plan.table, picture=f"images/{part.split.name}/{name}", native=native)
        path.write_text(text, encoding="utf-8", newline="\n")
        return Counter()

    return write


def _bring_pictures(plan: ExportPlan, folder: Path, progress: Progress) -> list[Picture]:
    pictures, states = [], {part.split.name: file_states(part.split) for part in plan.parts}
    for part, index in _each_image(plan, "Images", progress):
        target = image_path(folder, part.split.name, exported_name(part.split, index))
        source = real_picture(part.split, index)
        if source is None and states[part.split.name][index] == FileState.LEADS_OUT:
            brought = Brought.LEADS_OUT
        else:
            brought = bring_picture(source, _place(target, "picture"), way=plan.recipe.images)
        path = target.relative_to(folder).as_posix()
        pictures.append(Picture(split=part.split.name, path=path, source=source, brought=brought))
    return pictures


def _place(path: Path, what: str) -> Path:
    """Make room for a new file, and refuse to write one over another."""
    if path.exists():
        raise ExportError(f"{path.name}: two images would share this {what}. Rename one of them, or exclude it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _each_image(plan: ExportPlan, what: str, progress: Progress) -> Iterable[tuple[SubsetSplit, int]]:
    for done, (part, index) in enumerate(plan.images(), start=1):
        yield part, index
        progress(what, done, plan.subset.image_count)


def _split_values(plan: ExportPlan, tallies: list[Counter[str]], pictures: list[Picture]) -> list[dict[str, Any]]:
    """Return the splits as the manifest has them; what a format asks for is None where it was not asked for."""
    values = []
    for entry, tally in zip(split_entries(plan), tallies, strict=True):
        own = [picture.brought.is_there for picture in pictures if picture.split == entry["split"]]
        counts = {
            "picture_count": sum(own),
            "missing_picture_count": len(own) - sum(own),
            "outlinings": dict(sorted(tally.items())) if "yolo" in plan.recipe.formats else None,
        }
        values.append(entry | counts)
    return values


def _manifest(
    plan: ExportPlan, splits: list[dict[str, Any]], pictures: list[Picture], verification: Verification
) -> dict[str, Any]:
    missing = [picture for picture in pictures if not picture.brought.is_there]
    return {
        "cocomine_export": EXPORT_VERSION,
        "is_complete": not missing and not verification.defects,
        "defects": list(verification.defects),
        "warnings": [
            *(brought_sentences(pictures) if missing else []),
            *name_warnings(plan),
            *(each.sentence for each in plan_cautions(plan)),
        ],
        "pictures": {brought: sum(each.brought is brought for each in pictures) for brought in Brought},
        "splits": splits,
        "files": list(verification.files),
    }
