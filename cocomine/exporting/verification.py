"""Is what was written what was meant?

The plan says which files there are and what each must hold; each is opened where whoever uses it looks for it, and
compared. Nothing is taken from the writing: what should be seen in a file follows from the columns of the source, and
where a file shows less, from masks decoded anew at the image's own size.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from cocomine.coco.arrays import Ints
from cocomine.coco.columns import Category
from cocomine.coco.dataset import Dataset
from cocomine.coco.image_file import read_image
from cocomine.coco.reading.annotation_file import read_split
from cocomine.errors import CocomineError, UnreadableImage
from cocomine.exporting.formats.contact_sheet import CONTACT_SHEET, sheet_size
from cocomine.exporting.formats.id_map import id_map
from cocomine.exporting.formats.image_files import PlacedImage, Placement
from cocomine.exporting.label_file_checks import FileCheck, planned_labels
from cocomine.exporting.layout import annotation_path, ignored_path
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan, ignored_annotations, ignored_categories
from cocomine.labels.table import label_table_from_json
from cocomine.mining.selection.recipe import recipe_from_text
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.system.files import file_sha256
from cocomine.system.jobs import Progress
from cocomine.wording import counted

MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """An export compared with its plan.

    Attributes:
        files: every file that the plan holds: path, size in bytes and SHA-256, both None where it is missing.
        defects: one sentence for each way in which files are not as the plan says; none means that all are.
    """

    files: tuple[dict[str, Any], ...]
    defects: tuple[str, ...]


def verify_files(plan: ExportPlan, folder: Path, images: Sequence[PlacedImage], progress: Progress) -> Verification:
    """Compare what lies in a folder with the plan.

    Args:
        folder: where it was written, but for the manifest.
        images: what became of each image file.
    """
    checks = list(_checks(plan, folder, images))
    files, flawed, totals = [], defaultdict[tuple[str, str], list[str]](list), defaultdict[str, int](int)
    for done, check in enumerate(checks, start=1):
        path = folder / check.path
        totals[check.kind] += 1
        is_there = path.is_file() and not path.is_symlink()
        for flaw in check.flaws(path) if is_there else ["missing"]:
            flawed[check.kind, flaw].append(check.path)
        size, sha256 = (path.stat().st_size, file_sha256(path)) if is_there else (None, None)
        files.append({"path": check.path, "size": size, "sha256": sha256})
        progress(done, len(checks))
    return Verification(
        files=tuple(sorted(files, key=lambda file: str(file["path"]))),
        defects=tuple(_sentence(kind, flaw, paths, totals[kind]) for (kind, flaw), paths in flawed.items()),
    )


def verified_sentence(manifest: Mapping[str, Any]) -> str:
    """Return how many files were compared with the plan, and how many ways there are in which they are not as meant."""
    sentence, defects = f"{counted(len(manifest['files']), 'file')} verified", len(manifest.get("defects", []))
    return f"{sentence}: {counted(defects, 'defect')}" if defects else sentence


def _checks(plan: ExportPlan, folder: Path, images: Sequence[PlacedImage]) -> Iterator[FileCheck]:
    for part in plan.parts:
        yield from _coco_checks(plan, part, folder)
    yield from planned_labels(plan)
    for each in images:
        if each.placement.is_there:
            yield FileCheck(kind="Images", path=each.path, flaws=_image_flaws(each))
    yield from _document_checks(plan)


def _image_flaws(image: PlacedImage) -> Callable[[Path], list[str]]:
    def flaws(path: Path) -> list[str]:
        source = image.source
        if source is None or not source.is_file():
            return ["without the file that they came from"]
        if image.placement is Placement.LINKED and path.samefile(source):
            return []
        is_same = path.stat().st_size == source.stat().st_size and file_sha256(path) == file_sha256(source)
        return [] if is_same else ["other than the file that they came from"]

    return flaws


def _sentence(kind: str, flaw: str, paths: Sequence[str], total: int) -> str:
    named = ", ".join(paths[:MOST_NAMED]) + (", …" if len(paths) > MOST_NAMED else "")
    return f"{kind}: {len(paths):,} of {total:,} {flaw} ({named})."


def _coco_checks(plan: ExportPlan, part: SubsetSplit, folder: Path) -> Iterator[FileCheck]:
    """Yield the COCO JSON of a split, and that of what is ignored in it."""
    table = plan.table
    classes = [(each, label.name) for label in table.labels for each in label.category_ids]
    if table.merged_label is not None and table.merged_category_id is not None:
        own = [each for each in classes if each[0] not in table.merged_label.category_ids]
        classes = [*own, (table.merged_category_id, table.merged_label.name)]
    written = [(annotation_path(folder, part.split.name), part.annotation_index, classes)]
    if may_be_ignored := ignored_categories(part, table):
        names = {each.category_id: each.name for each in plan.subset.dataset.categories}
        ignored = [(each, names[each]) for each in may_be_ignored]
        written.append((ignored_path(folder, part.split.name), ignored_annotations(part, table), ignored))
    for path, annotation_index, named in written:
        flaws = _coco_flaws(plan, part, annotation_index, named)
        yield FileCheck(kind="COCO files", path=path.relative_to(folder).as_posix(), flaws=flaws)


def _coco_flaws(
    plan: ExportPlan, part: SubsetSplit, annotation_index: Ints, classes: Sequence[tuple[int, str]]
) -> Callable[[Path], list[str]]:
    """Return what compares a COCO JSON of some annotations with its source, record by record.

    Args:
        classes: id and name of the categories, in their order; those that no split in view has need not be there.
    """

    def flaws(path: Path) -> list[str]:
        try:
            split, categories = read_split(path)
        except CocomineError:
            return ["that cannot be read back"]
        source, written = part.split, split
        planned = (source.images.ids[part.image_index], source.annotations.ids[annotation_index])
        found = (written.images.ids, written.annotations.ids)
        if not all(map(np.array_equal, planned, found)):
            images, annotations = map(_missing_sentence, planned, found, ("images", "annotations"))
            return [f"without {images} or {annotations}"]
        differing = _differing_images(part, written.source.records(written.images.spans))
        differing += _differing_annotations(
            zip(
                source.source.records(source.annotations.spans[annotation_index]),
                written.source.records(written.annotations.spans),
                _exported_category_ids(plan, part, annotation_index),
                strict=True,
            )
        )
        has = {each for split in plan.subset.dataset.splits for each in split.category_spans}
        expected = [each for each in classes if each[0] in has or each[0] == plan.table.merged_category_id]
        is_named = [(category.category_id, category.name) for category in categories] == expected
        return [
            *([f"with {differing:,} records that differ from their source"] if differing else []),
            *([] if is_named else ["with other classes than were selected, or in another order"]),
        ]

    return flaws


def _exported_category_ids(plan: ExportPlan, part: SubsetSplit, annotation_index: Ints) -> Iterator[int | None]:
    """Yield the category id that each annotation has in an export, None where it is that of its source."""
    merged = () if plan.table.merged_label is None else plan.table.merged_label.category_ids
    of_groups = [each.category_id for each in _categories_of_several(plan.subset.dataset)]
    id_of = dict(zip(of_groups, of_groups, strict=True)) | dict.fromkeys(merged, plan.table.merged_category_id)
    for index in part.split.annotations.category_index[annotation_index].tolist():
        yield id_of.get(part.split.category_ids[index])


def _categories_of_several(dataset: Dataset) -> list[Category]:
    """Return the categories that groups of several classes have become."""
    names = {group.name for group in dataset.groups if len(group.members) > 1}
    return [category for category in dataset.categories if category.name in names]


def _differing_annotations(records: Iterable[tuple[bytes, bytes, int | None]]) -> int:
    """Return how many annotations are not as their source, but for a category id that is told."""
    differing = 0
    for one, other, category_id in records:
        if category_id is None:
            differing += one != other
        else:
            differing += one != other and _loosely(one) | {"category_id": category_id} != _loosely(other)
    return differing


def _loosely(record: bytes) -> dict[str, Any]:
    """Return a record as a dictionary; numbers stay text, so that NaN is itself and no digit is lost."""
    value: dict[str, Any] = json.loads(record, parse_float=str, parse_constant=str)
    return value


def _document_checks(plan: ExportPlan) -> Iterator[FileCheck]:
    """Yield the files that an export has once, each with what compares it with the plan."""
    formats = plan.recipe.formats
    yield _document("recipe.yaml", lambda text: recipe_from_text(text) == plan.recipe)
    yield _document("ATTRIBUTION.csv", lambda text: _has_rows(text, plan.subset.image_count + 1))
    yield _document("README.md", lambda text: f"{plan.subset.image_count:,} images" in text)
    if plan.subset.dataset.groups:
        yield _document("id_map.json", lambda text: json.loads(text) == id_map(plan.subset.dataset))
    if plan.recipe.images != "none":
        yield FileCheck(kind="Other files", path=CONTACT_SHEET, flaws=_sheet_flaws)
    if "masks" in formats:
        yield _document("labels.json", lambda text: label_table_from_json(json.loads(text)) == plan.table)
    if "mined" in formats:
        yield _document("mined.json", lambda text: _is_mined(json.loads(text), plan))
    if "yolo" in formats:
        yield _document("yolo/data.yaml", lambda text: _is_data(yaml.safe_load(text), plan))


def _sheet_flaws(path: Path) -> list[str]:
    try:
        return [] if read_image(path).size == sheet_size() else ["not as planned"]
    except UnreadableImage:
        return ["not as planned"]


def _document(path: str, is_as_planned: Callable[[str], bool]) -> FileCheck:
    def flaws(file: Path) -> list[str]:
        try:
            is_right = is_as_planned(file.read_text(encoding="utf-8"))
        except (CocomineError, KeyError, TypeError, ValueError, yaml.YAMLError):
            is_right = False
        return [] if is_right else ["not as planned"]

    return FileCheck(kind="Other files", path=path, flaws=flaws)


def _missing_sentence(planned: Ints, found: Ints, what: str) -> str:
    return f"{np.count_nonzero(~np.isin(planned, found)):,} of {len(planned):,} {what}"


def _differing_images(part: SubsetSplit, written: Iterator[bytes]) -> int:
    """Return how many image records are not those of the source, but for an absolute name."""
    split, differing = part.split, 0
    records = split.source.records(split.images.spans[part.image_index])
    for index, one, other in zip(part.image_index.tolist(), records, written, strict=True):
        if one != other:
            renamed = json.loads(one) | {"file_name": exported_name(split, index)}
            differing += renamed != json.loads(other)
    return differing


def _has_rows(text: str, count: int) -> bool:
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) == count


def _is_mined(value: Any, plan: ExportPlan) -> bool:
    counts = {split: (len(images), sum(map(len, images.values()))) for split, images in value.items()}
    return counts == {part.split.name: (len(part.image_index), len(part.annotation_index)) for part in plan.parts}


def _is_data(value: Any, plan: ExportPlan) -> bool:
    """Return whether every class has its number, and every split with a role is named where its images are."""
    names = dict(enumerate(label.name for label in plan.table.labels[1:]))
    uses = [(str(part.split.role), part.split.name) for part in plan.parts if part.split.role]
    named = [(use, folder) for use in ("train", "val", "test") for folder in value.get(use, [])]
    return value["names"] == names and sorted(named) == sorted((use, f"../images/{split}") for use, split in uses)
