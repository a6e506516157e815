"""Does each COCO JSON of an export hold the records that were selected, as their source has them?

A record is compared byte for byte; where it differs, as a value in which the fields that an export may replace
(`formats.coco`) are those that it must have.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.columns import Category
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.annotation_file import read_split
from cocomine.errors import CocomineError
from cocomine.exporting.file_check import FileCheck
from cocomine.exporting.layout import annotation_path, ignored_path, roboflow_path
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan, ignored_annotations, ignored_categories
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.wording import counted


def coco_file_checks(plan: ExportPlan, part: SubsetSplit, folder: Path) -> Iterator[FileCheck]:
    """Yield the COCO JSON of a split, and that of what is ignored in it, each with what compares it with the plan."""
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
        if others := [
            *_id_flaws(source.images.ids[part.image_index], written.images.ids, "image"),
            *_id_flaws(source.annotations.ids[annotation_index], written.annotations.ids, "annotation"),
        ]:
            return [" and ".join(others)]
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
            *([f"with {_differing_words(differing)}"] if differing else []),
            *([] if is_named else ["with other classes than were selected, or in another order"]),
        ]

    return flaws


def _differing_words(count: int) -> str:
    return "1 record that differs from its source" if count == 1 else f"{count:,} records that differ from their source"


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


def _id_flaws(planned: Ints, found: Ints, thing: str) -> list[str]:
    """Return what of a plan a file lacks, and what it has besides; both are lists of ids, in order."""
    if np.array_equal(planned, found):
        return []
    missing, others = (int(np.count_nonzero(~np.isin(*each))) for each in ((planned, found), (found, planned)))
    flaws = [f"without {missing:,} of {counted(len(planned), thing)}"] if missing else []
    flaws += [f"with {counted(others, thing)} besides those selected"] if others else []
    return flaws or [f"with {thing}s in another order, or some of them twice"]


def _differing_images(part: SubsetSplit, written: Iterator[bytes]) -> int:
    """Return how many image records are not those of the source, but for a name that an export replaces."""
    split, differing = part.split, 0
    records = split.source.records(split.images.spans[part.image_index])
    for index, one, other in zip(part.image_index.tolist(), records, written, strict=True):
        if one != other:
            renamed = _loosely(one) | {"file_name": exported_name(split, index)}
            differing += renamed != _loosely(other)
    return differing
