"""The paper's image dictionary: which image holds which of the desired objects?

Algorithm 1 goes from the desired classes over the category and annotation dictionaries to a dictionary by image name.
As printed it keeps one annotation per image, since each new one overwrites the last; here every image has a list.

Source: the paper, Algorithm 1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cocomine.coco.columns import Category
from cocomine.coco.dataset import Dataset
from cocomine.exporting.planning.image_names import exported_name
from cocomine.labels.table import LabelTable
from cocomine.mining.selection.selection import SubsetSplit


def mined_dictionary(
    parts: Sequence[SubsetSplit], dataset: Dataset, table: LabelTable
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return, for each split and image name, the list of its annotations in the subset."""
    classes = [_class(category, table) for category in dataset.categories]
    return {part.split.name: _images(part, classes) for part in parts}


def _class(category: Category, table: LabelTable) -> tuple[int, str]:
    """Return the id and the name of a category in an export."""
    merged, merged_id = table.merged_label, table.merged_category_id
    if merged is not None and merged_id is not None and category.category_id in merged.category_ids:
        return merged_id, merged.name
    return category.category_id, category.name


def _images(part: SubsetSplit, classes: Sequence[tuple[int, str]]) -> dict[str, list[dict[str, Any]]]:
    split = part.split
    entries: dict[int, list[dict[str, Any]]] = {index: [] for index in part.image_index.tolist()}
    for index in part.annotation_index:
        entries[int(split.annotations.image_index[index])].append(_entry(part, classes, int(index)))
    return {exported_name(split, index): entry for index, entry in entries.items()}


def _entry(part: SubsetSplit, classes: Sequence[tuple[int, str]], index: int) -> dict[str, Any]:
    columns = part.split.annotations
    category_id, name = classes[columns.category_index[index]]
    box = columns.boxes_xywh[index]
    area = float(columns.areas_px[index])
    return {
        "annotation_id": int(columns.ids[index]),
        "category_id": category_id,
        "class": name,
        "bbox_xywh": None if np.isnan(box).any() else box.tolist(),
        "area_px": None if np.isnan(area) else area,
        "is_crowd": bool(columns.is_crowd[index]),
    }
