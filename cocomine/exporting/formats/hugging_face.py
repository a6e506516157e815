"""How does Hugging Face's `datasets` load images with their objects?

As an image folder: `metadata.jsonl` beside the images has a line for each, with its objects as lists of one length,
and the front matter of `README.md` says which folder is which split. `category` is the class index from 0 on, and
`category_name` its name, since an image folder has no place for a list of classes. Boxes are COCO's: left, top, width,
height in pixels. Crowd regions are marked; masks are not carried.

Source: https://huggingface.co/docs/datasets/image_dataset, https://huggingface.co/docs/datasets/object_detection
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import yaml

from cocomine.coco.arrays import Ints
from cocomine.exporting.formats.card import table_cell
from cocomine.exporting.planning.image_names import exported_name
from cocomine.labels.table import LabelTable
from cocomine.mining.selection.selection import SubsetSplit


def metadata_lines(part: SubsetSplit, table: LabelTable) -> Iterator[str]:
    """Yield a line of JSON for each image of a split."""
    classes = table.class_index_of_category
    names = [label.name for label in table.labels[1:]]
    class_index = np.array([classes.get(each, -1) for each in part.split.category_ids], dtype=np.int64)
    order, starts = _by_image(part)
    for position, index in enumerate(part.image_index.tolist()):
        size = part.split.images.size_at(index)
        line = {
            "file_name": exported_name(part.split, index),
            "image_id": int(part.split.images.ids[index]),
            "width": size.width,
            "height": size.height,
            "objects": _objects(part, order[starts[position] : starts[position + 1]], class_index, names),
        }
        yield json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"


def hf_readme(folders: Mapping[str, int], table: LabelTable) -> str:
    """Return the dataset card, whose front matter `datasets` reads.

    Args:
        folders: images by the folder of each split.
    """
    files = [{"split": name, "path": f"{name}/**"} for name in folders]
    front: dict[str, Any] = {
        "license": "other",
        "task_categories": ["object-detection"],
        "configs": [{"config_name": "default", "data_files": files}],
    }
    rows = "\n".join(f"| {name} | {count:,} |" for name, count in folders.items())
    classes = "\n".join(f"| {label.label - 1} | {table_cell(label.name)} |" for label in table.labels[1:])
    return (
        f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---\n\n"
        f"# A subset of a COCO dataset, made with CocoMine\n\n| split | images |\n|---|---|\n{rows}\n\n"
        f"| category | class |\n|---|---|\n{classes}\n\n"
        "`datasets.load_dataset` takes this folder. Boxes are left, top, width, height in pixels; masks are not part "
        "of it. Each image has its own licence: see `ATTRIBUTION.csv` of the export.\n"
    )


def _by_image(part: SubsetSplit) -> tuple[Ints, Ints]:
    """Return a part's annotations image by image in file order, (m,), and where those of each image begin, (n + 1,)."""
    owners = part.split.annotations.image_index[part.annotation_index]
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], part.image_index)
    return part.annotation_index[order], np.append(starts, len(order))


def _objects(part: SubsetSplit, index: Ints, class_index: Ints, names: Sequence[str]) -> dict[str, list[Any]]:
    columns = part.split.annotations
    categories = class_index[columns.category_index[index]].tolist()
    boxes, areas = columns.boxes_xywh[index], columns.areas_px[index]
    return {
        "id": columns.ids[index].tolist(),
        "bbox": [None if np.isnan(box).any() else box.tolist() for box in boxes],
        "category": categories,
        "category_name": [names[each] for each in categories],
        "area": [None if np.isnan(area) else area for area in areas.tolist()],
        "is_crowd": columns.is_crowd[index].tolist(),
    }
