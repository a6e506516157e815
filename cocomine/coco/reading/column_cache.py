"""How is an annotation file opened a second time without reading it?

The columns of a file that was read lie in a folder named for the SHA-256 of its
content, see `stored_columns`. Beside these folders, a pointer for each path says
which content it had when size, times and inode were as they are now; where they
differ, the file is hashed, and read only if its content is new. Tables are read anew where
their stamp differs; the document that they stand for lies beside their columns.

A folder appears whole under its name or not at all, so that a killed process
leaves nothing but `*.part-*` folders, which the next write removes. Everything
here is a cache: what cannot be read is read again from its source, what cannot
be written is left out.
"""

import atexit
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import psutil

from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.columns import SplitWithCategories
from cocomine.coco.reading.stored_columns import HEADER, VERSION, UnreadableColumns, store_columns, stored_columns
from cocomine.coco.reading.table_document import document_of
from cocomine.coco.source_file import SourceFile
from cocomine.coco.table_folder import is_tables, source_stamp
from cocomine.errors import DatasetError, NotInstancesError
from cocomine.system.files import Stamp, file_sha256, write_bytes
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to
from cocomine.wording import printable

MOST_ENTRIES = 32
"""Contents that are kept; those opened longest ago make room."""
SETTLED_NS = 2_000_000_000
"""A file that was changed less than this before it was read may have changed again with the same times."""


class _Pointer(msgspec.Struct, kw_only=True):
    """Which content the file at a path had."""

    version: int
    path: str
    stamp: Stamp
    sha256: str
    is_settled: bool


def indexed_split(path: Path, index: Path | None, progress: Progress | None = None) -> SplitWithCategories:
    """Return what an annotation file holds, from the index if it is there; else read it, and put it there.

    Args:
        path: the JSON file, or what stands for a split of tables.
        index: the index's folder, made where it is missing; None reads without an index.
        progress: called with how far it is, in bytes.

    Raises:
        DatasetError: the file is missing, not JSON, or its records are broken beyond use.
        NotInstancesError: it is another kind of COCO file.
    """
    if is_tables(path):
        return _indexed_tables(path, index or _folder_of_this_process(), progress)
    if index is None:
        return read_split(path, progress)
    stamp = _stamp(path)
    known = _pointed_at(path, stamp, index) or _hashed_if_known(path, stamp, index)
    if known is not None:
        with suppress(UnreadableColumns):
            return _opened(index, known)
    began_ns = time.time_ns()
    found: SplitWithCategories | NotInstancesError
    try:
        found = read_split(path, progress)
        source = found[0].source
    except NotInstancesError as error:
        found, source = error, SourceFile(path=path, stamp=stamp, sha256=file_sha256(path))
    with suppress(OSError):  # a full or read-only disk: the next opening reads again
        _store(index, source, found)
        _point(index, source, began_ns)
    with suppress(UnreadableColumns):
        return _opened(index, source)  # mapped: what was read can leave the memory
    if isinstance(found, NotInstancesError):
        raise found
    return found


def is_indexed(path: Path, index: Path) -> bool:
    """Return whether the source can be opened without reading it."""
    known = _pointed_at(path, _stamp(path), index)
    return known is not None and (_entry(index, known) / HEADER).is_file()


def _stamp(path: Path) -> Stamp:
    try:
        return source_stamp(path)
    except OSError as error:
        raise DatasetError(
            f"{path}: the file cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error


def _indexed_tables(path: Path, index: Path, progress: Progress | None) -> SplitWithCategories:
    """Return what tables hold, from the index if it is there; else read them into it: they need a document there."""
    stamp = _stamp(path)
    known = _pointed_at(path, stamp, index)
    if known is not None:
        with suppress(UnreadableColumns):
            return _opened(index, known)
    began_ns = time.time_ns()
    with writing_to(index):
        source = _store_tables(index, path, stamp, progress)
        _point(index, source, began_ns)
    return _opened(index, source)


def _store_tables(index: Path, path: Path, stamp: Stamp, progress: Progress | None) -> SourceFile:
    from cocomine.coco.reading.table_split import read_tables  # noqa: PLC0415 - it imports pyarrow

    with _new_folder(index) as part:
        found = read_tables(path, stamp, part, progress or _nobody)
        if _stamp(path) != stamp:
            raise DatasetError(f"{path}: the files changed while they were read. Open them when they are complete.")
        source = replace(found[0].source, document=None)
        store_columns(part, source, found)
        _put_in_place(part, _entry(index, source), source)
    return source


def _nobody(done: int, total: int) -> None:
    del done, total


@cache
def _folder_of_this_process() -> Path:
    """Return an index for as long as the process runs."""
    folder = tempfile.mkdtemp(prefix="cocomine-index-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _entry(index: Path, source: SourceFile) -> Path:
    return index / f"{source.stamp.size}-{source.sha256}"


def _pointer(index: Path, path: Path) -> Path:
    return index / "paths" / f"{hashlib.sha256(os.fsencode(path)).hexdigest()}.json"


def _pointed_at(path: Path, stamp: Stamp, index: Path) -> SourceFile | None:
    try:
        pointer = msgspec.json.decode(_pointer(index, path).read_bytes(), type=_Pointer)
    except (OSError, msgspec.DecodeError):
        return None
    is_good = pointer.version == VERSION and pointer.stamp == stamp and pointer.is_settled
    return SourceFile(path=path, stamp=stamp, sha256=pointer.sha256) if is_good else None


def _hashed_if_known(path: Path, stamp: Stamp, index: Path) -> SourceFile | None:
    """Return the file with its hash if some entry has its size: it may have been moved, copied or only touched."""
    if not any(index.glob(f"{stamp.size}-*/{HEADER}")):
        return None
    began_ns = time.time_ns()
    try:
        source = SourceFile(path=path, stamp=stamp, sha256=file_sha256(path))
    except OSError:
        return None  # `read_split` says what is wrong
    if (_entry(index, source) / HEADER).is_file():
        with suppress(OSError):
            _point(index, source, began_ns)
    return source


def _point(index: Path, source: SourceFile, began_ns: int) -> None:
    target = _pointer(index, source.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    pointer = _Pointer(
        version=VERSION,
        path=printable(source.path),
        stamp=source.stamp,
        sha256=source.sha256,
        is_settled=max(source.stamp.mtime_ns, source.stamp.ctime_ns) < began_ns - SETTLED_NS,
    )
    write_bytes(target, msgspec.json.encode(pointer))


def _opened(index: Path, source: SourceFile) -> SplitWithCategories:
    entry = _entry(index, source)
    found = _stored(entry, source)
    with suppress(OSError):
        os.utime(entry / HEADER)  # opened last
    if isinstance(found, NotInstancesError):
        raise found
    return found


def _store(index: Path, source: SourceFile, found: SplitWithCategories | NotInstancesError) -> None:
    """Write an entry; where another process was faster, its entry stays."""
    with _new_folder(index) as part:
        store_columns(part, source, found)
        _put_in_place(part, _entry(index, source), source)


@contextmanager
def _new_folder(index: Path) -> Iterator[Path]:
    """Yield an empty folder in the index, which is gone afterwards if it has no other name."""
    index.mkdir(parents=True, exist_ok=True)
    _tidy(index)
    part = index / f"new.part-{os.getpid()}-{threading.get_ident()}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _stored(entry: Path, source: SourceFile) -> SplitWithCategories | NotInstancesError:
    """Return what an entry holds; the records of tables are in it.

    Raises:
        UnreadableColumns: there is nothing, or nothing that can be right.
    """
    if not is_tables(source.path):
        return stored_columns(entry, source)
    try:
        document = document_of(entry, source.sha256)
    except OSError as error:
        raise UnreadableColumns from error
    return stored_columns(entry, replace(source, document=document))


def _put_in_place(part: Path, entry: Path, source: SourceFile) -> None:
    try:
        part.rename(entry)
    except OSError:
        with suppress(UnreadableColumns):
            _stored(entry, source)
            return  # another process was faster
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)  # a damaged one, or one of another version
        else:
            entry.unlink(missing_ok=True)  # of somebody else
        part.rename(entry)


def _tidy(index: Path) -> None:
    """Remove what killed processes left behind, and the entries opened longest ago."""
    for part in index.glob("*.part-*"):
        process_id = part.name.rpartition(".part-")[2].partition("-")[0]
        if process_id.isdecimal() and not psutil.pid_exists(int(process_id)):
            shutil.rmtree(part, ignore_errors=True)
    opened = {header.parent: _opened_ns(header) for header in index.glob(f"*/{HEADER}")}
    for entry in sorted(opened, key=lambda each: opened[each], reverse=True)[MOST_ENTRIES - 1 :]:
        shutil.rmtree(entry, ignore_errors=True)


def _opened_ns(header: Path) -> int:
    try:
        return header.stat().st_mtime_ns
    except OSError:  # another process removed it meanwhile
        return 0
