"""Which JSON document do tables stand for?

It is written while they are read, so that every record has a place in a file, as in an annotation file.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.source_file import SourceFile
from cocomine.system.files import stamp_of

DOCUMENT = "document.json"
"""In a folder of the index."""
SEPARATOR = b",\n"
"""Before each record but the first of a list."""


class Document:
    """A JSON document that grows."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin at the position of an empty file."""
        self._file, self._hash, self._position, self._is_begun = file, hashlib.sha256(), 0, False

    @property
    def sha256(self) -> str:
        """Of what is written, in hex."""
        return self._hash.hexdigest()

    def write(self, data: bytes | memoryview) -> None:
        """Write some bytes."""
        self._file.write(data)
        self._hash.update(data)
        self._position += len(data)

    def begin_list(self, before: bytes) -> None:
        """Write what comes before the first record of a list."""
        self.write(before)
        self._is_begun = False

    def write_records(self, texts: Sequence[bytes]) -> Ints:
        """Write records and return their byte ranges, (n, 2)."""
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) + len(SEPARATOR)
        return self.write_joined(b"".join(SEPARATOR + text for text in texts), lengths)

    def write_joined(self, text: bytes | memoryview, lengths: Ints) -> Ints:
        """Write records and return their byte ranges, (n, 2).

        Args:
            text: one after another, a separator before each.
            lengths: bytes of each with its separator, (n,).
        """
        skipped = 0 if self._is_begun or not len(lengths) else len(SEPARATOR)
        stops = self._position - skipped + np.cumsum(lengths)
        self.write(memoryview(text)[skipped:])
        self._is_begun = self._is_begun or len(lengths) > 0
        return np.stack([stops - lengths + len(SEPARATOR), stops], axis=1)


@contextmanager
def document_in(folder: Path) -> Iterator[Document]:
    """Open a new document in a folder; it is on the disk when the block ends well.

    Raises:
        OSError: it cannot be written.
    """
    with (folder / DOCUMENT).open("wb") as file:
        yield Document(file)
        file.flush()
        os.fsync(file.fileno())


def document_of(folder: Path, sha256: str) -> SourceFile:
    """Return the document in a folder, whose SHA-256 is known.

    Raises:
        OSError: it is gone.
    """
    path = folder / DOCUMENT
    return SourceFile(path=path, stamp=stamp_of(path.stat()), sha256=sha256)
