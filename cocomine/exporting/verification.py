"""Is what was written what was meant?

The plan says which files there are and what each must hold; each is opened where whoever uses it looks for it, and
compared. Nothing is taken from the writing: what should be seen in a file follows from the columns of the source, and
where a file shows less, from masks decoded anew at the image's own size.
"""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
from cocomine.exporting.formats.voc_lists import voc_lists
from cocomine.exporting.image_batches import ImageBatch, batch_ends, image_batches
from cocomine.exporting.label_file_checks import FileCheck, label_checks
from cocomine.exporting.layout import annotation_path, hf_path, ignored_path, roboflow_path
from cocomine.exporting.planning.image_names import exported_name, part_names
from cocomine.exporting.planning.plan import ExportPlan, ignored_annotations, ignored_categories
from cocomine.labels.table import label_table_from_json
from cocomine.mining.selection.recipe import YOLO_DETECT, recipe_from_text
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.system.files import file_sha256
from cocomine.system.jobs import Progress
from cocomine.system.worker_pool import WorkerPool
from cocomine.wording import counted

MOST_NAMED = 3
OTHER_PLACES = "Images in other layouts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """An export compared with its plan.

    Attributes:
        files: every file that the plan holds: path, size in bytes and SHA-256, both None where it is missing.
        defects: one sentence for each way in which files are not as the plan says; none means that all are.
    """

    files: tuple[dict[str, Any], ...]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file of the plan, looked at.

    Attributes:
        flaws: in what it is not as planned; "missing" where it is not there.
        size: in bytes; None where it is missing, and so is the hash.
    """

    kind: str
    path: str
    flaws: tuple[str, ...]
    size: int | None
    sha256: str | None


def verify_files(
    plan: ExportPlan, folder: Path, images: Sequence[PlacedImage], progress: Progress, pool: WorkerPool
) -> Verification:
    """Compare what lies in a folder with the plan.

    Args:
        folder: where it was written, but for the manifest.
        images: what became of each image file, in the order of the plan; none where they were not asked for.
        pool: shares the work.
    """
    files, ends = [_checked(check, folder) for check in _single_checks(plan, folder)], batch_ends(plan)
    batches = (
        (batch, images[start : start + len(batch.names)])
        for start, batch in zip(ends, image_batches(plan, folder), strict=False)
    )
    of_images = pool.results(_checked_images, batches, lambda done: progress(ends[done], ends[-1]))
    files += [file for batch in of_images for file in batch]
    flawed, totals = defaultdict[tuple[str, str], list[str]](list), Counter(file.kind for file in files)
    for file in files:
        for flaw in file.flaws:
            flawed[file.kind, flaw].append(file.path)
    entries = [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in files]
    return Verification(
        files=tuple(sorted(entries, key=lambda entry: str(entry["path"]))),
        defects=tuple(_sentence(kind, flaw, paths, totals[kind]) for (kind, flaw), paths in flawed.items()),
    )


def _checked_images(task: tuple[ImageBatch, Sequence[PlacedImage]]) -> list[CheckedFile]:
    """Look at all files of some images."""
    batch, images = task
    checks = label_checks(batch.split, dict(enumerate(batch.names)), batch.rules)
    files = [_checked(check, batch.folder) for check in checks]
    return files + [
        file for image in images if image.placement.is_there for file in _checked_image(image, batch.folder)
    ]


def _checked_image(image: PlacedImage, folder: Path) -> Iterator[CheckedFile]:
    """Look at an image's file in all places; what is one file on the disk is read once."""
    first = _checked(FileCheck(kind="Images", path=image.path, flaws=_image_flaws(image)), folder)
    yield first
    for path in image.others:
        other = folder / path
        if first.sha256 and _is_own_file(other) and other.samefile(folder / image.path):
            yield replace(first, kind=OTHER_PLACES, path=path, flaws=())
        else:
            yield _checked(FileCheck(kind=OTHER_PLACES, path=path, flaws=_image_flaws(image)), folder)


def _checked(check: FileCheck, folder: Path) -> CheckedFile:
    path = folder / check.path
    if not _is_own_file(path):
        return CheckedFile(kind=check.kind, path=check.path, flaws=("missing",), size=None, sha256=None)
    return CheckedFile(
        kind=check.kind,
        path=check.path,
        flaws=tuple(check.flaws(path)),
        size=path.stat().st_size,
        sha256=file_sha256(path),
    )


def _is_own_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def verified_sentence(manifest: Mapping[str, Any]) -> str:
    """Return how many files were compared with the plan, and how many ways there are in which they are not as meant."""
    sentence, defects = f"{counted(len(manifest['files']), 'file')} verified", len(manifest.get("defects", []))
    return f"{sentence}: {counted(defects, 'defect')}" if defects else sentence


def _single_checks(plan: ExportPlan, folder: Path) -> Iterator[FileCheck]:
    """Yield the files that are not of one image."""
    for part in plan.parts:
        yield from _coco_checks(plan, part, folder)
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
    written = [("COCO files", annotation_path(folder, part.split.name), part.annotation_index, classes)]
    if "roboflow" in plan.recipe.formats:
        split_folder = plan.split_folders()["roboflow"][part.split.name]
        written.append(("Roboflow files", roboflow_path(folder, split_folder), part.annotation_index, classes))
    if may_be_ignored := ignored_categories(part, table):
        names = {each.category_id: each.name for each in plan.subset.dataset.categories}
        ignored = [(each, names[each]) for each in may_be_ignored]
        written.append(("COCO files", ignored_path(folder, part.split.name), ignored_annotations(part, table), ignored))
    for kind, path, annotation_index, named in written:
        flaws = _coco_flaws(plan, part, annotation_index, named)
        yield FileCheck(kind=kind, path=path.relative_to(folder).as_posix(), flaws=flaws)


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
