"""How does an annotation file become columns?

One pass over the file: each block of records is decoded into the few typed
fields that we compute with. Unknown fields are never looked at and never lost.

Source: https://cocodataset.org/#format-data
"""

import hashlib
import os
from collections.abc import Mapping
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from cocomine.coco.json_repair import repaired
from cocomine.coco.reading.columns import (
    SplitWithCategories,
    annotation_columns,
    image_columns,
    part_of,
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
from cocomine.coco.reading.json_blocks import Block, Member, Stretch, WrongFormError, scanned
from cocomine.coco.reading.json_cursor import MalformedJsonError
from cocomine.coco.reading.lenient import RecordError
from cocomine.coco.reading.read_ahead import NOTHING, ReadAhead, kept_memory, read_ahead
from cocomine.coco.reading.record_fields import READERS
from cocomine.coco.reading.small_lists import (
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
REFUSALS = (RecordError, WrongFormError, MalformedJsonError)
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
    stamp = stamp_of(os.fstat(file.fileno()))
    if not stamp.size:
        raise DatasetError(f"{path}: the file is empty. Fetch it again.")
    refusal = refusal_by_beginning(path, file.read(BEGINNING_BYTES))
    if refusal is not None:
        raise refusal
    ahead = read_ahead(path, file, stamp, progress)
    try:
        document = _scanned(file, stamp.size, ahead, progress)
        source = SourceFile(path=path, stamp=stamp, sha256=document.sha256)
    except RecordError as error:
        raise _record_refusal(path, error) from error
    except WrongFormError as error:
        raise form_refusal(path, error) from error
    except MalformedJsonError as error:
        raise malformed_refusal(path, error, stamp.size) from error
    if stamp_of(os.fstat(file.fileno())) != stamp:
        raise DatasetError(f"{path}: the file changed while it was read. Open it again when it is complete.")
    return _contents(source, document)


def _scanned(file: FileIO, size: int, ahead: ReadAhead, progress: Progress) -> "_Document":
    """Return the document; which flaw is told, if there are several, must not depend on what was read ahead."""
    document = _Document(file, size, ahead)
    with kept_memory():
        try:
            document.scan(progress)
        except REFUSALS:
            if ahead is NOTHING:
                raise
            document = _Document(file, size, NOTHING)
            document.scan(lambda _, total: progress(total, total))
    return document


class _Document:
    """What scanning a file gives.

    Attributes:
        keys: the names of all members.
        lists: for `images`, `annotations` and `categories`, if they are there: what is kept of each block.
        values: the bytes of the small members that are kept as they are.
        first_annotation: the bytes of the first annotation.
        remarks: ids of images, annotations and categories by the code of what is odd about their record.
    """

    def __init__(self, file: FileIO, size: int, ahead: ReadAhead) -> None:
        self._file, self._size, self._ahead = file, size, ahead
        self._hash = _FileHash(file, ahead.sha256)
        self.keys: list[str] = []
        self.lists: dict[str, list[Any]] = {}
        self.values: dict[str, bytes] = {}
        self.first_annotation = b""
        self.remarks: dict[str, list[int]] = {}

    @property
    def sha256(self) -> str:
        """Of the whole file, in hex."""
        return self._hash.of_all(self._size)

    def scan(self, progress: Progress) -> None:
        parts: dict[str, list[Any]] = {key: [] for key in READERS}
        read_bytes = self._ahead.read_bytes
        for found in scanned(self._file, self._size, READERS, self._ahead.stretches):
            if isinstance(found, Member):
                self._note(found, parts)
            elif isinstance(found, Stretch):
                parts[found.key] += found.parts
            else:
                parts[found.key].append(part_of(found))
                self._note_block(found)
            progress(max(found.stop, read_bytes), self._size)
        if parts["annotations"]:
            self.first_annotation = self._read(*parts["annotations"][0]["spans"][0].tolist())

    def _note_block(self, block: Block) -> None:
        for code, positions in block.remarks.items():
            self.remarks.setdefault(code, []).extend(block.records[position].id for position in positions)
        self._hash.add(block.start, block.text)

    def _note(self, member: Member, parts: Mapping[str, list[Any]]) -> None:
        self.keys.append(member.key)
        if member.key in parts and member.is_list:
            self.lists[member.key] = parts[member.key]
        elif member.key in KEPT_VALUES:
            self._keep(member)

    def _keep(self, member: Member) -> None:
        if member.stop - member.start > LONGEST_KEPT_BYTES:
            self.remarks.setdefault("long_member", []).append(member.stop - member.start)
        else:
            self.values[member.key] = repaired(self._read(member.start, member.stop))

    def _read(self, start: int, stop: int) -> bytes:
        self._file.seek(start)
        return self._file.read(stop - start)


class _FileHash:
    """The SHA-256 of a file, from blocks where these are in memory anyway, else read from it."""

    def __init__(self, file: FileIO, known: str | None) -> None:
        self._file, self._known = file, known
        self._hash, self._position = hashlib.sha256(), 0

    def add(self, start: int, text: memoryview) -> None:
        """Take what the file holds from a position on, which is not before those of earlier calls."""
        if self._known is None:
            self._read_up_to(start)
            self._hash.update(text)
            self._position = start + len(text)

    def of_all(self, size: int) -> str:
        """Return the hash in hex, after reading what is left."""
        if self._known is None:
            self._read_up_to(size)
        return self._known or self._hash.hexdigest()

    def _read_up_to(self, position: int) -> None:
        self._file.seek(self._position)
        while self._position < position:
            data = self._file.read(min(HASHED_BYTES, position - self._position))
            if not data:
                return  # cut short since it was scanned; that is found out by its stamp
            self._hash.update(data)
            self._position += len(data)


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
