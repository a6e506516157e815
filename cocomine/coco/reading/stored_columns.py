"""How do the columns of one annotation file lie in a folder, and when are they believed?

As .npy files, which are mapped into memory, and a header with what is no array, written last. A file that holds no
instances has a header alone, which says why. What damage has made impossible is never given.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Ints
from cocomine.coco.columns import Annotations, Category, FileKind, Images, Licence
from cocomine.coco.dataset import Split
from cocomine.coco.mask_encoding import LONGEST_SIDE_PX
from cocomine.coco.reading.columns import SplitWithCategories, split_of
from cocomine.coco.source_file import SourceFile
from cocomine.coco.string_column import StringColumn, string_column
from cocomine.errors import NotInstancesError
from cocomine.system.files import write_bytes

VERSION = 6
"""Of the columns; to be raised with every change of what they hold."""
HEADER = "header.json"
A_NUMBER, A_BYTE, A_FLAG = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=bool)
PAIRS, BOXES = np.zeros((0, 2), dtype=np.int64), np.zeros((0, 4), dtype=np.float64)
ROWS_OF_IMAGES = {**dict.fromkeys(("ids", "widths", "heights", "licence_ids"), A_NUMBER), "spans": PAIRS}
IMAGE_COLUMNS: dict[str, NDArray[Any]] = {**ROWS_OF_IMAGES, "checked_absent": PAIRS, "not_exhaustive": PAIRS}
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
IDS_BY_CODE = ("dropped_ids", "remarks")
FACTS = ("kind", "info", "licences", "licences_json", "category_spans")
"""What a split and the header both hold."""
DAMAGE = (OSError, ValueError, TypeError, EOFError, MemoryError, SyntaxError, TokenError)
"""What damaged files end in: msgspec's errors are ValueErrors; numpy reads a header as Python does."""


class UnreadableColumns(Exception):  # noqa: N818 - told to nobody: the source is read again
    """There are no columns, or they are damaged or of another version."""


class _Header(msgspec.Struct, kw_only=True):
    """What a folder holds beside its arrays; `refusal` is why there are none."""

    version: int
    refusal: str | None = None
    kind: FileKind = FileKind.INSTANCES
    info: bytes = b""
    licences: tuple[Licence, ...] = ()
    licences_json: bytes = b""
    categories: tuple[Category, ...] = ()
    category_spans: Mapping[int, tuple[int, int]] = {}
    is_federated: bool = False
    dropped_ids: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def stored_columns(folder: Path, source: SourceFile) -> SplitWithCategories | NotInstancesError:
    """Return what a folder holds of a file: its columns, or why the file gives none.

    Raises:
        UnreadableColumns: there is nothing, or nothing that can be right.
    """
    try:
        header = msgspec.json.decode((folder / HEADER).read_bytes(), type=_Header)
        if header.version != VERSION:
            raise UnreadableColumns
        if header.refusal is not None:
            return NotInstancesError(f"{source.path}: {header.refusal}")
        split = _mapped(folder, header, source)
        _check(split, len(header.categories))
    except DAMAGE as error:
        raise UnreadableColumns from error
    return split, header.categories


def store_columns(folder: Path, source: SourceFile, found: SplitWithCategories | NotInstancesError) -> None:
    """Write what a file holds, or why it gives no columns, into a folder that is empty, or holds some columns already.

    Raises:
        OSError: it cannot be written.
    """
    if isinstance(found, NotInstancesError):
        header = _Header(version=VERSION, refusal=str(found).removeprefix(f"{source.path}: "))
    else:
        split, categories = found
        header = _Header(
            version=VERSION,
            categories=categories,
            is_federated=split.images.is_federated,
            dropped_ids=tuple(split.dropped_ids),
            remarks=tuple(split.remarks),
            **{name: getattr(split, name) for name in FACTS},
        )
        for name, array in _arrays(split).items():
            if (folder / f"{name}.npy").exists():
                continue  # tables write their columns while they are read
            with (folder / f"{name}.npy").open("wb") as file:
                np.save(file, array)
                file.flush()
                os.fsync(file.fileno())
    write_bytes(folder / HEADER, msgspec.json.encode(header))


def _arrays(split: Split) -> dict[str, NDArray[Any]]:
    names = split.images.file_names
    texts = names if isinstance(names, StringColumn) else string_column(names)
    return {
        "images.names": texts.utf8,
        "images.name_ends": texts.ends,
        **{f"images.{name}": getattr(split.images, name) for name in IMAGE_COLUMNS},
        **{f"annotations.{name}": getattr(split.annotations, name) for name in ANNOTATION_COLUMNS},
        **{f"{name}.{code}": ids for name in IDS_BY_CODE for code, ids in getattr(split, name).items()},
    }


def _mapped(folder: Path, header: _Header, source: SourceFile) -> Split:
    images = {name: _array(folder / f"images.{name}.npy", like) for name, like in IMAGE_COLUMNS.items()}
    annotations = {name: _array(folder / f"annotations.{name}.npy", like) for name, like in ANNOTATION_COLUMNS.items()}
    names = StringColumn(_array(folder / "images.names.npy", A_BYTE), _array(folder / "images.name_ends.npy", A_NUMBER))
    if len({len(names), *(len(images[name]) for name in ROWS_OF_IMAGES)}) > 1:
        raise ValueError("the columns of the images are not of one length")
    if len({len(column) for column in annotations.values()}) > 1:
        raise ValueError("the columns of the annotations are not of one length")
    return split_of(
        source,
        header.categories,
        images=Images(file_names=names, is_federated=header.is_federated, **images),
        annotations=Annotations(**annotations),
        **{name: _ids_by_code(folder, name, getattr(header, name)) for name in IDS_BY_CODE},
        **{name: getattr(header, name) for name in FACTS},
    )


def _ids_by_code(folder: Path, name: str, codes: tuple[str, ...]) -> dict[str, Ints]:
    return {code: _array(folder / f"{name}.{code}.npy", A_NUMBER) for code in codes}


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


def _check(split: Split, category_count: int) -> None:
    """Refuse columns that cannot be right; a damaged one must not end a page later.

    Raises:
        ValueError: they cannot.
    """
    images, annotations, names = split.images, split.annotations, split.images.file_names
    if not isinstance(names, StringColumn):
        raise TypeError("file names are kept as texts")
    names.utf8.tobytes().decode()
    limits = (
        (names.ends, 0, len(names.utf8)),
        (np.diff(names.ends), 0, len(names.utf8)),
        (images.widths, 1, LONGEST_SIDE_PX),
        (images.heights, 1, LONGEST_SIDE_PX),
        (images.spans, 0, split.source.file.stamp.size),
        (annotations.spans, 0, split.source.file.stamp.size),
        (annotations.image_index, 0, len(images) - 1),
        (annotations.category_index, 0, category_count - 1),
        *((pairs[:, 0], 0, len(images) - 1) for pairs in (images.checked_absent, images.not_exhaustive)),
        *((pairs[:, 1], 0, category_count - 1) for pairs in (images.checked_absent, images.not_exhaustive)),
    )
    if any(len(column) and not low <= column.min() <= column.max() <= high for column, low, high in limits):
        raise ValueError("a column holds what no file can hold")
