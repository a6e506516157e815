"""Which values does a column of a Parquet file hold, whoever wrote it?

Programs write other widths, dictionaries, decimals and whole numbers as floats: what is meant is read where there is no
doubt. Else the file, the column and the row are named, with the value found and what to do.

Source: docs/parquet.md
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.reading.table_unfolding import most_rows, refuse_unmeasured, unfolded
from cocomine.errors import DatasetError

MOST = 2**63 - 1
BATCH_BYTES = 1 << 25
MOST_ROWS, FEWEST_ROWS = 1 << 16, 1 << 8
"""Of a batch."""
STREAMED_BYTES = 1 << 20
"""A column of a row group is read in pieces of this size: other programs write one row group for all rows."""
SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Rows of one Parquet file that follow each other.

    Attributes:
        first_row: position of the first one in the file.
        count: how many.
        columns: by name, those that were asked for and are there.
    """

    file: Path
    first_row: int
    count: int
    columns: Mapping[str, pa.Array]

    def wholes(self, name: str, *, low: int = -MOST - 1, high: int = MOST) -> Ints:
        """Return whole numbers from `low` to `high`, (count,).

        Raises:
            DatasetError: some value is none.
        """
        column, meant = self.columns[name], _whole_words(low, high)
        self._require(name, _is_number(column.type), meant)
        if column.null_count:
            raise self._refusal(name, int(np.argmax(column.is_null().to_numpy(zero_copy_only=False))), meant)
        try:
            found = np.asarray(column.cast(pa.int64()).to_numpy(zero_copy_only=False), dtype=np.int64)
        except pa.ArrowInvalid:
            values = column.to_pylist()
            bad = next(row for row, value in enumerate(values) if not _is_whole(value))
            raise self._refusal(name, bad, meant) from None
        is_bad = (found < low) | (found > high)
        if is_bad.any():
            raise self._refusal(name, int(np.argmax(is_bad)), meant)
        return found

    def numbers(self, name: str) -> Floats:
        """Return numbers, NaN for what is null or infinite, (count,).

        Raises:
            DatasetError: the column holds something else.
        """
        column = self.columns.get(name)
        if column is None or pa.types.is_null(column.type):
            return np.full(self.count, np.nan)
        self._require(name, _is_number(column.type), "numbers")
        return _finite_or_nan(column)

    def flags(self, name: str) -> Bools:
        """Return which values are true or a number but 0, (count,).

        Raises:
            DatasetError: the column holds neither numbers nor yes and no.
        """
        column = self.columns.get(name)
        if column is not None and pa.types.is_boolean(column.type):
            return np.asarray(column.fill_null(fill_value=False).to_numpy(zero_copy_only=False), dtype=bool)
        return np.asarray(np.nan_to_num(self.numbers(name)) != 0, dtype=bool)

    def boxes(self, name: str) -> Floats:
        """Return lists of four numbers, NaN where a list is missing, shorter or longer, or holds no number, (count, 4).

        Raises:
            DatasetError: the column holds no lists of numbers.
        """
        boxes = np.full((self.count, 4), np.nan)
        column = self.columns.get(name)
        if column is None or pa.types.is_null(column.type):
            return boxes
        self._require(name, _is_list(column.type) and _is_number(column.type.value_type), "lists of four numbers")
        has_four = np.asarray(pc.equal(pc.list_value_length(column), 4).fill_null(fill_value=False))
        whole = has_four.astype(bool)
        values = _finite_or_nan(column.filter(pa.array(whole)).flatten()).reshape(-1, 4)
        values[~np.isfinite(values).all(axis=1)] = np.nan
        boxes[whole] = values
        return boxes

    def texts(self, name: str) -> list[str | None]:
        """Return texts, None where there is none.

        Raises:
            DatasetError: the column holds something else.
        """
        column = self.columns.get(name)
        if column is None or pa.types.is_null(column.type):
            return [None] * self.count
        self._require(name, _is_text(column.type), "texts")
        try:
            found: list[str | None] = column.cast(pa.large_string()).to_pylist()
        except (pa.ArrowInvalid, UnicodeDecodeError):
            raise DatasetError(
                f"{self.file}: column '{name}' holds bytes that are no UTF-8. Write it as text."
            ) from None
        return found

    def values(self, name: str) -> list[Any]:
        """Return whatever there is as Python's values, None where there is nothing.

        Raises:
            DatasetError: Python has none for it, as for a time after the year 9999.
        """
        column = self.columns.get(name)
        if column is None:
            return [None] * self.count
        try:
            found: list[Any] = column.to_pylist()
        except (ValueError, OverflowError, LookupError) as error:  # a zone that nobody knows is the last
            raise DatasetError(
                f"{self.file}: column '{name}' holds a value of the type {column.type} that cannot be read ({error}). "
                "Convert it to text, as with CAST in SQL, and write the file again."
            ) from error
        return found

    def id_lists(self, name: str) -> list[list[int] | None]:
        """Return lists of whole numbers, None where there is none.

        Raises:
            DatasetError: the column holds something else.
        """
        column, meant = self.columns.get(name), "lists of whole numbers"
        if column is None or pa.types.is_null(column.type):
            return [None] * self.count
        is_empty_list = _is_list(column.type) and pa.types.is_null(column.type.value_type)
        is_right = is_empty_list or (_is_list(column.type) and _is_number(column.type.value_type))
        self._require(name, is_right, meant)
        lists: list[list[Any] | None] = column.to_pylist()
        for row, values in enumerate(lists):
            if values and not all(map(_is_whole, values)):
                raise self._refusal(name, row, meant)
        return [None if values is None else [int(value) for value in values] for values in lists]

    def json_texts(self, name: str) -> list[bytes | None]:
        """Return texts of JSON, and lists and structures as JSON; None where there is none.

        Raises:
            DatasetError: the column holds numbers or the like.
        """
        column = self.columns[name]
        if _is_text(column.type):
            return [None if text is None else text.strip().encode() for text in self.texts(name)]
        is_right = _is_list(column.type) or pa.types.is_struct(column.type)
        self._require(name, is_right, "masks as JSON text, or as lists of lists of numbers")
        return [None if value is None else msgspec.json.encode(_as_json(value)) for value in self.values(name)]

    def moments(self, name: str) -> list[str | None]:
        """Return texts, and dates and times as text, None where there is none."""
        column = self.columns.get(name)
        if column is None or _is_text(column.type) or pa.types.is_null(column.type):
            return self.texts(name)
        return [None if value is None else str(value) for value in self.values(name)]

    def is_empty(self, name: str) -> bool:
        """Return whether the column is missing or holds nothing but null."""
        column = self.columns.get(name)
        return column is None or column.null_count == self.count

    def refusal(self, name: str, row: int, found: str, meant: str) -> DatasetError:
        """Return what to say about a value in a row of this batch."""
        shown = found if len(found) <= SHOWN_CHARACTERS else f"{found[:SHOWN_CHARACTERS]}..."
        return DatasetError(
            f"{self.file}: column '{name}' holds {shown} in row {self.first_row + row} (counted from 0), and must hold "
            f"{meant}. Correct the value, and write the file again."
        )

    def _refusal(self, name: str, row: int, meant: str) -> DatasetError:
        value = self.columns[name][row].as_py()
        return self.refusal(name, row, "null (no value)" if value is None else repr(value), meant)

    def _require(self, name: str, is_right: bool, meant: str) -> None:
        if not is_right:
            raise DatasetError(
                f"{self.file}: column '{name}' is of the type {self.columns[name].type}, and must hold {meant}. "
                "Convert it, as with CAST in SQL, and write the file again."
            )


def batches(files: Sequence[Path], names: Sequence[str], *, required: Sequence[str]) -> Iterator[Batch]:
    """Yield the rows of files in their order, with these columns as far as they are there.

    Raises:
        DatasetError: a file cannot be read, or lacks a required column.
    """
    for file in files:
        try:
            yield from _batches_of(file, names, required)
        except (pa.ArrowException, OSError) as error:
            first_line = next(iter(str(error).splitlines()), type(error).__name__)
            raise DatasetError(
                f"{file}: the Parquet file cannot be read ({first_line}). Write it again, or fetch it again."
            ) from error


def row_count(files: Sequence[Path]) -> int:
    """Return how many rows files have.

    Raises:
        DatasetError: a file cannot be read.
    """
    counts = []
    for file in files:
        try:
            counts.append(pq.read_metadata(file).num_rows)
        except (pa.ArrowException, OSError) as error:
            raise DatasetError(
                f"{file}: this is no Parquet file ({next(iter(str(error).splitlines()), '')}). Write it again, or "
                "take it out of the folder."
            ) from error
    return sum(counts)


def _batches_of(file: Path, names: Sequence[str], required: Sequence[str]) -> Iterator[Batch]:
    with pq.ParquetFile(file, buffer_size=STREAMED_BYTES) as table:
        there = table.schema_arrow.names
        lacking = [name for name in required if name not in there]
        if lacking:
            raise DatasetError(
                f"{file}: column '{lacking[0]}' is missing; there are {', '.join(map(repr, there)) or 'none'}. "
                "Name the columns as docs/parquet.md does, and write the file again."
            )
        wanted = [name for name in names if name in there]
        twice = [name for name in wanted if there.count(name) > 1]
        if twice:
            raise DatasetError(
                f"{file}: there are {there.count(twice[0])} columns '{twice[0]}', and nothing tells which is meant. "
                "Keep one, and write the file again."
            )
        rows_at_once = _rows_of_batch(table.metadata)
        rows_at_once = most_rows(file, table, wanted, rows_at_once, buffer_size=STREAMED_BYTES)
        first_row = unfolded_bytes = 0
        for batch in table.iter_batches(batch_size=rows_at_once, columns=wanted):
            columns = {name: unfolded(batch.column(name)) for name in wanted}
            unfolded_bytes += sum(column.nbytes for column in columns.values())
            refuse_unmeasured(file, unfolded_bytes)
            yield Batch(file=file, first_row=first_row, count=batch.num_rows, columns=columns)
            first_row += batch.num_rows


def _rows_of_batch(metadata: Any) -> int:
    """Return how many rows are read at once: as many as fit into `BATCH_BYTES`, as the mean row tells."""
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    row_bytes = max((group.total_byte_size // max(1, group.num_rows) for group in groups), default=1)
    return int(min(MOST_ROWS, max(FEWEST_ROWS, BATCH_BYTES // max(1, row_bytes))))


def _as_json(value: Any) -> Any:
    """Return a structure with text instead of bytes: pycocotools gives the runs of a mask as bytes."""
    if not isinstance(value, dict):
        return value
    return {name: part.decode(errors="replace") if isinstance(part, bytes) else part for name, part in value.items()}


def _finite_or_nan(column: pa.Array) -> Floats:
    numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _is_text(kind: Any) -> bool:
    types = pa.types
    return any(
        is_kind(kind)
        for is_kind in (
            types.is_string,
            types.is_large_string,
            types.is_string_view,
            types.is_binary,
            types.is_large_binary,
        )
    )


def _is_whole(value: Any) -> bool:
    return value is not None and value == value and -MOST - 1 <= value <= MOST and value == int(value)  # noqa: PLR0124


def _whole_words(low: int, high: int) -> str:
    if high == MOST:
        return "whole numbers" if low < 0 else f"whole numbers from {low:,} on"
    return f"whole numbers from {low:,} to {high:,}"
