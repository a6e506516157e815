"""The five sub-dictionaries of a COCO file as tables, one page of rows at a time.

Source: the paper, Fig. 3; https://cocodataset.org/#format-data
"""

from typing import Any

import msgspec

from cocomine.coco.dataset import Dataset, Split
from cocomine.errors import CocomineError

ROWS_PER_PAGE = 200
NO_LICENCE = -1
"""What `Images.licence_ids` has for an image that names none."""
DICTIONARIES = ("info", "licenses", "categories", "images", "annotations")


def row_count(dataset: Dataset, split: Split, dictionary: str) -> int:
    """Return how many rows a sub-dictionary has."""
    sizes = {
        "info": 1,
        "licenses": len(split.licences),
        "categories": len(dataset.categories),
        "images": len(split.images),
        "annotations": len(split.annotations),
    }
    return sizes[dictionary]


def rows(dataset: Dataset, split: Split, dictionary: str, page: int) -> list[dict[str, Any]]:
    """Return one page of a sub-dictionary's rows; pages count from 1."""
    start = (page - 1) * ROWS_PER_PAGE
    window = range(start, min(start + ROWS_PER_PAGE, row_count(dataset, split, dictionary)))
    if dictionary == "info":
        return _info_rows(split)
    if dictionary == "licenses":
        licences = [split.licences[index] for index in window]
        return [{"id": entry.licence_id, "name": entry.name, "url": entry.url} for entry in licences]
    if dictionary == "categories":
        categories = [dataset.categories[index] for index in window]
        return [{"id": c.category_id, "name": c.name, "supercategory": c.supercategory} for c in categories]
    if dictionary == "images":
        return [_image_row(split, index) for index in window]
    return [_annotation_row(dataset, split, index) for index in window]


def _info_rows(split: Split) -> list[dict[str, Any]]:
    try:
        info = msgspec.json.decode(split.info)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CocomineError(f"{split.source.path}: 'info' cannot be read ({error}). Correct it in the file.") from error
    entries = info.items() if isinstance(info, dict) else [("info", info)]
    return [{"field": str(key), "value": str(value)} for key, value in entries]


def _image_row(split: Split, index: int) -> dict[str, Any]:
    image, licence_id = split.image_at(index), int(split.images.licence_ids[index])
    return {
        "id": image.image_id,
        "file_name": image.file_name,
        "width": image.size.width,
        "height": image.size.height,
        "license": None if licence_id == NO_LICENCE else licence_id,
        "annotations": len(image.annotation_index),
    }


def _annotation_row(dataset: Dataset, split: Split, index: int) -> dict[str, Any]:
    columns = split.annotations
    return {
        "id": int(columns.ids[index]),
        "image_id": int(split.images.ids[columns.image_index[index]]),
        "category": dataset.categories[columns.category_index[index]].name,
        "area (px)": round(float(columns.areas_px[index]), 1),
        "bbox [x, y, width, height]": ", ".join(f"{value:.1f}" for value in columns.boxes_xywh[index]),
        "iscrowd": int(columns.is_crowd[index]),
    }
