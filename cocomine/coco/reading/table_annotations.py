"""Which annotations does a table hold, and which record does each row stand for?

Where a table has no records, thousands of rows at once become columns and text, by arithmetic on columns. Where it has,
each is decoded as the record of a JSON file is, and compared with the columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Raw
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.json_repair import NOT_STRICT, masked
from cocomine.coco.mask_encoding import SegmentationText, masks_of, no_masks
from cocomine.coco.reading.columns import Part, annotation_part
from cocomine.coco.reading.lenient import RecordError
from cocomine.coco.reading.record_fields import READERS
from cocomine.coco.reading.table_document import SEPARATOR
from cocomine.coco.reading.table_records import ANNOTATION_NAMES, RECORD, decoded, merged, with_mask
from cocomine.coco.reading.table_values import Batch, batches

COMPARED = ("ids", "image_ids", "category_ids", "is_crowd", "areas_px", "boxes_xywh")
REQUIRED = ("id", "image_id", "category_id")
BROKEN = (msgspec.DecodeError, RecordError, RecursionError, UnicodeError)
_masks = msgspec.json.Decoder(list[SegmentationText])
_raws = msgspec.json.Decoder(list[Raw])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnnotationRows:
    """Rows of `annotations` as columns and as text.

    Attributes:
        part: the columns, with positions from 0 and without `spans`.
        text: the records, a `SEPARATOR` before each.
        lengths: bytes of each in the text, with its separator, (n,).
        remarks: positions by the code of what is odd about the record.
    """

    part: Part
    text: bytes | memoryview
    lengths: Ints
    remarks: Mapping[str, Sequence[int]]

    @property
    def first_record(self) -> bytes:
        """The bytes of the first one."""
        return bytes(memoryview(self.text)[len(SEPARATOR) : int(self.lengths[0])])


def read_annotations(files: Sequence[Path]) -> Iterator[AnnotationRows]:
    """Yield the annotations of a split.

    Raises:
        DatasetError: a file cannot be read, or a value is none that an annotation may have.
    """
    for batch in batches(files, (*ANNOTATION_NAMES, RECORD), required=REQUIRED):
        if batch.count:
            masks = None if batch.is_empty("segmentation") else batch.json_texts("segmentation")
            yield _of_columns(batch, masks) if batch.is_empty(RECORD) else _of_records(batch, masks)


def _numbers(batch: Batch) -> Part:
    """Return what the columns say but for the masks."""
    return {
        "ids": batch.wholes("id"),
        "image_ids": batch.wholes("image_id"),
        "category_ids": batch.wholes("category_id"),
        "is_crowd": batch.flags("iscrowd"),
        "areas_px": batch.numbers("area"),
        "boxes_xywh": batch.boxes("bbox"),
    }


Masks = Sequence[bytes | None] | None
"""As JSON, None where there is none; None where there is not one in all rows."""


def _of_columns(batch: Batch, masks: Masks) -> AnnotationRows:
    part = _numbers(batch)
    texts = _made_texts(part, masks)
    found = no_masks(batch.count) if masks is None else masks_of(_segmentations(batch, masks))
    part |= {"mask_encodings": found.encodings, "mask_flaws": found.flaws, "codes": found.codes}
    are_odd = [row for row, mask in enumerate(masks or ()) if mask is not None and masked(mask) is not mask]
    remarks = {NOT_STRICT: are_odd} if are_odd else {}
    return AnnotationRows(part=part, text=texts.text, lengths=texts.lengths, remarks=remarks)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Texts:
    """Records one after another, as in `AnnotationRows`."""

    text: memoryview
    lengths: Ints

    def each(self) -> list[bytes]:
        stops = np.cumsum(self.lengths)
        starts = stops - self.lengths + len(SEPARATOR)
        return [bytes(self.text[start:stop]) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]


def _made_texts(part: Part, masks: Masks) -> _Texts:
    """Return a record for each row; what is null is left out."""
    pieces = [
        SEPARATOR + b'{"id":',
        _digits(part["ids"]),
        b',"image_id":',
        _digits(part["image_ids"]),
        b',"category_id":',
        _digits(part["category_ids"]),
        b',"iscrowd":',
        _digits(part["is_crowd"].astype(np.int64)),
        *_member(b',"area":', _floats(part["areas_px"])),
        *_member(b',"bbox":[', *_box_texts(part["boxes_xywh"]), b"]"),
    ]
    if masks is not None:
        pieces += _member(b',"segmentation":', pa.array(masks, pa.large_binary()))
    joined = _joined(*pieces, b"}", null_handling="replace")
    _, offsets, data = joined.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64, count=len(joined) + 1)
    return _Texts(text=memoryview(data)[: ends[-1]], lengths=np.diff(ends))


def _joined(*pieces: Any, null_handling: str = "emit_null") -> pa.Array:
    typed = [pa.scalar(each, pa.large_binary()) if isinstance(each, bytes) else each for each in pieces]
    nothing = pa.scalar(b"", pa.large_binary())
    return pc.binary_join_element_wise(*typed, nothing, null_handling=null_handling, null_replacement="")


def _member(*pieces: Any) -> Sequence[Any]:
    """Return the pieces of a field: where some are null, all in one, which is null there too; it is a copy."""
    return [_joined(*pieces)] if any(isinstance(each, pa.Array) and each.null_count for each in pieces) else pieces


def _digits(values: Ints) -> pa.Array:
    return pa.array(values).cast(pa.large_string()).cast(pa.large_binary())


def _floats(values: Floats) -> pa.Array:
    """Return the shortest texts that are these numbers, null for NaN."""
    return pa.array(values, mask=np.isnan(values)).cast(pa.large_string()).cast(pa.large_binary())


def _box_texts(boxes: Floats) -> Sequence[Any]:
    left, top, width, height = map(_floats, boxes.T)
    return [left, b",", top, b",", width, b",", height]


def _segmentations(batch: Batch, masks: Sequence[bytes | None]) -> Sequence[SegmentationText]:
    texts = [b"null" if mask is None else mask for mask in masks]
    found = _decoded_together(texts)
    return [_segmentation(batch, row, text) for row, text in enumerate(texts)] if found is None else found


def _decoded_together(texts: Sequence[bytes]) -> Sequence[SegmentationText] | None:
    """Return masks, as fast as they can be decoded; None where one is broken, which only each by itself tells."""
    plain = masked(b"[" + b",".join(texts) + b"]")
    try:
        are_whole = list(map(len, _raws.decode(plain))) == list(map(len, texts))
        return _masks.decode(plain) if are_whole else None
    except BROKEN:
        return None


def _segmentation(batch: Batch, row: int, text: bytes) -> SegmentationText:
    """Return one mask; a number beyond all floats is none.

    Raises:
        DatasetError: it is no JSON.
    """
    listed = b"[" + masked(text) + b"]"
    try:
        count = len(_raws.decode(listed))
    except BROKEN:
        count = 0
    if count != 1:
        meant = "polygons or a run-length code as JSON, such as [[1, 1, 5, 1, 5, 5]]"
        raise batch.refusal("segmentation", row, repr(text.decode(errors="replace")), meant)
    try:
        return _masks.decode(listed)[0]
    except BROKEN:
        return False


def _of_records(batch: Batch, masks: Masks) -> AnnotationRows:
    numbers = _numbers(batch)
    made = _made_texts(numbers, masks).each()
    written = [None if text is None else text.encode() for text in batch.texts(RECORD)]
    each_mask = masks or [None] * batch.count
    _segmentations(batch, each_mask)  # refuses what is no JSON, which would be copied into records
    texts = [
        _verbatim(batch, row, record, mask) for row, (record, mask) in enumerate(zip(written, each_mask, strict=True))
    ]
    part, remarks = _decoded(batch, [text or made[row] for row, text in enumerate(texts)])
    are_same = _same_rows(part, numbers)
    if not are_same.all() or None in texts:
        final = [
            text if text is not None and is_same else _mended(made[row], written[row])
            for row, (text, is_same) in enumerate(zip(texts, are_same.tolist(), strict=True))
        ]
        part, remarks = _decoded(batch, final)
    else:
        final = [text for text in texts if text is not None]
    lengths = np.fromiter(map(len, final), dtype=np.int64, count=len(final)) + len(SEPARATOR)
    return AnnotationRows(part=part, text=SEPARATOR + SEPARATOR.join(final), lengths=lengths, remarks=remarks)


def _verbatim(batch: Batch, row: int, record: bytes | None, mask: bytes | None) -> bytes | None:
    """Return a record as it was written, with its mask; None where there is none, or no place for the mask."""
    try:
        return None if record is None else with_mask(record, mask)
    except BROKEN:
        raise _refusal(batch, row, record or b"") from None


def _mended(made: bytes, record: bytes | None) -> bytes:
    return made if record is None else merged(made, record, ANNOTATION_NAMES)


def _decoded(batch: Batch, texts: Sequence[bytes]) -> tuple[Part, Mapping[str, Sequence[int]]]:
    try:
        records, remarks = decoded(READERS["annotations"], texts)
    except BROKEN:
        raise _first_refusal(batch, texts) from None
    part = annotation_part(records, np.zeros((len(records), 2), dtype=np.int64))
    del part["spans"]
    return part, remarks


def _first_refusal(batch: Batch, texts: Sequence[bytes]) -> Exception:
    for row, text in enumerate(texts):
        try:
            decoded(READERS["annotations"], [text])
        except BROKEN:
            return _refusal(batch, row, text)
    raise AssertionError("the texts can be read one by one, and not together")


def _refusal(batch: Batch, row: int, text: bytes) -> Exception:
    meant = "the annotation's record as JSON, or null where there is none"
    return batch.refusal(RECORD, row, repr(text.decode(errors="replace")), meant)


def _same_rows(part: Part, numbers: Part) -> Bools:
    """Return in which rows the records say what the columns say."""
    are_same = np.ones(len(part["ids"]), dtype=bool)
    for name in COMPARED:
        one, other = _comparable(part[name]), numbers[name]
        is_equal = (one == other) | (np.isnan(one) & np.isnan(other)) if one.dtype == np.float64 else one == other
        are_same &= is_equal.reshape(len(are_same), -1).all(axis=1)
    return are_same


def _comparable(values: NDArray[Any]) -> NDArray[Any]:
    """Return what a column holds of such values: nothing for a number that is none, nor for a box with one in it."""
    if values.dtype != np.float64:
        return values
    is_finite = np.isfinite(values)
    return np.where(is_finite if values.ndim == 1 else is_finite.all(axis=1, keepdims=True), values, np.nan)
