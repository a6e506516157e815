"""How is a subset's COCO JSON written without touching a record?

Images, annotations and categories are copied byte for byte from the source, in
its order, so that unknown fields, number formats and polygons survive. Under
the policy "background" the annotations and categories of the picked classes
alone are written; under the others all that the label maps were drawn from.

Source: https://cocodataset.org/#format-data
"""

from collections.abc import Iterator, Sequence

from cocomine.coco.dataset import Dataset, Ints
from cocomine.coco.source import SourceFile
from cocomine.mining.selection import Others, Selection, SubsetSplit


def coco_json(part: SubsetSplit, dataset: Dataset, selection: Selection) -> Iterator[bytes]:
    """Yield the document of one split, piece by piece."""
    split = part.split
    yield b'{"info":' + split.info + b',"licenses":' + split.licences_json + b',"images":['
    yield from _records(split.source, split.images.spans[part.image_index])
    yield b'],"annotations":['
    yield from _records(split.source, split.annotations.spans[part.annotation_index])
    yield b'],"categories":[' + b",".join(_category_records(dataset, selection)) + b"]}"


def _records(source: SourceFile, spans: Ints) -> Iterator[bytes]:
    for index, record in enumerate(source.records(spans)):
        yield b"," + record if index else record


def _category_records(dataset: Dataset, selection: Selection) -> Sequence[bytes]:
    """Return the category records in the dataset's order, each from the first split that has it."""
    wanted = set(selection.classes)
    records = []
    for category in dataset.categories:
        if selection.others is Others.BACKGROUND and category.name not in wanted:
            continue
        split = next((split for split in dataset.splits if category.category_id in split.category_spans), None)
        if split is not None:  # else it belongs to a split that is not in view, and no image here has it
            records.append(split.source.record(split.category_spans[category.category_id]))
    return records
