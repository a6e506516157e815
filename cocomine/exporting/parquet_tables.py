"""How does a dataset become a folder of Parquet tables that other programs read, and that opens here again?

The annotation files are read record by record: what names an image that is not there has its row too. A record stands
in it as it was written, but for its mask, which has a column; so a subset has the same bytes either way.

The folder is written beside its place under a hidden name, and renamed when it is complete.

Source: docs/parquet.md
"""

import glob
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.reading.columns import annotation_part
from cocomine.coco.reading.json_blocks import Block, scanned
from cocomine.coco.reading.record_fields import READERS
from cocomine.coco.reading.table_records import (
    ANNOTATION_NAMES,
    CATEGORY_NAMES,
    IMAGE_NAMES,
    RECORD,
    image_rows,
    without_mask,
)
from cocomine.coco.table_folder import ANNOTATIONS, CATEGORIES, IMAGES, SPLITS, partition_name
from cocomine.errors import ExportError
from cocomine.exporting.staging import is_own_folder
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to

ROWS_OF_GROUP = 1 << 16
FILE = "part-0.parquet"
PART = ".cocomine-part-"
IDS = pa.list_(pa.int64())
SCHEMAS = {
    IMAGES: pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            ("file_name", pa.string()),
            pa.field("width", pa.int64(), nullable=False),
            pa.field("height", pa.int64(), nullable=False),
            ("license", pa.int64()),
            ("coco_url", pa.string()),
            ("flickr_url", pa.string()),
            ("date_captured", pa.string()),
            ("neg_category_ids", IDS),
            ("not_exhaustive_category_ids", IDS),
            (RECORD, pa.string()),
        ]
    ),
    ANNOTATIONS: pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("image_id", pa.int64(), nullable=False),
            pa.field("category_id", pa.int64(), nullable=False),
            pa.field("iscrowd", pa.int8(), nullable=False),
            ("area", pa.float64()),
            ("bbox", pa.list_(pa.float64())),
            ("segmentation", pa.string()),
            (RECORD, pa.string()),
        ]
    ),
    CATEGORIES: pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("name", pa.string(), nullable=False),
            ("supercategory", pa.string()),
            (RECORD, pa.string()),
        ]
    ),
    SPLITS: pa.schema([("info", pa.string()), ("licenses", pa.string())]),
}
TEXTS_OF_THEIR_OWN = ("segmentation", RECORD)
"""Columns in which hardly a value occurs twice, so that a dictionary of them only costs time."""

Columns = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTables:
    """What was written.

    Attributes:
        rows: of each table, by split and name.
        size_bytes: of all files.
    """

    folder: Path
    rows: Mapping[str, Mapping[str, int]]
    size_bytes: int


def write_tables(dataset: Dataset, folder: Path, progress: Progress) -> WrittenTables:
    """Write a dataset as tables into a new or an empty folder.

    Args:
        dataset: as it was opened; groups of classes change nothing.
        folder: where the tables come.
        progress: called with how far it is, in bytes of the annotation files.

    Raises:
        ExportError: the folder holds something, or a record holds bytes that are no UTF-8.
        DatasetError: an annotation file changed since it was opened.
        StorageError: the disk is full, or the folder may not be written to.
    """
    folder = Path(os.path.normpath(folder.expanduser().absolute()))
    total = sum(split.source.file.stamp.size for split in dataset.splits)
    rows: dict[str, Mapping[str, int]] = {}
    done = 0
    with writing_to(folder), _appearing(folder) as part:
        for split in dataset.splits:
            rows[split.name] = _write_split(split, part, _from(done, total, progress))
            done += split.source.file.stamp.size
        size = sum(path.stat().st_size for path in part.rglob(f"*{FILE}"))
    return WrittenTables(folder=folder, rows=rows, size_bytes=size)


def _from(before: int, total: int, progress: Progress) -> Callable[[int], None]:
    """Return what tells how far a file is as part of all."""
    return lambda done: progress(before + done, total)


def _refuse_taken(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if os.path.lexists(folder):
        raise ExportError(f"{folder}: there is something here already. Name a folder that is new or empty.")


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """Yield a new folder beside another, whose place it takes if the block ends well.

    Raises:
        ExportError: that one holds something.
        OSError: the system does not let us.
    """
    _refuse_taken(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_behind(folder)
    part = folder.with_name(f".{folder.name}{PART}{os.getpid()}-{threading.get_ident()}")
    part.mkdir()
    try:
        yield part
        if folder.is_dir():
            folder.rmdir()
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _remove_left_behind(folder: Path) -> None:
    """Remove what killed processes left of the same folder."""
    for left in folder.parent.glob(f"{glob.escape(f'.{folder.name}{PART}')}*"):
        process_id = left.name.rpartition(PART)[2].partition("-")[0]
        is_left = process_id.isdecimal() and not psutil.pid_exists(int(process_id))
        if is_left and is_own_folder(left):  # others may write here too, as in /tmp
            shutil.rmtree(left, ignore_errors=True)


def _write_split(split: Split, folder: Path, tell: Callable[[int], None]) -> dict[str, int]:
    tables = {name: _TableFile(folder / name / partition_name(split.name) / FILE, SCHEMAS[name]) for name in SCHEMAS}
    texts = {"info": [_text(split, split.info)], "licenses": [_text(split, split.licences_json)]}
    with tables[IMAGES], tables[ANNOTATIONS], tables[CATEGORIES], tables[SPLITS], split.source.opened() as file:
        tables[SPLITS].add(texts)
        for block in scanned(file, split.source.file.stamp.size, READERS):
            if isinstance(block, Block):
                tables[block.key].add(COLUMNS_OF[block.key](split, block))
                tell(int(block.spans[-1, 1]))
    return {name: table.count for name, table in tables.items()}


class _TableFile:
    """A Parquet file, which gets rows in groups of one size."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.parent.mkdir(parents=True)
        self._path, self._schema = path, schema
        self._waiting: list[pa.RecordBatch] = []
        self.count = 0

    def __enter__(self) -> "_TableFile":
        dictionaries = [name for name in self._schema.names if name not in TEXTS_OF_THEIR_OWN]
        self._writer = pq.ParquetWriter(self._path, self._schema, compression="zstd", use_dictionary=dictionaries)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._write(self._waiting)
        self._writer.close()

    def add(self, columns: Columns) -> None:
        """Take some rows, and write those that fill a group."""
        batch = pa.RecordBatch.from_pydict({name: columns[name] for name in self._schema.names}, schema=self._schema)
        self._waiting.append(batch)
        self.count += batch.num_rows
        if sum(each.num_rows for each in self._waiting) >= ROWS_OF_GROUP:
            table = pa.Table.from_batches(self._waiting, self._schema)
            whole = table.num_rows - table.num_rows % ROWS_OF_GROUP
            self._writer.write_table(table.slice(0, whole), row_group_size=ROWS_OF_GROUP)
            self._waiting = table.slice(whole).combine_chunks().to_batches()

    def _write(self, batches: Sequence[pa.RecordBatch]) -> None:
        if batches:
            self._writer.write_table(pa.Table.from_batches(batches, self._schema), row_group_size=ROWS_OF_GROUP)


def _texts_of(block: Block) -> list[bytes]:
    """Return the bytes of each record of a block."""
    return [bytes(block.text[start:stop]) for start, stop in (block.spans - block.start).tolist()]


def _image_columns(split: Split, block: Block) -> Columns:
    texts = _texts_of(block)
    rows = image_rows(block.records, texts)
    found: dict[str, Any] = {name: [getattr(row, name) for row in rows] for name in IMAGE_NAMES}
    return found | {RECORD: [_text(split, text) for text in texts]}


def _category_columns(split: Split, block: Block) -> Columns:
    found: dict[str, Any] = {name: [getattr(record, name) for record in block.records] for name in CATEGORY_NAMES}
    return found | {RECORD: [_text(split, text) for text in _texts_of(block)]}


def _annotation_columns(split: Split, block: Block) -> Columns:
    part = annotation_part(block.records, block.spans)
    boxes = part["boxes_xywh"]
    has_box, has_area = np.isfinite(boxes).all(axis=1), np.isfinite(part["areas_px"])
    offsets = np.concatenate([[0], np.cumsum(np.where(has_box, 4, 0))])
    pairs = [without_mask(text) for text in _texts_of(block)]
    values = (
        part["ids"],
        part["image_ids"],
        part["category_ids"],
        part["is_crowd"].astype(np.int8),
        pa.array(part["areas_px"], mask=~has_area),
        pa.ListArray.from_arrays(
            pa.array(offsets.astype(np.int32)), pa.array(boxes[has_box].ravel()), mask=pa.array(~has_box)
        ),
        [None if mask is None else _text(split, mask) for _, mask in pairs],
    )
    return dict(zip(ANNOTATION_NAMES, values, strict=True)) | {RECORD: [_text(split, record) for record, _ in pairs]}


COLUMNS_OF = {"images": _image_columns, "annotations": _annotation_columns, "categories": _category_columns}


def _text(split: Split, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        shown = data[max(0, error.start - 30) : error.end + 10].decode(errors="replace")
        raise ExportError(
            f"{split.source.path}: a record holds bytes that are no UTF-8 ({shown!r}), which tables cannot hold. "
            "Save the file as UTF-8."
        ) from None
