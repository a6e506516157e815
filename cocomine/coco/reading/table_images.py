"""Which images and categories does a table hold, and which record does each row stand for?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from cocomine.coco.mask_encoding import LONGEST_SIDE_PX
from cocomine.coco.reading.columns import whole_or_none
from cocomine.coco.reading.json_blocks import Reader
from cocomine.coco.reading.lenient import RecordError
from cocomine.coco.reading.record_fields import READERS, CategoryFields, ImageFields
from cocomine.coco.reading.table_records import (
    CATEGORY_NAMES,
    IMAGE_NAMES,
    RECORD,
    ImageRow,
    decoded,
    image_rows,
    merged,
)
from cocomine.coco.reading.table_values import Batch, batches

BROKEN_RECORD = (msgspec.DecodeError, RecordError, RecursionError, UnicodeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a table as records.

    Attributes:
        fields: what is read of each.
        texts: the record of each as JSON.
        remarks: ids by the code of what is odd about the record.
    """

    fields: Sequence[Any]
    texts: Sequence[bytes]
    remarks: dict[str, list[int]]


def read_images(files: Sequence[Path]) -> Iterator[Rows]:
    """Yield the images of a split.

    Raises:
        DatasetError: a file cannot be read, or a value is none that an image may have.
    """
    for batch in batches(files, (*IMAGE_NAMES, RECORD), required=("id", "width", "height")):
        yield _rows(batch, _image_rows(batch), READERS["images"], IMAGE_NAMES)


def read_categories(files: Sequence[Path]) -> Iterator[Rows]:
    """Yield the categories of a split.

    Raises:
        DatasetError: a file cannot be read, or a value is none that a category may have.
    """
    for batch in batches(files, (*CATEGORY_NAMES, RECORD), required=("id", "name")):
        yield _rows(batch, _category_rows(batch), READERS["categories"], CATEGORY_NAMES)


def _image_rows(batch: Batch) -> list[ImageRow]:
    return [
        ImageRow(
            id=image_id,
            file_name=file_name,
            width=width,
            height=height,
            license=None if licence is None else whole_or_none(licence),
            coco_url=coco_url,
            flickr_url=flickr_url,
            date_captured=date_captured,
            neg_category_ids=absent,
            not_exhaustive_category_ids=not_exhaustive,
        )
        for (
            image_id,
            file_name,
            width,
            height,
            licence,
            coco_url,
            flickr_url,
            date_captured,
            absent,
            not_exhaustive,
        ) in zip(
            batch.wholes("id").tolist(),
            batch.texts("file_name"),
            batch.wholes("width", low=1, high=LONGEST_SIDE_PX).tolist(),
            batch.wholes("height", low=1, high=LONGEST_SIDE_PX).tolist(),
            batch.values("license"),
            batch.texts("coco_url"),
            batch.texts("flickr_url"),
            batch.moments("date_captured"),
            batch.id_lists("neg_category_ids"),
            batch.id_lists("not_exhaustive_category_ids"),
            strict=True,
        )
    ]


def _category_rows(batch: Batch) -> list[CategoryFields]:
    names = batch.texts("name")
    if None in names:
        raise batch.refusal("name", names.index(None), "null (no value)", "the name of each category")
    found = zip(batch.wholes("id").tolist(), names, batch.texts("supercategory"), strict=True)
    return [CategoryFields(id=one, name=name or "", supercategory=above or "") for one, name, above in found]


def _rows(batch: Batch, rows: Sequence[Any], reader: Reader, names: Sequence[str]) -> Rows:
    """Return rows with their records: as they were written where these say the same, else as the columns say."""
    made = [msgspec.json.encode(row) for row in rows]
    written = batch.texts(RECORD)
    positions = [position for position, text in enumerate(written) if text is not None]
    texts = [str(written[position]).encode() for position in positions]
    try:
        records, remarks = decoded(reader, texts)
    except BROKEN_RECORD as error:
        raise broken_record(batch, positions, texts, reader, error) from error
    fields: list[Any] = list(rows)
    are_same = [said == rows[position] for said, position in zip(_said(records, texts), positions, strict=True)]
    for record, position, text, is_same in zip(records, positions, texts, are_same, strict=True):
        made[position] = text if is_same else merged(made[position], text, names)
        fields[position] = record if is_same else fields[position]
    kept = {code: [records[each].id for each in found if are_same[each]] for code, found in remarks.items()}
    return Rows(fields=fields, texts=made, remarks=kept)


def _said(records: Sequence[Any], texts: Sequence[bytes]) -> Sequence[Any]:
    """Return what the columns would hold of records."""
    if records and isinstance(records[0], ImageFields):
        return image_rows(records, texts)
    return [CategoryFields(id=each.id, name=each.name, supercategory=each.supercategory or "") for each in records]


def broken_record(
    batch: Batch, positions: Sequence[int], texts: Sequence[bytes], reader: Reader, error: Exception
) -> Exception:
    """Return what to say about the first of these records that cannot be read."""
    for position, text in zip(positions, texts, strict=True):
        try:
            decoded(reader, [text])
        except BROKEN_RECORD:
            meant = "the record as JSON, or null where there is none"
            return batch.refusal(RECORD, position, repr(text.decode(errors="replace")), meant)
    return error
