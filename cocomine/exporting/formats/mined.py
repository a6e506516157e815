"""The paper's image dictionary: which image holds which of the desired objects?

Algorithm 1 goes from the desired classes over the category and annotation dictionaries to a dictionary by image name.
As printed it keeps one annotation per image, since each new one overwrites the last; here every image has a list.

Source: the paper, Algorithm 1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cocomine.coco.dataset import Dataset
from cocomine.exporting.planning.image_names import exported_name
from cocomine.mining.selection.selection import SubsetSplit


def mined_dictionary(parts: Sequence[SubsetSplit], dataset: Dataset) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return, for each split and image name, the list of its annotations in the subset."""
    return {part.split.name: _images(part, dataset) for part in parts}


def _images(part: SubsetSplit, dataset: Dataset) -> dict[str, list[dict[str, Any]]]:
    split = part.split
    entries: dict[int, list[dict[str, Any]]] = {index: [] for index in part.image_index.tolist()}
    for index in part.annotation_index:
        entries[int(split.annotations.image_index[index])].append(_entry(part, dataset, int(index)))
    return {exported_name(split, index): entry for index, entry in entries.items()}


def _entry(part: SubsetSplit, dataset: Dataset, index: int) -> dict[str, Any]:
    columns = part.split.annotations
    category = dataset.categories[columns.category_index[index]]
    box = columns.boxes_xywh[index]
    area = float(columns.areas_px[index])
    return {
        "annotation_id": int(columns.ids[index]),
        "category_id": category.category_id,
        "class": category.name,
        "bbox_xywh": None if np.isnan(box).any() else box.tolist(),
        "area_px": None if np.isnan(area) else area,
        "is_crowd": bool(columns.is_crowd[index]),
    }
