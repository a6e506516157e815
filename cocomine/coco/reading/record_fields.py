"""Which fields of a record do we compute with, and how is each read?

Each kind of record is read in two ways with the same result: typed, thousands at
once, and field by field where that refuses. Annotations as nearly all are have a faster
typed way, without an object for each polygon.

Source: https://cocodataset.org/#format-data
"""

import math
from collections.abc import Sequence
from functools import partial
from itertools import compress
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from cocomine.coco.mask_encoding import LONGEST_SIDE_PX, SegmentationText, are_sound
from cocomine.coco.reading.json_blocks import Reader
from cocomine.coco.reading.lenient import (
    LenientReader,
    any_whole,
    flag,
    number_or_none,
    text,
    text_or_none,
    whole,
    wholes,
)

MOST = 2**63 - 1
Id = Annotated[int, Meta(ge=-MOST - 1, le=MOST)]
"""What a column can hold."""
NULL = Raw(b"null")
Box = tuple[float, float, float, float]
NO_BOX = (math.nan,) * 4
SidePx = Annotated[int, Meta(ge=1, le=LONGEST_SIDE_PX)]
_segmentation: "msgspec.json.Decoder[SegmentationText]" = msgspec.json.Decoder(SegmentationText)


class ImageFields(Struct, gc=False):
    """What is read of an entry of `images`."""

    id: Id
    width: SidePx
    height: SidePx
    file_name: str | None = None
    coco_url: str | None = None
    license: Any = None
    neg_category_ids: list[Id] | None = None
    not_exhaustive_category_ids: list[Id] | None = None


class AnnotationFields(Struct, gc=False):
    """What is read of an entry of `annotations`."""

    id: Id
    image_id: Id
    category_id: Id
    iscrowd: int | bool | None = 0
    area: float | None = None
    bbox: Raw = NULL
    segmentation: SegmentationText = None


class PlainAnnotationFields(Struct, gc=False):
    """The same of an entry whose box is four numbers, if it has one."""

    id: Id
    image_id: Id
    category_id: Id
    iscrowd: int | bool | None = 0
    area: float | None = None
    bbox: Box = NO_BOX
    segmentation: Raw = NULL


class CategoryFields(Struct, gc=False):
    """What is read of an entry of `categories`."""

    id: Id
    name: str
    supercategory: str | None = ""


class AnnotationDecoder:
    """Decodes lists of annotations: as plain ones if all of a list are."""

    _plain = msgspec.json.Decoder(list[PlainAnnotationFields])
    _any = msgspec.json.Decoder(list[AnnotationFields])
    _segmentations = msgspec.json.Decoder(list[SegmentationText])

    def decode(self, text: Any) -> Sequence[PlainAnnotationFields] | list[AnnotationFields]:
        """Return the records of a list.

        Raises:
            msgspec.DecodeError: it is not valid JSON, or a record is not what it must be.
            UnicodeDecodeError: a text is no UTF-8.
        """
        try:
            records = self._plain.decode(text)
            self._decode_doubtful(records)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._any.decode(text)
        return records

    def _decode_doubtful(self, records: Sequence[PlainAnnotationFields]) -> None:
        """Put what a text holds in its place, but where it is sound; the field's type is what msgspec decodes."""
        texts = [record.segmentation for record in records]
        are_doubtful = (~are_sound(texts)).tolist()
        found = self._segmentations.decode(b"[%s]" % b",".join(compress(texts, are_doubtful)))
        for record, value in zip(compress(records, are_doubtful), found, strict=True):
            record.segmentation = value  # type: ignore[assignment]


def _shape(raw: bytes) -> SegmentationText:
    """Return a segmentation as text; a number beyond all floats is no mask."""
    try:
        return _segmentation.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _supercategory(raw: bytes) -> str:
    try:
        return text(raw)
    except ValueError:
        return ""


_side = partial(whole, low=1, high=LONGEST_SIDE_PX)
READERS = {
    "images": Reader(
        msgspec.json.Decoder(list[ImageFields]),
        LenientReader(
            kind=ImageFields,
            fields={
                "id": whole,
                "width": _side,
                "height": _side,
                "file_name": text_or_none,
                "coco_url": text_or_none,
                "license": any_whole,
                "neg_category_ids": wholes,
                "not_exhaustive_category_ids": wholes,
            },
            required=frozenset({"id", "width", "height"}),
        ),
    ),
    "annotations": Reader(
        AnnotationDecoder(),
        LenientReader(
            kind=AnnotationFields,
            fields={
                "id": whole,
                "image_id": whole,
                "category_id": whole,
                "iscrowd": flag,
                "area": number_or_none,
                "bbox": Raw,
                "segmentation": _shape,
            },
            required=frozenset({"id", "image_id", "category_id"}),
        ),
    ),
    "categories": Reader(
        msgspec.json.Decoder(list[CategoryFields]),
        LenientReader(
            kind=CategoryFields,
            fields={"id": whole, "name": text, "supercategory": _supercategory},
            required=frozenset({"id", "name"}),
        ),
    ),
}
