"""How does an annotation file become columns?

One pass over the file: each block of records is decoded into the few typed
fields that we compute with. Unknown fields are never looked at and never lost.

Source: https://cocodataset.org/#format-data
"""

import gc
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from cocomine.coco.json_repair import repaired
from cocomine.coco.reading.columns import (
    SplitWithCategories,
    annotation_columns,
    annotation_part,
    image_columns,
    image_part,
    split_of,
)
from cocomine.coco.reading.file_kinds import (
    form_refusal,
    image_info_refusal,
    kind_of,
    malformed_refusal,
    nameless_refusal,
    refusal_by_annotation,
    refusal_by_beginning,
    refusal_by_keys,
)
from cocomine.coco.reading.json_blocks import Block, Member, WrongFormError, scanned
from cocomine.coco.reading.json_cursor import MalformedJsonError
from cocomine.coco.reading.lenient import RecordError
from cocomine.coco.reading.record_fields import READERS
from cocomine.coco.reading.small_lists import (
    CategoryRecord,
    listed_categories,
    listed_licences,
    refuse_duplicates,
    without_twins,
)
from cocomine.coco.source_file import SourceFile
from cocomine.errors import DatasetError
from cocomine.system.files import stamp_of
from cocomine.system.jobs import Progress

HASHED_BYTES = 1 << 20
LARGEST_KEPT_BYTES = (32 << 20) - (64 << 10)
BEGINNING_BYTES = 1 << 16
"""Enough to hold the first record of nearly every list of results."""


def read_split(path: Path, progress: Progress | None = None) -> SplitWithCategories:
    """Read one COCO instances file.

    Args:
        path: the JSON file.
        progress: called with how far it is, in bytes.

    Raises:
        DatasetError: the file is missing, not JSON, or its records are broken beyond use.
        NotInstancesError: it is another kind of COCO file.
    """
    try:
        with path.open("rb", buffering=0) as file:
            return _read(path, file, progress or _nobody)
    except OSError as error:
        raise DatasetError(
            f"{path}: the file cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error


def _nobody(done: int, total: int) -> None:
    del done, total


def _read(path: Path, file: FileIO, progress: Progress) -> SplitWithCategories:
    _keep_freed_memory()
    stamp = stamp_of(os.fstat(file.fileno()))
    if not stamp.size:
        raise DatasetError(f"{path}: the file is empty. Fetch it again.")
    refusal = refusal_by_beginning(path, file.read(BEGINNING_BYTES))
    if refusal is not None:
        raise refusal
    document = _Document(file, stamp.size)
    try:
        with _without_collector():
            document.scan(progress)
    except RecordError as error:
        raise _record_refusal(path, error) from error
    except WrongFormError as error:
        raise form_refusal(path, error) from error
    except MalformedJsonError as error:
        raise malformed_refusal(path, error, stamp.size) from error
    if stamp_of(os.fstat(file.fileno())) != stamp:
        raise DatasetError(f"{path}: the file changed while it was read. Open it again when it is complete.")
    return _contents(SourceFile(path=path, stamp=stamp, sha256=document.sha256), document)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let no garbage collection look through millions of lists that hold no cycle: it takes a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _keep_freed_memory() -> None:
    """Let glibc keep what each block frees for the next one: handing it back and forth takes a fifth of the time.

    It raises its threshold to the size of the largest piece that was ever freed (M_MMAP_THRESHOLD in mallopt(3)).
    """
    bytearray(LARGEST_KEPT_BYTES)


class _Document:
    """What scanning a file gives.

    Attributes:
        keys: the names of all members.
        lists: for `images`, `annotations` and `categories`, if they are there: the columns or fields of each block.
        values: the bytes of the small members that are kept as they are.
        first_annotation: the bytes of the first annotation.
        remarks: ids of images, annotations and categories by the code of what is odd about their record.
        sha256: of the whole file.
    """

    def __init__(self, file: FileIO, size: int) -> None:
        self._file, self._size = file, size
        self._hash = hashlib.sha256()
        self._hashed = 0
        self.keys: list[str] = []
        self.lists: dict[str, list[Any]] = {}
        self.values: dict[str, bytes] = {}
        self.first_annotation = b""
        self.remarks: dict[str, list[int]] = {}

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def scan(self, progress: Progress) -> None:
        counts: Counter[str] = Counter()
        blocks: dict[str, list[Any]] = {key: [] for key in READERS}
        for part in scanned(self._file, self._size, READERS):
            if isinstance(part, Member):
                self._note(part, blocks)
                progress(self._hashed, self._size)
                continue
            columns = COLUMNS_OF[part.key](part, counts[part.key])
            blocks[part.key].append(columns)
            if part.key == "annotations" and not self.first_annotation:
                self.first_annotation = self._read(*part.spans[0].tolist())
            for code, positions in part.remarks.items():
                self.remarks.setdefault(code, []).extend(part.records[position].id for position in positions)
            counts[part.key] += len(part.records)
            self._hash_up_to(int(part.spans[0, 0]))
            self._hash.update(part.text)
            self._hashed += len(part.text)
            progress(self._hashed, self._size)
        self._hash_up_to(self._size)

    def _note(self, member: Member, blocks: Mapping[str, list[Any]]) -> None:
        self.keys.append(member.key)
        if member.key in blocks and member.is_list:
            self.lists[member.key] = blocks[member.key]
        elif member.key in KEPT_VALUES:
            self._keep(member)
        if member.stop - self._hashed >= HASHED_BYTES:
            self._hash_up_to(member.stop)

    def _keep(self, member: Member) -> None:
        if member.stop - member.start > LONGEST_KEPT_BYTES:
            self.remarks.setdefault("long_member", []).append(member.stop - member.start)
        else:
            self.values[member.key] = repaired(self._read(member.start, member.stop))

    def _hash_up_to(self, position: int) -> None:
        while self._hashed < position:
            data = self._read(self._hashed, min(self._hashed + HASHED_BYTES, position))
            if not data:
                return  # cut short since it was scanned; that is found out by its stamp
            self._hash.update(data)
            self._hashed += len(data)

    def _read(self, start: int, stop: int) -> bytes:
        self._file.seek(start)
        return self._file.read(stop - start)


def _category_part(block: Block, _: int) -> list[CategoryRecord]:
    spans = [(start, stop) for start, stop in block.spans.tolist()]
    return list(zip(block.records, spans, strict=True))


COLUMNS_OF: dict[str, Callable[[Block, int], Any]] = {
    "images": lambda block, first: image_part(block.records, block.spans, first),
    "annotations": lambda block, first: annotation_part(block.records, block.spans, first),
    "categories": _category_part,
}
KEPT_VALUES = ("info", "licenses")
LONGEST_KEPT_BYTES = 1 << 20
"""Of such a value: it is held in memory, shown and written into each export."""


def _contents(source: SourceFile, document: _Document) -> SplitWithCategories:
    path, lists = source.path, document.lists
    _refuse_other_kinds(path, document)
    records, twins = without_twins(path, list(chain.from_iterable(lists["categories"])), lists["annotations"])
    categories, category_spans = listed_categories(records)
    images = image_columns(lists["images"], categories)
    refuse_duplicates(path, "images", images.ids.tolist())
    annotations, dropped_ids, remarks = annotation_columns(lists["annotations"], images, categories)
    licences_json = document.values.get("licenses", b"[]")
    split = split_of(
        source,
        categories,
        kind=kind_of(images, annotations, categories, document.first_annotation),
        info=document.values.get("info", b"{}"),
        licences=listed_licences(licences_json),
        licences_json=licences_json,
        category_spans=category_spans,
        images=images,
        annotations=annotations,
        dropped_ids=dropped_ids,
        remarks=remarks | {code: np.array(ids, dtype=np.int64) for code, ids in (document.remarks | twins).items()},
    )
    return split, categories


def _record_refusal(path: Path, error: RecordError) -> DatasetError:
    """Return what to say about a record that cannot be read; in a file of another kind none can."""
    refusal = refusal_by_annotation(path, error.record) if error.key == "annotations" else None
    if refusal is not None:
        return refusal
    text = error.record[:80].decode(errors="replace")
    return DatasetError(f"{path}: {error.key}[{error.index}]: {error} Found {text}...")


def _refuse_other_kinds(path: Path, document: _Document) -> None:
    lists = document.lists
    if "images" not in lists:
        raise refusal_by_keys(path, document.keys)
    if "annotations" not in lists:
        raise image_info_refusal(path, lacking="annotations")
    if not lists.get("categories"):
        if not lists["annotations"]:
            raise image_info_refusal(path, lacking="categories")
        raise refusal_by_annotation(path, document.first_annotation) or nameless_refusal(path)
