"""Who made each image, and under which licence is it?

Licences are per image: no blanket licence is ever stated for an export.

Source: https://cocodataset.org/#termsofuse
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cocomine.coco.image_origin import image_origin
from cocomine.exporting.planning.image_names import exported_name
from cocomine.mining.selection.licences import Terms, terms_at
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.system.csv_text import csv_of_columns

NOT_STATED = "not stated"
FIELDS = ("split", "file", "licence", "licence_url", "flickr_url", "coco_url")


def attribution_csv(parts: Sequence[SubsetSplit]) -> str:
    """Return one line per image: split, file, licence, licence url, flickr_url, coco_url."""
    rows = [row for part in parts for row in _rows(part)]
    return csv_of_columns({field: [row[index] for row in rows] for index, field in enumerate(FIELDS)})


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceCount:
    """How many images of an export are under a licence.

    Attributes:
        terms: what its address is known to allow, None where it is not a known one.
    """

    name: str
    url: str
    image_count: int
    terms: Terms | None


def licence_counts_of(text: str) -> list[LicenceCount]:
    """Return the licences that an `ATTRIBUTION.csv` names, those of most images first.

    Raises:
        ValueError: it lacks a column, or is no CSV.
    """
    reader = csv.DictReader(io.StringIO(text))
    if not {"licence", "licence_url"} <= {*(reader.fieldnames or ())}:
        raise ValueError(f"the columns {', '.join(FIELDS)} are not in it")
    try:
        counts = Counter((row["licence"] or NOT_STATED, row["licence_url"] or "") for row in reader)
    except csv.Error as error:
        raise ValueError(str(error)) from error
    return [
        LicenceCount(name=name, url=url, image_count=count, terms=terms_at(url))
        for (name, url), count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    ]


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
            (licence.name if licence else "") or NOT_STATED,
            licence.url if licence else "",
            origin.flickr_url,
            origin.coco_url,
        )
