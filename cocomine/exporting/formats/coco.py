"""How is a subset's COCO JSON written without touching a record?

Images, annotations and categories are copied byte for byte from the source, annotations and images in its order, so
that unknown fields, number formats and polygons survive. Two fields alone are replaced: a `file_name` that leads out
of its folder (`planning.image_names`) or is missing, as in LVIS; and the `category_id` of classes that are taken as
one: the members of a group get that of its first one (`id_map.json` lists them), and under the policy "merge" the other
classes that of one category (`LabelTable.merged_category_id`). Categories stand in the order of the label maps' values,
as in every other format. What is ignored goes into a file of its own.

Source: https://cocodataset.org/#format-data
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset
from cocomine.coco.json_repair import repaired
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ignored_annotations, ignored_categories
from cocomine.labels.table import LabelTable
from cocomine.mining.selection.selection import SubsetSplit

FILE_NAME = b'"file_name"'
NAMED = re.compile(rb'"file_name"\s*:\s*"[^"]')
TEXT_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]')
CATEGORY_ID = b'"category_id"'
RECORDS_AT_ONCE = 1024
VALUE = re.compile(rb'\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}]+)')


def coco_json(part: SubsetSplit, dataset: Dataset, table: LabelTable) -> Iterator[bytes]:
    """Yield the document of one split, piece by piece."""
    ids = [each for label in table.labels if label is not table.merged_label for each in label.category_ids]
    categories = _category_records(dataset, ids)
    if table.merged_label is not None:
        merged = {"id": table.merged_category_id, "name": table.merged_label.name, "supercategory": "other"}
        categories.append(json.dumps(merged).encode())
    index = part.annotation_index
    return _document(part, _with_ids(part, index, _exported_ids(part, dataset, table, index)), categories)


def ignored_json(part: SubsetSplit, dataset: Dataset, table: LabelTable) -> Iterator[bytes]:
    """Yield the document of what is ignored in one split's images, piece by piece."""
    index = ignored_annotations(part, table)
    records = _with_ids(part, index, _exported_ids(part, dataset, table, index))
    return _document(part, records, _category_records(dataset, ignored_categories(part, table)))


def _exported_ids(
    part: SubsetSplit, dataset: Dataset, table: LabelTable, annotation_index: Ints
) -> Iterator[int | None] | None:
    """Return the category id that each annotation has in an export; None where it is that of its source, or all are."""
    merged = () if table.merged_label is None else table.merged_label.category_ids
    several = {group.name for group in dataset.groups if len(group.members) > 1}
    id_of = {each.category_id: each.category_id for each in dataset.categories if each.name in several}
    id_of |= dict.fromkeys(merged, table.merged_category_id or 0)
    if not id_of:
        return None
    positions = part.split.annotations.category_index[annotation_index].tolist()
    return (id_of.get(part.split.category_ids[index]) for index in positions)


def with_category_id(record: bytes, category_id: int) -> bytes:
    """Return an annotation's record with another category id, and every other byte as it was."""
    return _with_value(record, CATEGORY_ID, b"%d" % category_id) or record


def _with_value(record: bytes, key: bytes, text: bytes) -> bytes | None:
    """Return a record with another value of one of its own fields; None where it has no such field."""
    pieces, done, depth = list[bytes](), 0, 0
    for found in TEXT_OR_BRACKET.finditer(record):
        token = found[0]
        depth += (token in (b"{", b"[")) - (token in (b"}", b"]"))
        if depth == 1 and token == key and (value := VALUE.match(record, found.end())):
            pieces += record[done : value.start(1)], text
            done = value.end(1)
    return b"".join(pieces) + record[done:] if pieces else None


def _document(part: SubsetSplit, annotations: Iterable[bytes], categories: Sequence[bytes]) -> Iterator[bytes]:
    split = part.split
    yield b'{"info":' + split.info + b',"licenses":' + split.licences_json + b',"images":['
    yield from _joined(_image_records(part))
    yield b'],"annotations":['
    yield from _joined(annotations)
    yield b'],"categories":[' + b",".join(categories) + b"]}"


def _joined(records: Iterable[bytes]) -> Iterator[bytes]:
    """Yield records with a comma between each two, many at a time."""
    comma, rest = b"", iter(records)
    while several := list(islice(rest, RECORDS_AT_ONCE)):
        yield comma + b",".join(several)
        comma = b","


def _with_ids(part: SubsetSplit, annotation_index: Ints, category_ids: Iterable[int | None] | None) -> Iterable[bytes]:
    """Return the records of annotations, each with its category id; None leaves that as it is, of one or of all."""
    records = part.split.source.records(part.split.annotations.spans[annotation_index])
    if category_ids is None:
        return records
    rows = zip(records, category_ids, strict=True)
    return (record if category_id is None else with_category_id(record, category_id) for record, category_id in rows)


def _image_records(part: SubsetSplit) -> Iterator[bytes]:
    """Yield the records of images, each with its new name where an export has another one, or the file none."""
    split, names = part.split, part.split.images.file_names
    records = split.source.records(split.images.spans[part.image_index])
    for index, record in zip(part.image_index.tolist(), records, strict=True):
        name = exported_name(split, index)
        yield record if name == names[index] and NAMED.search(record) else _renamed(name, record)


def _renamed(name: str, record: bytes) -> bytes:
    text = json.dumps(name).encode()
    return _with_value(record, FILE_NAME, text) or b'{"file_name": ' + text + b", " + record.removeprefix(b"{")


def _category_records(dataset: Dataset, category_ids: Iterable[int]) -> list[bytes]:
    """Return the records of categories in this order, each from the first split that has it; groups have their own."""
    records, of_groups = [], _group_records(dataset)
    for category_id in category_ids:
        if category_id in of_groups:
            records.append(of_groups[category_id])
            continue
        split = next((split for split in dataset.splits if category_id in split.category_spans), None)
        if split is not None:  # else it belongs to a split that is not in view, and no image here has it
            records.append(split.source.record(split.category_spans[category_id]))
    return records


def _group_records(dataset: Dataset) -> dict[int, bytes]:
    """Return the category records of groups by id; a renamed class keeps all else that the file says of it."""
    records = {}
    for group in dataset.groups:
        category = dataset.categories[dataset.category_index_of(group.name)]
        value = {"id": category.category_id, "name": category.name, "supercategory": category.supercategory}
        split = next((split for split in dataset.splits if category.category_id in split.category_spans), None)
        if len(group.members) == 1 and split is not None:
            record = split.source.record(split.category_spans[category.category_id])
            value = json.loads(repaired(record)) | {"name": category.name}
        records[category.category_id] = json.dumps(value, ensure_ascii=False).encode()
    return records
