"""How are the thumbnails of classes kept, and sent to the browser?

Both as the same bytes: a line with the SHA-256 of what follows, a line of JSON that says what is where, and the
sheets one after another. The file is a cache: without it, or where it is damaged, the thumbnails are cut anew.
"""

import hashlib
import json
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path

from cocomine.coco.dataset import Dataset
from cocomine.drawing.thumbnails import COLUMN_COUNT, TILE_COUNT, Thumbnails, thumbnails
from cocomine.system.files import write_bytes
from cocomine.system.jobs import Progress

FORM = 1
"""Of the bytes and of the rules by which thumbnails are chosen; raised with every change of either."""
KEPT_FILES = 24
"""The oldest beyond are deleted."""


def file_of(folder: Path, key: Hashable) -> Path:
    """Return where the thumbnails of a dataset are kept; the key tells its state from every other."""
    return folder / f"{hashlib.sha256(repr((FORM, key)).encode()).hexdigest()[:32]}.thumbnails"


def kept_or_cut(path: Path, dataset: Dataset, progress: Progress) -> bytes:
    """Return the thumbnails of a dataset as bytes, from the file where it is whole, else cut and kept for next time."""
    kept = _read(path)
    if kept is not None:
        return kept
    packed = as_bytes(thumbnails(dataset, progress))
    with suppress(OSError):  # a read-only workspace or a full disk: they are cut anew next time
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, packed)
        _delete_oldest(path.parent)
    return packed


def as_bytes(cut: Thumbnails) -> bytes:
    """Return the thumbnails with what tells where each is."""
    head = {
        "names": cut.names,
        "side": cut.side_px,
        "columns": COLUMN_COUNT,
        "tiles": TILE_COUNT,
        "sheets": [len(sheet) for sheet in cut.sheets],
    }
    body = json.dumps(head).encode() + b"\n" + b"".join(cut.sheets)
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _read(path: Path) -> bytes | None:
    try:
        packed = path.read_bytes()
    except OSError:
        return None
    digest, _, body = packed.partition(b"\n")
    return packed if digest == hashlib.sha256(body).hexdigest().encode() else None


def _delete_oldest(folder: Path) -> None:
    by_age = sorted(folder.glob("*.thumbnails"), key=lambda path: -path.stat().st_mtime_ns)
    for path in by_age[KEPT_FILES:]:
        path.unlink(missing_ok=True)
