"""How are records copied out of an annotation file, byte for byte?

The file is opened for each request and never mapped: a mapped file that another
program cuts short ends the process that looks at it.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cocomine.errors import DatasetError
from cocomine.system.files import Stamp

LONGEST_READ = 1 << 20
"""Bytes that are read at once."""
LARGEST_GAP = 1 << 14
"""Bytes between two records that are rather read than skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """The annotation file that a split was read from, or the tables that stand for one.

    Attributes:
        path: of the file; of tables see `cocomine.coco.table_folder`.
        sha256: of its content when it was read, in hex; of tables, that of the document.
        document: the file in which the records are, where this is none.
    """

    path: Path
    stamp: Stamp
    sha256: str
    document: "SourceFile | None" = None

    @property
    def file(self) -> "SourceFile":
        """The file in which the records are."""
        return self.document or self

    def record(self, span: NDArray[np.int64] | tuple[int, int]) -> bytes:
        """Return the bytes of one record, exactly as in the file.

        Raises:
            DatasetError: the file changed or is gone.
        """
        (record,) = self.records(np.array([span], dtype=np.int64))
        return record

    def records(self, spans: NDArray[np.int64]) -> Iterator[bytes]:
        """Yield the bytes of records by their ranges, (n, 2), in that order; neighbours are read together.

        Raises:
            DatasetError: the file changed or is gone.
        """
        with self.opened() as file:
            for start, stop in pairwise(_run_borders(spans)):
                first, last = int(spans[start, 0]), int(spans[stop - 1, 1])
                file.seek(first)
                data = file.read(last - first)
                if len(data) != last - first:
                    raise self._changed()
                for begin, end in (spans[start:stop] - first).tolist():
                    yield data[begin:end]

    def opened(self) -> FileIO:
        """Open the file in which the records are, if it is as it was.

        Raises:
            DatasetError: the file changed or is gone.
        """
        stamp = self.file.stamp
        try:
            file = self.file.path.open("rb", buffering=0)
        except OSError as error:
            again = " Open the dataset again." if self.document else ""  # what is kept of it was deleted
            raise DatasetError(f"{self.path}: the file cannot be read any more ({error.strerror}).{again}") from error
        found = os.fstat(file.fileno())
        if (found.st_size, found.st_mtime_ns) != (stamp.size, stamp.mtime_ns):
            file.close()
            raise self._changed()
        return file

    def _changed(self) -> DatasetError:
        return DatasetError(f"{self.path}: the file changed since it was opened. Open the dataset again.")


def _run_borders(spans: NDArray[np.int64]) -> list[int]:
    """Return where runs of records begin that are worth reading at once, and the end of the last one."""
    gaps = spans[1:, 0] - spans[:-1, 1]
    is_far = (gaps < 0) | (gaps > LARGEST_GAP)
    pages = (spans[:, 0] - spans[0, 0]) // LONGEST_READ if len(spans) else spans[:, 0]
    is_new_page = pages[1:] != pages[:-1]
    return [0, *(np.flatnonzero(is_far | is_new_page) + 1).tolist(), len(spans)] if len(spans) else []
