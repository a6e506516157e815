"""How do tables become the columns of a split?

In one pass, which writes the JSON document that they stand for: the spans of records point into it, so that masks are
drawn and exports are written from its bytes, as from those of an annotation file. Its SHA-256 is the source's: it
depends on what the tables say and on the order of their rows, not on how a program stored them.

Columns go through the checks of a file's, piece by piece, so that the memory does not grow with the annotations.

Source: docs/parquet.md
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from cocomine.coco.arrays import Ints
from cocomine.coco.columns import Annotations, Category, Images
from cocomine.coco.json_repair import repaired
from cocomine.coco.reading.column_files import ColumnFiles
from cocomine.coco.reading.columns import (
    CategoryRecord,
    Part,
    SplitWithCategories,
    annotation_columns,
    image_columns,
    image_part,
    split_of,
)
from cocomine.coco.reading.file_kinds import kind_of
from cocomine.coco.reading.small_lists import (
    listed_categories,
    listed_licences,
    refuse_duplicates,
    without_twins,
)
from cocomine.coco.reading.stored_columns import ANNOTATION_COLUMNS
from cocomine.coco.reading.table_annotations import AnnotationRows, read_annotations
from cocomine.coco.reading.table_document import Document, document_in, document_of
from cocomine.coco.reading.table_images import read_categories, read_images
from cocomine.coco.reading.table_values import batches, row_count
from cocomine.coco.source_file import SourceFile
from cocomine.coco.table_folder import ANNOTATIONS, CATEGORIES, IMAGES, SPLITS, table_files
from cocomine.errors import DatasetError
from cocomine.system.files import Stamp
from cocomine.system.jobs import Progress

ROWS_AT_ONCE = 1 << 20
"""Annotations that are checked together: their images are looked up among all images each time."""
NO_VALUES = {"info": b"{}", "licenses": b"[]"}
"""What stands for a small value that is missing, by the name of its column."""

IdsByCode = dict[str, list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Categories:
    listed: tuple[Category, ...]
    spans: Mapping[int, tuple[int, int]]
    remarks: Mapping[str, Sequence[int]]
    twins: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Annotations:
    columns: Annotations
    first_record: bytes
    dropped_ids: Mapping[str, Ints]
    lacking: Mapping[str, Ints]
    remarks: Mapping[str, Sequence[int]]


def read_tables(source_path: Path, stamp: Stamp, folder: Path, progress: Progress) -> SplitWithCategories:
    """Read the tables of one split.

    Args:
        source_path: that stands for the split.
        stamp: of its files, before they are read.
        folder: an empty one; gets the document, and the columns of the annotations as .npy files.
        progress: called with how far it is, in bytes.

    Raises:
        DatasetError: a file is damaged or lacks a column, or a value is none that a record may have.
        OSError: the folder cannot be written.
    """
    tables = _Tables(path=source_path, folder=folder, stamp=stamp, progress=progress)
    with document_in(folder) as document:
        values = tables.small_values()
        document.write(b'{"info":' + values["info"] + b',"licenses":' + values["licenses"])
        categories = tables.categories(document)
        images, image_remarks = tables.images(document, categories.listed)
        annotations = tables.annotations(document, images, categories.listed)
        document.write(b"\n]}\n")
    pa.default_memory_pool().release_unused()  # or the process would keep the room that the largest rows took
    remarks = _joined_ids(categories.remarks, image_remarks, annotations.remarks)
    sha256 = document.sha256
    split = split_of(
        SourceFile(path=source_path, stamp=stamp, sha256=sha256, document=document_of(folder, sha256)),
        categories.listed,
        kind=kind_of(images, annotations.columns, categories.listed, annotations.first_record),
        info=values["info"],
        licences=listed_licences(values["licenses"]),
        licences_json=values["licenses"],
        category_spans=categories.spans,
        images=images,
        annotations=annotations.columns,
        dropped_ids=annotations.dropped_ids,
        remarks={**annotations.lacking, **_as_arrays({**remarks, **categories.twins})},
    )
    return split, categories.listed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    """The tables of one split, and where what they hold is written."""

    path: Path
    folder: Path
    stamp: Stamp
    progress: Progress

    def small_values(self) -> dict[str, bytes]:
        """Return `info` and `licenses` as JSON."""
        found = dict(NO_VALUES)
        for batch in batches(table_files(self.path, SPLITS), tuple(NO_VALUES), required=()):
            for name in NO_VALUES:
                for row, text in enumerate(batch.texts(name)):
                    if text is not None:
                        found[name] = repaired(text.encode())
                        if not _is_json(found[name]):
                            raise batch.refusal(name, row, repr(text), "JSON, or null where there is none")
        return found

    def categories(self, document: Document) -> _Categories:
        document.begin_list(b',"categories":[\n')
        records: list[CategoryRecord] = []
        remarks: list[Mapping[str, Sequence[int]]] = []
        for rows in read_categories(table_files(self.path, CATEGORIES)):
            spans = [(start, stop) for start, stop in document.write_records(rows.texts).tolist()]
            records += zip(rows.fields, spans, strict=True)
            remarks.append(rows.remarks)
        if not records:
            raise DatasetError(
                f"{self.path}: there are no categories, so that nothing says what the annotations show. "
                "Write the table 'categories' with the columns 'id' and 'name'."
            )
        kept, twins = without_twins(self.path, records, [{"category_ids": self._used_categories()}])
        listed, spans_by_id = listed_categories(kept)
        return _Categories(listed=listed, spans=spans_by_id, remarks=_joined_ids(*remarks), twins=twins)

    def images(self, document: Document, categories: Sequence[Category]) -> tuple[Images, IdsByCode]:
        document.begin_list(b'\n],"images":[\n')
        parts: list[Part] = []
        remarks: list[Mapping[str, Sequence[int]]] = []
        for rows in read_images(table_files(self.path, IMAGES)):
            parts.append(image_part(rows.fields, document.write_records(rows.texts)))
            remarks.append(rows.remarks)
        images = image_columns(parts, categories)
        refuse_duplicates(self.path, IMAGES, images.ids.tolist())
        return images, _joined_ids(*remarks)

    def annotations(self, document: Document, images: Images, categories: Sequence[Category]) -> _Annotations:
        document.begin_list(b'\n],"annotations":[\n')
        dropped: list[Mapping[str, Ints]] = []
        lacking: list[Mapping[str, Ints]] = []
        remarks: list[Mapping[str, Sequence[int]]] = []
        first_record = b""
        columns = ColumnFiles(self.folder, ANNOTATIONS, ANNOTATION_COLUMNS)
        with columns:
            for group in _in_groups(self._annotation_rows()):
                parts = [_part_of(rows, document) for rows in group]
                first_record = first_record or group[0].first_record
                remarks += map(_ids_of, group)
                found, unknown, without_area = annotation_columns(parts, images, categories)
                columns.append({each.name: getattr(found, each.name) for each in fields(found)})
                dropped.append(unknown)
                lacking.append(without_area)
        return _Annotations(
            columns=Annotations(**columns.mapped()),
            first_record=first_record,
            dropped_ids=_joined_arrays(NO_DROPPED, *dropped),
            lacking=_joined_arrays(*lacking),
            remarks=_joined_ids(*remarks),
        )

    def _annotation_rows(self) -> Iterator[AnnotationRows]:
        files = table_files(self.path, ANNOTATIONS)
        total, done = row_count(files), 0
        for rows in read_annotations(files):
            yield rows
            done += len(rows.lengths)
            self.progress(self.stamp.size * done // total, self.stamp.size)

    def _used_categories(self) -> Ints:
        """Return the category ids that annotations name."""
        found = batches(table_files(self.path, ANNOTATIONS), ("category_id",), required=("category_id",))
        each = [np.unique(batch.wholes("category_id")) for batch in found]
        return np.unique(np.concatenate(each)) if each else np.zeros(0, dtype=np.int64)


NO_DROPPED: Mapping[str, Ints] = dict.fromkeys(("unknown_image", "unknown_category"), np.zeros(0, dtype=np.int64))


def _in_groups(batches_of_rows: Iterator[AnnotationRows]) -> Iterator[list[AnnotationRows]]:
    """Yield rows in groups of about `ROWS_AT_ONCE`."""
    group: list[AnnotationRows] = []
    for rows in batches_of_rows:
        group.append(rows)
        if sum(len(each.lengths) for each in group) >= ROWS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _part_of(rows: AnnotationRows, document: Document) -> Part:
    """Write the records of rows, and return their columns."""
    return {**rows.part, "spans": document.write_joined(rows.text, rows.lengths)}


def _ids_of(rows: AnnotationRows) -> IdsByCode:
    return {code: rows.part["ids"][np.array(found)].tolist() for code, found in rows.remarks.items() if len(found)}


def _joined_ids(*each: Mapping[str, Sequence[int]]) -> IdsByCode:
    codes = dict.fromkeys(chain.from_iterable(each))
    found = {code: list(chain.from_iterable(ids.get(code, ()) for ids in each)) for code in codes}
    return {code: ids for code, ids in found.items() if ids}


def _joined_arrays(*each: Mapping[str, Ints]) -> dict[str, Ints]:
    codes = dict.fromkeys(chain.from_iterable(each))
    return {code: np.concatenate([ids[code] for ids in each if code in ids]) for code in codes}


def _as_arrays(ids: Mapping[str, Sequence[int]]) -> dict[str, Ints]:
    return {code: np.array(found, dtype=np.int64) for code, found in ids.items()}


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
