"""How is a subset's COCO JSON written without touching a record?

Images, annotations and categories are copied byte for byte from the source, annotations and images in its order, so
that unknown fields, number formats and polygons survive. Two fields alone are replaced: an absolute `file_name`
(`planning.image_names`) and, under the policy "merge", the `category_id` of the other classes, which becomes that of
one category (`LabelTable.merged_category_id`). Categories stand in the order of the label maps' values, as in every
other format. Annotations of ignored classes go into a file of their own.

Source: https://cocodataset.org/#format-data
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ignored_annotations
from cocomine.labels.table import LabelTable
from cocomine.mining.selection.selection import SubsetSplit

FILE_NAME = re.compile(rb'("file_name"\s*:\s*)"(?:[^"\\]|\\.)*"')
TEXT_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]')
CATEGORY_ID = b'"category_id"'
VALUE = re.compile(rb'\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}]+)')


def coco_json(part: SubsetSplit, dataset: Dataset, table: LabelTable) -> Iterator[bytes]:
    """Yield the document of one split, piece by piece."""
    ids = [each for label in table.labels if label is not table.merged_label for each in label.category_ids]
    categories = _category_records(dataset, ids)
    if table.merged_label is not None:
        merged = {"id": table.merged_category_id, "name": table.merged_label.name, "supercategory": "other"}
        categories.append(json.dumps(merged).encode())
    return _document(part, _annotation_records(part, table), categories)


def ignored_json(part: SubsetSplit, dataset: Dataset, table: LabelTable) -> Iterator[bytes]:
    """Yield the document of what is ignored in one split's images, piece by piece."""
    records = _records(part, ignored_annotations(part, table))
    return _document(part, records, _category_records(dataset, table.ignored_category_ids))


def with_category_id(record: bytes, category_id: int) -> bytes:
    """Return an annotation's record with another category id, and every other byte as it was."""
    pieces, done, depth = list[bytes](), 0, 0
    for found in TEXT_OR_BRACKET.finditer(record):
        token = found[0]
        depth += (token in (b"{", b"[")) - (token in (b"}", b"]"))
        if depth == 1 and token == CATEGORY_ID and (value := VALUE.match(record, found.end())):
            pieces += record[done : value.start(1)], b"%d" % category_id
            done = value.end(1)
    return b"".join(pieces) + record[done:]


def _document(part: SubsetSplit, annotations: Iterable[bytes], categories: Sequence[bytes]) -> Iterator[bytes]:
    split = part.split
    yield b'{"info":' + split.info + b',"licenses":' + split.licences_json + b',"images":['
    records = split.source.records(split.images.spans[part.image_index])
    yield from _joined(_renamed(part, index, record) for index, record in zip(part.image_index, records, strict=True))
    yield b'],"annotations":['
    yield from _joined(annotations)
    yield b'],"categories":[' + b",".join(categories) + b"]}"


def _joined(records: Iterable[bytes]) -> Iterator[bytes]:
    for index, record in enumerate(records):
        yield b"," + record if index else record


def _annotation_records(part: SubsetSplit, table: LabelTable) -> Iterator[bytes]:
    """Yield the records of a part's annotations, those of merged classes with the id of all of them."""
    merged, category_id = table.merged_label, table.merged_category_id
    records = _records(part, part.annotation_index)
    if merged is None or category_id is None:
        yield from records
        return
    is_merged = np.isin(part.split.category_ids, merged.category_ids)
    changes = is_merged[part.split.annotations.category_index[part.annotation_index]].tolist()
    for record, changed in zip(records, changes, strict=True):
        yield with_category_id(record, category_id) if changed else record


def _records(part: SubsetSplit, annotation_index: Ints) -> Iterator[bytes]:
    return part.split.source.records(part.split.annotations.spans[annotation_index])


def _renamed(part: SubsetSplit, image_index: int, record: bytes) -> bytes:
    """Return an image's record, with its new name where an export has another one."""
    name = exported_name(part.split, image_index)
    if name == part.split.images.file_names[image_index]:
        return record
    return FILE_NAME.sub(lambda found: found[1] + json.dumps(name).encode(), record, count=1)


def _category_records(dataset: Dataset, category_ids: Iterable[int]) -> list[bytes]:
    """Return the records of categories in this order, each from the first split that has it."""
    records = []
    for category_id in category_ids:
        split = next((split for split in dataset.splits if category_id in split.category_spans), None)
        if split is not None:  # else it belongs to a split that is not in view, and no image here has it
            records.append(split.source.record(split.category_spans[category_id]))
    return records
