"""Who made each image, and under which licence is it?

Licences are per image: no blanket licence is ever stated for an export.

Source: https://cocodataset.org/#termsofuse
"""

from collections.abc import Iterator, Sequence

from cocomine.coco.image_origin import image_origin
from cocomine.exporting.planning.image_names import exported_name
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.system.csv_text import csv_of_columns

FIELDS = ("split", "file", "licence", "licence_url", "flickr_url", "coco_url")


def attribution_csv(parts: Sequence[SubsetSplit]) -> str:
    """Return one line per image: split, file, licence, licence url, flickr_url, coco_url."""
    rows = [row for part in parts for row in _rows(part)]
    return csv_of_columns({field: [row[index] for row in rows] for index, field in enumerate(FIELDS)})


def _rows(part: SubsetSplit) -> Iterator[tuple[str, ...]]:
    """Yield the fields of each image."""
    split = part.split
    licences = {licence.licence_id: licence for licence in split.licences}
    records = split.source.records(split.images.spans[part.image_index])
    for index, record in zip(part.image_index, records, strict=True):
        licence = licences.get(int(split.images.licence_ids[index]))
        origin = image_origin(record)
        yield (
            split.name,
            exported_name(split, int(index)),
            licence.name if licence else "not stated",
            licence.url if licence else "",
            origin.flickr_url,
            origin.coco_url,
        )
