"""Which columns does an annotation file become?

A part is the columns of one block, in which positions count from its own first record; all parts together are those of
the file's split. Ids become positions only at the end, since a file may list its annotations before its images.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import chain, compress
from operator import attrgetter
from pathlib import PurePosixPath
from struct import pack
from typing import Any

import msgspec
import numpy as np
from msgspec import DecodeError, Raw, Struct
from numpy.typing import NDArray

from cocomine.coco.arrays import Floats, Ints
from cocomine.coco.columns import Annotations, Category, Images
from cocomine.coco.dataset import Split
from cocomine.coco.image_folder_search import split_name
from cocomine.coco.mask_encoding import NO_SIZE, MaskEncoding, MaskFlaw, masks_of, number_counts
from cocomine.coco.reading.json_blocks import Block
from cocomine.coco.reading.lenient import numbers_or_none
from cocomine.coco.reading.record_fields import (
    MOST,
    AnnotationFields,
    Box,
    CategoryFields,
    ImageFields,
    PlainAnnotationFields,
)
from cocomine.coco.source_file import SourceFile
from cocomine.coco.split_role import role_of_name
from cocomine.coco.string_column import StringColumn, string_column

SplitWithCategories = tuple[Split, tuple[Category, ...]]
"""What one file holds, and the categories in which its `category_index` counts."""


def split_of(source: SourceFile, categories: tuple[Category, ...], **read: Any) -> Split:
    """Return what was read of a file as a split, which is named for the file; its images are not looked for yet."""
    name = split_name(source.path)
    category_ids = tuple(category.category_id for category in categories)
    return Split(
        name=name, role=role_of_name(name), source=source, image_folder=None, category_ids=category_ids, **read
    )


NO_LICENCE = -1
BOX_NUMBERS = 4
WIDEST_TABLE = 16
"""Places for each id: COCO's lie in five times as many."""
LICENCE = attrgetter("license")
IS_CROWD, AREA, BOX, SEGMENTATION = map(attrgetter, ("iscrowd", "area", "bbox", "segmentation"))

Part = dict[str, NDArray[Any]]
"""Columns by name."""
CategoryRecord = tuple[CategoryFields, tuple[int, int]]
"""With its byte range."""


def image_part(images: Sequence[ImageFields], spans: Ints) -> Part:
    """Return the columns of a block of images."""
    names = string_column(image.file_name or _last_part(image.coco_url or "") for image in images)
    return {
        "ids": _integers(images, "id"),
        "names": names.utf8,
        "name_lengths": np.diff(names.ends, prepend=0),
        "widths": _integers(images, "width"),
        "heights": _integers(images, "height"),
        "licence_ids": np.array(
            [
                each if type(each) is int and -MOST <= each <= MOST else _licence_id(each)
                for each in map(LICENCE, images)
            ],
            dtype=np.int64,
        ),
        "spans": spans,
        "checked_absent": _pairs([image.neg_category_ids for image in images]),
        "not_exhaustive": _pairs([image.not_exhaustive_category_ids for image in images]),
        "is_federated": np.array([image.neg_category_ids is not None for image in images], dtype=bool),
    }


def annotation_part(annotations: Sequence[AnnotationFields] | Sequence[PlainAnnotationFields], spans: Ints) -> Part:
    """Return the columns of a block of annotations, which name image and category by id."""
    masks = masks_of(list(map(SEGMENTATION, annotations)))
    return {
        "ids": _integers(annotations, "id"),
        "image_ids": _integers(annotations, "image_id"),
        "category_ids": _integers(annotations, "category_id"),
        "is_crowd": np.fromiter(map(bool, map(IS_CROWD, annotations)), dtype=bool, count=len(annotations)),
        "areas_px": _floats(list(map(AREA, annotations))),
        "boxes_xywh": _boxes(list(map(BOX, annotations))),
        "mask_encodings": masks.encodings,
        "mask_flaws": masks.flaws,
        "codes": masks.codes,
        "spans": spans,
    }


def category_part(categories: Sequence[CategoryFields], spans: Ints) -> list[CategoryRecord]:
    """Return the categories of a block."""
    return [(fields, (start, stop)) for fields, (start, stop) in zip(categories, spans.tolist(), strict=True)]


PART_OF: dict[str, Callable[[Any, Ints], Any]] = {
    "images": image_part,
    "annotations": annotation_part,
    "categories": category_part,
}
"""What becomes of the records of a block and their byte ranges, by the name of their list."""


def part_of(block: Block) -> Any:
    """Return what is kept of a block."""
    return PART_OF[block.key](block.records, block.spans)


POSITIONED = ("codes", "checked_absent", "not_exhaustive")
"""Columns whose rows begin with a record's position."""


def joined_parts(parts: Sequence[Part], empty: Part) -> Part:
    """Return the parts' columns one after the other; `empty` names the columns where there is no part."""
    joined = {name: np.concatenate([part[name] for part in (empty, *parts)]) for name in empty}
    firsts = np.cumsum([0, *(len(part["ids"]) for part in parts)])[:-1]
    for name in joined.keys() & set(POSITIONED):
        joined[name][:, 0] += np.repeat(firsts, [len(part[name]) for part in parts])
    return joined


def image_columns(parts: Sequence[Part], categories: Sequence[Category]) -> Images:
    """Return the images of a file; what LVIS says about categories that are not listed is left out."""
    columns = joined_parts(parts, image_part([], _no_spans()))
    return Images(
        ids=columns["ids"],
        file_names=StringColumn(columns["names"], np.cumsum(columns["name_lengths"])),
        widths=columns["widths"],
        heights=columns["heights"],
        licence_ids=columns["licence_ids"],
        spans=columns["spans"],
        checked_absent=_by_category_position(columns["checked_absent"], categories),
        not_exhaustive=_by_category_position(columns["not_exhaustive"], categories),
        is_federated=bool(columns["is_federated"].any()),
    )


def annotation_columns(
    parts: Sequence[Part], images: Images, categories: Sequence[Category]
) -> tuple[Annotations, dict[str, Ints], dict[str, Ints]]:
    """Return the annotations of a file, and by the code of their finding the ids of those dropped and remarked."""
    columns = joined_parts(parts, annotation_part([], _no_spans()))
    image_index = positions(columns["image_ids"], images.ids)
    category_index = positions(columns["category_ids"], _category_ids(categories))
    ids = columns["ids"]
    dropped_ids = {"unknown_image": ids[image_index < 0], "unknown_category": ids[category_index < 0]}
    boxes, areas = _finite(columns["boxes_xywh"]), columns["areas_px"]
    kept = (image_index >= 0) & (category_index >= 0)
    without_area = np.flatnonzero(np.isnan(areas))
    with np.errstate(over="ignore"):  # a box may be absurdly large
        areas[without_area] = boxes[without_area, 2] * boxes[without_area, 3]
    has_shape = (columns["mask_encodings"][without_area] != MaskEncoding.NONE) | np.isfinite(areas[without_area])
    lacking = ids[without_area[kept[without_area] & has_shape]]
    remarks = {"missing_area": lacking} if len(lacking) else {}
    found = Annotations(
        ids=ids,
        image_index=image_index,
        category_index=category_index,
        is_crowd=columns["is_crowd"],
        areas_px=_finite(areas),
        boxes_xywh=boxes,
        mask_encodings=columns["mask_encodings"],
        mask_flaws=_mask_flaws(columns["mask_flaws"], columns["codes"], image_index, images),
        spans=columns["spans"],
    )
    if not kept.all():
        found = Annotations(**{field.name: getattr(found, field.name)[kept] for field in fields(Annotations)})
    return found, dropped_ids, remarks


def _mask_flaws(flaws: NDArray[np.uint8], codes: Ints, image_index: Ints, images: Images) -> NDArray[np.uint8]:
    positions, heights, widths = codes[(codes[:, 1] != NO_SIZE) & (image_index[codes[:, 0]] >= 0)].T
    index = image_index[positions]
    is_misfit = (heights != images.heights[index]) | (widths != images.widths[index])
    flaws[positions[is_misfit]] |= np.uint8(MaskFlaw.OTHER_SIZE)
    return flaws


def _finite(numbers: Floats) -> Floats:
    """Return numbers with NaN for infinity, which an absurd one may be written as, or become."""
    is_finite = np.isfinite(numbers)
    return numbers if is_finite.all() else np.where(is_finite, numbers, np.nan)


def positions(ids: Ints, all_ids: Ints) -> Ints:
    """Return where in `all_ids` each id is, -1 where it is not."""
    if not len(all_ids):
        return np.full(len(ids), -1, dtype=np.int64)
    low, high = int(all_ids.min()), int(all_ids.max())
    if high - low < WIDEST_TABLE * len(all_ids):
        return _positions_by_table(ids, all_ids, low=low, high=high)
    order = np.argsort(all_ids, kind="stable")
    found = order[np.minimum(np.searchsorted(all_ids[order], ids), len(all_ids) - 1)]
    return np.where(all_ids[found] == ids, found, -1)


def _positions_by_table(ids: Ints, all_ids: Ints, *, low: int, high: int) -> Ints:
    """Return the same for ids that lie close together: a look-up takes a third of a search."""
    table = np.full(high - low + 1, -1, dtype=np.int64)
    table[all_ids[::-1] - low] = np.arange(len(all_ids))[::-1]  # of equal ones the first
    if len(ids) and low <= ids.min() and ids.max() <= high:
        return table[ids - low]  # as nearly always
    is_near = (ids >= low) & (ids <= high)
    return np.where(is_near, table[np.where(is_near, ids, low) - low], -1)


def _category_ids(categories: Sequence[Category]) -> Ints:
    return np.array([category.category_id for category in categories], dtype=np.int64)


def _by_category_position(pairs: Ints, categories: Sequence[Category]) -> Ints:
    index = positions(pairs[:, 1], _category_ids(categories))
    return np.stack([pairs[:, 0], index], axis=1)[index >= 0]


def _integers(records: Sequence[Struct], name: str) -> Ints:
    return np.fromiter(map(attrgetter(name), records), dtype=np.int64, count=len(records))


def _floats(values: Sequence[float | None]) -> Floats:
    if None in values:
        values = [np.nan if value is None else value for value in values]
    return np.fromiter(values, dtype=np.float64, count=len(values)) + 0.0  # as of boxes


def _boxes(boxes: Sequence[Box | Raw]) -> Floats:
    """Return boxes, (n, 4), NaN where there is none."""
    if set(map(type, boxes)) == {tuple}:
        numbers = pack(f"{BOX_NUMBERS * len(boxes)}d", *chain.from_iterable(boxes))  # faster than numpy reads objects
        return np.frombuffer(numbers).reshape(-1, BOX_NUMBERS) + 0.0  # of -0.0, the same number, other bytes
    return _boxes_in_texts([box for box in boxes if isinstance(box, Raw)]) + 0.0


def _boxes_in_texts(texts: Sequence[Raw]) -> Floats:
    """Return the same of boxes as text: all that are plain are read at once, in a third of the time."""
    is_plain = number_counts(texts) == BOX_NUMBERS
    boxes = np.full((len(texts), BOX_NUMBERS), np.nan)
    try:
        boxes[is_plain] = _plain_boxes(list(compress(texts, is_plain.tolist())))
    except DecodeError:  # a number beyond all floats
        is_plain[:] = False
    for index in np.flatnonzero(~is_plain).tolist():
        numbers = numbers_or_none(bytes(texts[index])) or ()
        if len(numbers) == BOX_NUMBERS:
            boxes[index] = numbers
    return boxes


def _plain_boxes(texts: Sequence[Raw]) -> Floats:
    text = b"[%s]" % b",".join(texts).translate(None, b"[]")
    numbers = msgspec.json.decode(text, type=list[float])
    return np.fromiter(numbers, dtype=np.float64, count=len(numbers)).reshape(-1, BOX_NUMBERS)


def _pairs(lists: Sequence[list[int] | None]) -> Ints:
    """Return (position, id) for every id in every list."""
    counts = [len(each) if each else 0 for each in lists]
    if not any(counts):
        return _no_spans()
    ids = np.fromiter(chain.from_iterable(each for each in lists if each), dtype=np.int64)
    return np.stack([np.repeat(np.arange(len(lists)), counts), ids], axis=1)


def _no_spans() -> Ints:
    return np.zeros((0, 2), dtype=np.int64)


def _licence_id(value: object) -> int:
    licence_id = whole_or_none(value)
    return NO_LICENCE if licence_id is None else licence_id


def whole_or_none(value: object) -> int | None:
    """Return what is whole in value and fits a column; a licence that names nothing is no reason to refuse an image."""
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return int(value) if is_whole and abs(value) <= MOST else None  # type: ignore[call-overload, arg-type]


def _last_part(url: str) -> str:
    return PurePosixPath(url.partition("?")[0]).name
