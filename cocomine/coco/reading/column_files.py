"""How do columns that are longer than the memory get into .npy files?

Piece by piece, each appended to the files of its columns. The length of a header does not depend on the number of rows
(numpy pads it for that), so the last one is written over the first.
"""

import io
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


class ColumnFiles:
    """Open .npy files, one for each column; complete when the block ends well."""

    def __init__(self, folder: Path, prefix: str, empty: Mapping[str, NDArray[Any]]) -> None:
        """Begin a file for each column.

        Args:
            folder: where they lie.
            prefix: of their names: `annotations` gives `annotations.ids.npy`.
            empty: an array of no rows like each column, by name.

        Raises:
            OSError: a file cannot be written.
        """
        self._empty = dict(empty)
        self._paths = {name: folder / f"{prefix}.{name}.npy" for name in empty}
        self._files: dict[str, BinaryIO] = {}
        self._count = 0

    def __enter__(self) -> "ColumnFiles":
        for name, path in self._paths.items():
            self._files[name] = path.open("wb")
            self._files[name].write(self._header(name))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                for name, file in self._files.items():
                    file.seek(0)
                    file.write(self._header(name))
                    file.flush()
                    os.fsync(file.fileno())
        finally:
            for file in self._files.values():
                file.close()

    def append(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Write some rows of every column."""
        for name, like in self._empty.items():
            self._files[name].write(np.ascontiguousarray(columns[name], dtype=like.dtype).data)
            rows = len(columns[name])
        self._count += rows

    def mapped(self) -> dict[str, NDArray[Any]]:
        """Return the columns as they lie in the closed files, mapped where there is anything to map."""
        return {name: np.load(path, mmap_mode="r" if self._count else None) for name, path in self._paths.items()}

    def _header(self, name: str) -> bytes:
        like = self._empty[name]
        buffer = io.BytesIO()
        shape = (self._count, *like.shape[1:])
        fields = {"descr": np.lib.format.dtype_to_descr(like.dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(buffer, fields)
        return buffer.getvalue()
