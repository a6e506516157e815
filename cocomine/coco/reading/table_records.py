"""Which record of JSON does a row of a table stand for?

The bytes in its column `record`, as they were written once, as long as they say what the other columns say; else, and
where there is no such column, a record that is made of the columns, with the fields of `record` that no column has. So
what somebody changed in a column holds, and what nobody touched stays the bytes it was.

A mask has a column of its own: in `record`, null stands in its place.

Source: docs/parquet.md
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Raw, Struct

from cocomine.coco.json_repair import HalfSurrogateError, marked, masked, repaired
from cocomine.coco.reading.columns import whole_or_none
from cocomine.coco.reading.json_blocks import Reader
from cocomine.coco.reading.lenient import text
from cocomine.coco.reading.record_fields import ImageFields

RECORD = "record"
IMAGE_NAMES = (
    "id",
    "file_name",
    "width",
    "height",
    "license",
    "coco_url",
    "flickr_url",
    "date_captured",
    "neg_category_ids",
    "not_exhaustive_category_ids",
)
ANNOTATION_NAMES = ("id", "image_id", "category_id", "iscrowd", "area", "bbox", "segmentation")
CATEGORY_NAMES = ("id", "name", "supercategory")
NULL = b"null"


class ImageRow(ImageFields, gc=False, omit_defaults=True):
    """One row of `images`: what is read of a record, and where the image is from."""

    flickr_url: str | None = None
    date_captured: str | None = None


class _Origin(Struct, gc=False):
    """Two fields of an image's record that are not computed with; they may hold anything."""

    flickr_url: Raw = Raw(NULL)
    date_captured: Raw = Raw(NULL)


class _Mask(Struct, gc=False):
    segmentation: Raw = Raw()


_fields = msgspec.json.Decoder(dict[str, Raw])
_origins = msgspec.json.Decoder(list[_Origin])
_raws = msgspec.json.Decoder(list[Raw])
_mask = msgspec.json.Decoder(_Mask)


def decoded(reader: Reader, texts: Sequence[bytes]) -> tuple[Sequence[Any], dict[str, list[int]]]:
    """Return records as a reader makes them, and positions of records by the code of what is odd about them.

    Raises:
        msgspec.DecodeError: a text is not one record of valid JSON.
        RecordError: a record cannot be read.
    """
    listed = b"[" + b",".join(texts) + b"]"
    plain = masked(listed)
    _require_one_each(texts, plain)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    stops = np.cumsum(lengths + 1)
    try:
        records = reader.strict.decode(plain)
        remarks = marked(listed, plain, np.stack([stops - lengths, stops], axis=1))
    except (msgspec.DecodeError, UnicodeDecodeError, HalfSurrogateError):
        records, remarks = reader.lenient.records(listed)
    return records, remarks


def _require_one_each(texts: Sequence[bytes], plain: bytes) -> None:
    """Make sure that each text is a record by itself; a list of them is one too where a text goes on in the next.

    Args:
        plain: the list of them.

    Raises:
        msgspec.DecodeError: one is none, or more than one.
    """
    if list(map(len, _raws.decode(plain))) == list(map(len, texts)):
        return  # as nearly always: then nothing but commas is between them
    for record in texts:
        _mask.decode(masked(record))


def image_rows(images: Sequence[ImageFields], texts: Sequence[bytes]) -> list[ImageRow]:
    """Return what the columns hold of images, of which the texts of the records are given too."""
    origins = _origins.decode(masked(b"[" + b",".join(texts) + b"]"))
    return [
        ImageRow(
            id=image.id,
            width=image.width,
            height=image.height,
            file_name=image.file_name,
            coco_url=image.coco_url,
            license=whole_or_none(image.license),
            neg_category_ids=image.neg_category_ids,
            not_exhaustive_category_ids=image.not_exhaustive_category_ids,
            flickr_url=_text_or_none(origin.flickr_url),
            date_captured=_text_or_none(origin.date_captured),
        )
        for image, origin in zip(images, origins, strict=True)
    ]


def without_mask(record: bytes) -> tuple[bytes, bytes | None]:
    """Return a record with null in the place of its mask, and the mask; None where it has none."""
    start, stop = _place_of_mask(record)
    mask = record[start:stop]
    return (record, None) if mask in {b"", NULL} else (record[:start] + NULL + record[stop:], mask)


def with_mask(record: bytes, mask: bytes | None) -> bytes | None:
    """Return a record with a mask in the place of its own; None where it has no place for the mask."""
    start, stop = _place_of_mask(record)
    if start == stop:
        return record if mask is None else None
    return record[:start] + (NULL if mask is None else mask) + record[stop:]


def merged(made: bytes, record: bytes, names: Sequence[str]) -> bytes:
    """Return the record that was made of the columns, with the fields that only the written one has.

    Args:
        made: valid JSON.
        record: as it was written; what is no number in it becomes null.
        names: of the fields that columns have.
    """
    own: Mapping[str, Raw] = _fields.decode(repaired(record))
    extra = {name: value for name, value in own.items() if name not in names}
    return msgspec.json.encode({**_fields.decode(masked(made)), **extra}) if extra else made


def _place_of_mask(record: bytes) -> tuple[int, int]:
    """Return where in a record the value of `segmentation` is; an empty range where there is none."""
    plain = masked(record)  # of the same length
    value = _mask.decode(plain).segmentation
    start = _address(value) - _address(plain) if len(value) else 0
    return start, start + len(value)


def _address(buffer: Any) -> int:
    return int(np.frombuffer(buffer, dtype=np.uint8).__array_interface__["data"][0])


def _text_or_none(raw: Raw) -> str | None:
    written = bytes(raw)
    try:
        return text(written) if written.startswith(b'"') else None
    except UnicodeDecodeError:  # who writes the whole record says where
        return None
