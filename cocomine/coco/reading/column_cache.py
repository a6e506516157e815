"""How is an annotation file opened a second time without reading it?

The columns of a file that was read lie in a folder named for the SHA-256 of its
content, as .npy files that are mapped into memory. Beside these folders, a
pointer for each path says which content it had when size, times and inode were
as they are now; where they differ, the file is hashed, and read only if its
content is new.

A folder appears whole under its name or not at all, so that a killed process
leaves nothing but `*.part-*` folders, which the next write removes. Everything
here is a cache: what cannot be read is read again from its source, what cannot
be written is left out.
"""

import hashlib
import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path
from tokenize import TokenError
from typing import Any

import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

from cocomine.coco.columns import Annotations, Category, FileKind, Images, Licence
from cocomine.coco.mask_encoding import LONGEST_SIDE_PX
from cocomine.coco.reading.annotation_file import read_contents
from cocomine.coco.reading.columns import Contents
from cocomine.coco.reading.string_column import StringColumn, string_column
from cocomine.coco.source_file import SourceFile
from cocomine.errors import DatasetError, NotInstancesError
from cocomine.system.files import Stamp, file_sha256, stamp_of, write_bytes
from cocomine.system.jobs import Progress
from cocomine.wording import printable

VERSION = 6
"""Of the columns; to be raised with every change of what they hold."""
HEADER = "header.json"
MOST_ENTRIES = 32
"""Contents that are kept; those opened longest ago make room."""
SETTLED_NS = 2_000_000_000
"""A file that was changed less than this before it was read may have changed again with the same times."""
ROWS_OF_IMAGES = ("ids", "widths", "heights", "licence_ids", "spans")
A_NUMBER, A_BYTE, A_FLAG = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=bool)
PAIRS, BOXES = np.zeros((0, 2), dtype=np.int64), np.zeros((0, 4), dtype=np.float64)
IMAGE_COLUMNS: dict[str, NDArray[Any]] = {
    **dict.fromkeys(ROWS_OF_IMAGES, A_NUMBER),
    **dict.fromkeys(("spans", "checked_absent", "not_exhaustive"), PAIRS),
}
ANNOTATION_COLUMNS: dict[str, NDArray[Any]] = {
    "ids": A_NUMBER,
    "image_index": A_NUMBER,
    "category_index": A_NUMBER,
    "is_crowd": A_FLAG,
    "areas_px": np.zeros(0, dtype=np.float64),
    "boxes_xywh": BOXES,
    "mask_encodings": A_BYTE,
    "mask_flaws": A_BYTE,
    "spans": PAIRS,
}
"""By name, each with an array of no rows like it."""
DAMAGE = (OSError, ValueError, TypeError, EOFError, MemoryError, SyntaxError, TokenError)
"""What damaged files end in: msgspec's errors are ValueErrors; numpy reads a header as Python does."""


class _Header(msgspec.Struct, kw_only=True):
    """What an entry holds beside its arrays; `refusal` is why there are none."""

    version: int
    refusal: str | None = None
    kind: FileKind = FileKind.INSTANCES
    info: bytes = b""
    licences: tuple[Licence, ...] = ()
    licences_json: bytes = b""
    categories: tuple[Category, ...] = ()
    category_spans: dict[int, tuple[int, int]] = {}
    is_federated: bool = False
    dropped_ids: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class _Pointer(msgspec.Struct, kw_only=True):
    """Which content the file at a path had."""

    version: int
    path: str
    stamp: Stamp
    sha256: str
    is_settled: bool


def indexed_contents(path: Path, index: Path | None, progress: Progress | None = None) -> tuple[Contents, SourceFile]:
    """Return the contents of an annotation file, from the index if it has them; else read it, and put them there.

    Args:
        path: the JSON file.
        index: the index's folder, made where it is missing; None reads without an index.
        progress: called with how far it is, in bytes.

    Raises:
        DatasetError: the file is missing, not JSON, or its records are broken beyond use.
        NotInstancesError: it is another kind of COCO file.
    """
    if index is None:
        return read_contents(path, progress)
    stamp = _stamp(path)
    sha256 = _pointed_at(path, stamp, index) or _hashed_if_known(path, stamp, index)
    if sha256 is not None:
        with suppress(_Unreadable):
            return _opened(index, path, stamp, sha256)
    began_ns = time.time_ns()
    contents: Contents | NotInstancesError
    try:
        contents, source = read_contents(path, progress)
    except NotInstancesError as error:
        contents, source = error, SourceFile(path=path, stamp=stamp, sha256=file_sha256(path))
    with suppress(OSError):  # a full or read-only disk: the next opening reads again
        _store(index, source, contents)
        _point(index, source, began_ns)
    with suppress(_Unreadable):
        return _opened(index, path, source.stamp, source.sha256)  # mapped: what was read can leave the memory
    if isinstance(contents, NotInstancesError):
        raise contents
    return contents, source


def is_indexed(path: Path, index: Path) -> bool:
    """Return whether the file can be opened without reading it."""
    stamp = _stamp(path)
    sha256 = _pointed_at(path, stamp, index)
    return sha256 is not None and (_entry(index, stamp.size, sha256) / HEADER).is_file()


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """There is no such entry, or it is damaged."""


def _stamp(path: Path) -> Stamp:
    try:
        return stamp_of(path.stat())
    except OSError as error:
        raise DatasetError(
            f"{path}: the file cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error


def _entry(index: Path, size: int, sha256: str) -> Path:
    return index / f"{size}-{sha256}"


def _pointer(index: Path, path: Path) -> Path:
    return index / "paths" / f"{hashlib.sha256(os.fsencode(path)).hexdigest()}.json"


def _pointed_at(path: Path, stamp: Stamp, index: Path) -> str | None:
    try:
        pointer = msgspec.json.decode(_pointer(index, path).read_bytes(), type=_Pointer)
    except (OSError, msgspec.DecodeError):
        return None
    is_good = pointer.version == VERSION and pointer.stamp == stamp and pointer.is_settled
    return pointer.sha256 if is_good else None


def _hashed_if_known(path: Path, stamp: Stamp, index: Path) -> str | None:
    """Return the file's hash if some entry has its size: it may have been moved, copied or only touched."""
    if not any(index.glob(f"{stamp.size}-*/{HEADER}")):
        return None
    began_ns = time.time_ns()
    try:
        sha256 = file_sha256(path)
    except OSError:
        return None  # `read_contents` says what is wrong
    if (_entry(index, stamp.size, sha256) / HEADER).is_file():
        with suppress(OSError):
            _point(index, SourceFile(path=path, stamp=stamp, sha256=sha256), began_ns)
    return sha256


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


def _opened(index: Path, path: Path, stamp: Stamp, sha256: str) -> tuple[Contents, SourceFile]:
    entry = _entry(index, stamp.size, sha256)
    contents = _contents(entry)
    with suppress(OSError):
        os.utime(entry / HEADER)  # opened last
    if isinstance(contents, str):
        raise NotInstancesError(f"{path}: {contents}")
    return contents, SourceFile(path=path, stamp=stamp, sha256=sha256)


def _contents(entry: Path) -> Contents | str:
    """Return what an entry holds: columns, or why the file gives none."""
    try:
        header = msgspec.json.decode((entry / HEADER).read_bytes(), type=_Header)
        if header.version != VERSION:
            raise _Unreadable
        return header.refusal or _believed(_mapped(entry, header), int(entry.name.partition("-")[0]))
    except DAMAGE as error:
        raise _Unreadable from error


def _believed(contents: Contents, size: int) -> Contents:
    """Return the contents of a file of this size if they can be right; a damaged column must not end a page later.

    Raises:
        ValueError: they cannot.
    """
    images, annotations = contents.images, contents.annotations
    names = images.file_names
    if not isinstance(names, StringColumn):
        raise TypeError("file names are kept as texts")
    names.utf8.tobytes().decode()
    limits = (
        (names.ends, 0, len(names.utf8)),
        (np.diff(names.ends), 0, len(names.utf8)),
        (images.widths, 1, LONGEST_SIDE_PX),
        (images.heights, 1, LONGEST_SIDE_PX),
        (images.spans, 0, size),
        (annotations.spans, 0, size),
        (annotations.image_index, 0, len(images) - 1),
        (annotations.category_index, 0, len(contents.categories) - 1),
        *((pairs[:, 0], 0, len(images) - 1) for pairs in (images.checked_absent, images.not_exhaustive)),
        *((pairs[:, 1], 0, len(contents.categories) - 1) for pairs in (images.checked_absent, images.not_exhaustive)),
    )
    if any(len(column) and not low <= column.min() <= column.max() <= high for column, low, high in limits):
        raise ValueError("a column holds what no file can hold")
    return contents


def _mapped(folder: Path, header: _Header) -> Contents:
    images = {name: _array(folder / f"images.{name}.npy", like) for name, like in IMAGE_COLUMNS.items()}
    annotations = {name: _array(folder / f"annotations.{name}.npy", like) for name, like in ANNOTATION_COLUMNS.items()}
    names = StringColumn(_array(folder / "images.names.npy", A_BYTE), _array(folder / "images.name_ends.npy", A_NUMBER))
    if len({len(names), *(len(images[name]) for name in ROWS_OF_IMAGES)}) > 1:
        raise ValueError("the columns of the images are not of one length")
    if len({len(column) for column in annotations.values()}) > 1:
        raise ValueError("the columns of the annotations are not of one length")
    return Contents(
        kind=header.kind,
        info=header.info,
        licences=header.licences,
        licences_json=header.licences_json,
        categories=header.categories,
        category_spans=header.category_spans,
        images=Images(file_names=names, is_federated=header.is_federated, **images),
        annotations=Annotations(**annotations),
        dropped_ids={code: _array(folder / f"dropped_ids.{code}.npy", A_NUMBER) for code in header.dropped_ids},
        remarks={code: _array(folder / f"remarks.{code}.npy", A_NUMBER) for code in header.remarks},
    )


def _array(path: Path, like: NDArray[Any]) -> Any:
    """Return an array, mapped and read-only, if it has rows like this one; without elements it cannot be mapped."""
    try:
        array = np.asarray(np.load(path, mmap_mode="r"))
    except ValueError:
        array = np.load(path)
        if array.size:
            raise
    if array.dtype != like.dtype or array.shape[1:] != like.shape[1:] or array.ndim != like.ndim:
        raise ValueError(f"{path.name} holds other numbers than it must")
    return array


def _store(index: Path, source: SourceFile, contents: Contents | NotInstancesError) -> None:
    """Write an entry; where another process was faster, its entry stays."""
    index.mkdir(parents=True, exist_ok=True)
    _tidy(index)
    entry = _entry(index, source.stamp.size, source.sha256)
    part = index / f"{entry.name}.part-{os.getpid()}-{threading.get_ident()}"
    part.mkdir()
    try:
        if isinstance(contents, NotInstancesError):
            header = _Header(version=VERSION, refusal=str(contents).removeprefix(f"{source.path}: "))
        else:
            header = _header(contents)
            for name, array in _arrays(contents).items():
                with (part / f"{name}.npy").open("wb") as file:
                    np.save(file, array)
                    file.flush()
                    os.fsync(file.fileno())
        write_bytes(part / HEADER, msgspec.json.encode(header))
        _put_in_place(part, entry)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _put_in_place(part: Path, entry: Path) -> None:
    try:
        part.rename(entry)
    except OSError:
        with suppress(_Unreadable):
            _contents(entry)
            return  # another process was faster
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)  # a damaged one, or one of another version
        else:
            entry.unlink(missing_ok=True)  # of somebody else
        part.rename(entry)


def _header(contents: Contents) -> _Header:
    return _Header(
        version=VERSION,
        kind=contents.kind,
        info=contents.info,
        licences=contents.licences,
        licences_json=contents.licences_json,
        categories=contents.categories,
        category_spans=dict(contents.category_spans),
        is_federated=contents.images.is_federated,
        dropped_ids=tuple(contents.dropped_ids),
        remarks=tuple(contents.remarks),
    )


def _arrays(contents: Contents) -> dict[str, Any]:
    images, annotations = contents.images, contents.annotations
    names = images.file_names if isinstance(images.file_names, StringColumn) else string_column(images.file_names)
    return {
        "images.names": names.utf8,
        "images.name_ends": names.ends,
        **{f"images.{name}": getattr(images, name) for name in IMAGE_COLUMNS},
        **{f"annotations.{name}": getattr(annotations, name) for name in ANNOTATION_COLUMNS},
        **{f"dropped_ids.{code}": ids for code, ids in contents.dropped_ids.items()},
        **{f"remarks.{code}": ids for code, ids in contents.remarks.items()},
    }


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
