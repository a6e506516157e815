"""How is a subset's COCO JSON written without touching a record?

Images, annotations and categories are copied byte for byte from the source, in its order, so that unknown fields,
number formats and polygons survive; an absolute `file_name` alone is replaced (`planning.image_names`). Under the
policy "background" the annotations and categories of the selected classes alone are written; under the others all that
the label maps were drawn from.

Source: https://cocodataset.org/#format-data
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from cocomine.coco.dataset import Dataset
from cocomine.exporting.planning.image_names import exported_name
from cocomine.mining.selection.selection import Others, Selection, SubsetSplit

FILE_NAME = re.compile(rb'("file_name"\s*:\s*)"(?:[^"\\]|\\.)*"')


def coco_json(part: SubsetSplit, dataset: Dataset, selection: Selection) -> Iterator[bytes]:
    """Yield the document of one split, piece by piece."""
    split = part.split
    yield b'{"info":' + split.info + b',"licenses":' + split.licences_json + b',"images":['
    records = split.source.records(split.images.spans[part.image_index])
    yield from _joined(_renamed(part, index, record) for index, record in zip(part.image_index, records, strict=True))
    yield b'],"annotations":['
    yield from _joined(split.source.records(split.annotations.spans[part.annotation_index]))
    yield b'],"categories":[' + b",".join(_category_records(dataset, selection)) + b"]}"


def _joined(records: Iterable[bytes]) -> Iterator[bytes]:
    for index, record in enumerate(records):
        yield b"," + record if index else record


def _renamed(part: SubsetSplit, image_index: int, record: bytes) -> bytes:
    """Return an image's record, with its new name where an export has another one."""
    name = exported_name(part.split, image_index)
    if name == part.split.images.file_names[image_index]:
        return record
    return FILE_NAME.sub(lambda found: found[1] + json.dumps(name).encode(), record, count=1)


def _category_records(dataset: Dataset, selection: Selection) -> Sequence[bytes]:
    """Return the category records in the dataset's order, each from the first split that has it."""
    selected = set(selection.classes)
    records = []
    for category in dataset.categories:
        if selection.others is Others.BACKGROUND and category.name not in selected:
            continue
        split = next((split for split in dataset.splits if category.category_id in split.category_spans), None)
        if split is not None:  # else it belongs to a split that is not in view, and no image here has it
            records.append(split.source.record(split.category_spans[category.category_id]))
    return records
