"""Is each file that an export has once what was meant: recipe, card, lists, and what programs read first?

Each is read as whoever uses it does, and compared with the plan; what cannot be read is not as planned.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from cocomine.coco.image_file import read_image
from cocomine.errors import CocomineError, UnreadableImage
from cocomine.exporting.file_check import FileCheck
from cocomine.exporting.formats.contact_sheet import CONTACT_SHEET, sheet_size
from cocomine.exporting.formats.id_map import id_map
from cocomine.exporting.formats.readme import subset_words
from cocomine.exporting.formats.voc_lists import voc_lists
from cocomine.exporting.layout import hf_path
from cocomine.exporting.planning.image_names import part_names
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.labels.table import label_table_from_json
from cocomine.mining.selection.recipe import YOLO_DETECT, recipe_from_text
from cocomine.mining.selection.selection import SubsetSplit


def document_checks(plan: ExportPlan) -> Iterator[FileCheck]:
    """Yield the files that an export has once, each with what compares it with the plan."""
    formats = plan.recipe.formats
    yield _document("recipe.yaml", lambda text: recipe_from_text(text) == plan.recipe)
    yield _document("ATTRIBUTION.csv", lambda text: _has_rows(text, plan.subset.image_count + 1))
    yield _document("README.md", lambda text: subset_words(plan.subset) in text)
    if plan.subset.dataset.groups:
        yield _document("id_map.json", lambda text: json.loads(text) == id_map(plan.subset.dataset))
    if plan.recipe.images != "none":
        yield FileCheck(kind="Other files", path=CONTACT_SHEET, flaws=_sheet_flaws)
    if "masks" in formats:
        yield _document("labels.json", lambda text: label_table_from_json(json.loads(text)) == plan.table)
    if "mined" in formats:
        yield _document("mined.json", lambda text: _is_mined(json.loads(text), plan))
    for name, images in (("yolo", "../images"), (YOLO_DETECT, "images")):
        if name in formats:
            yield _document(f"{name}/data.yaml", partial(_is_data, plan=plan, images=images))
    if "voc" in formats:
        yield from _voc_documents(plan)
    if "hf" in formats:
        yield from _hf_documents(plan)


def _voc_documents(plan: ExportPlan) -> Iterator[FileCheck]:
    for path, text in voc_lists(plan).items():
        yield _document(path, partial(str.__eq__, text))


def _hf_documents(plan: ExportPlan) -> Iterator[FileCheck]:
    yield _document("hf/README.md", lambda text: yaml.safe_load(text.split("---")[1]) is not None)
    for part in plan.parts:
        path = hf_path(Path(), plan.split_folders()["hf"][part.split.name]).as_posix()
        yield _document(path, partial(_is_metadata, plan=plan, part=part))


def _is_metadata(text: str, *, plan: ExportPlan, part: SubsetSplit) -> bool:
    """Return whether every annotation has its image, its class and its box."""
    lines = [json.loads(line) for line in text.splitlines()]
    columns, classes = part.split.annotations, plan.table.class_index_of_category
    expected = sorted(
        (image_id, annotation_id, classes[part.split.category_ids[category_index]])
        for image_id, annotation_id, category_index in zip(
            part.split.images.ids[columns.image_index[part.annotation_index]].tolist(),
            columns.ids[part.annotation_index].tolist(),
            columns.category_index[part.annotation_index].tolist(),
            strict=True,
        )
    )
    found = sorted(
        (line["image_id"], annotation_id, class_index)
        for line in lines
        for annotation_id, class_index in zip(line["objects"]["id"], line["objects"]["category"], strict=True)
    )
    return [line["file_name"] for line in lines] == part_names(part) and found == expected


def _sheet_flaws(path: Path) -> list[str]:
    try:
        return [] if read_image(path).size == sheet_size() else ["not as planned"]
    except UnreadableImage:
        return ["not as planned"]


def _document(path: str, is_as_planned: Callable[[str], bool]) -> FileCheck:
    def flaws(file: Path) -> list[str]:
        try:
            is_right = is_as_planned(file.read_text(encoding="utf-8"))
        except (CocomineError, LookupError, TypeError, ValueError, yaml.YAMLError):
            is_right = False
        return [] if is_right else ["not as planned"]

    return FileCheck(kind="Other files", path=path, flaws=flaws)


def _has_rows(text: str, count: int) -> bool:
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) == count


def _is_mined(value: Any, plan: ExportPlan) -> bool:
    counts = {split: (len(images), sum(map(len, images.values()))) for split, images in value.items()}
    return counts == {part.split.name: (len(part.image_index), len(part.annotation_index)) for part in plan.parts}


def _is_data(text: str, *, plan: ExportPlan, images: str) -> bool:
    """Return whether every class has its number, and every split with images is named where they are, for its role.

    A split may stand in for validation or training, too, where there is none.
    """
    value, names = yaml.safe_load(text), dict(enumerate(label.name for label in plan.table.labels[1:]))
    roles = defaultdict[str, list[str]](list)
    for part in plan.parts:
        if part.split.role and len(part.image_index):
            roles[str(part.split.role)].append(f"{images}/{part.split.name}")
    for use, other in (("train", "val"), ("val", "train")):
        roles.setdefault(use, roles.get(other, []))
    named = {use: value[use] for use in ("train", "val", "test") if value.get(use)}
    return value["names"] == names and named == {use: folders for use, folders in roles.items() if folders}
