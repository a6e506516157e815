"""How much is read of a Parquet file at once, when a few bytes of it may stand for any number?

A text that repeats is stored once, with a number for each row: a megabyte of text in a million rows takes a megabyte in
the file, and a million in memory. The longest such text is at the begin of each group of rows: as many rows are read at
once as fit into the memory if all had it. A file that unfolds beyond all measure is refused.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cocomine.errors import DatasetError
from cocomine.wording import size_words

LARGEST_BATCH_BYTES = 1 << 28
"""If all rows of a batch had the longest text."""
ANY_BYTES, MOST_TIMES = 1 << 30, 1000
"""A file may unfold to so much whatever its size, and beyond that to so many times its size."""
NUMBER_BYTES = 8


def most_rows(file: Path, table: pq.ParquetFile, names: Sequence[str], wanted: int, *, buffer_size: int) -> int:
    """Return how many rows of these columns may be read at once, at most as many as are wanted, and at least one.

    Raises:
        DatasetError: they hold more numbers than a file of this size can be meant to.
    """
    metadata = table.metadata
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    chunks = [group.column(index) for group in groups for index in range(group.num_columns)]
    numbers = sum(chunk.num_values for chunk in chunks if chunk.path_in_schema.split(".")[0] in names)
    refuse_unmeasured(file, NUMBER_BYTES * numbers)
    texts = [name for name in names if _is_text(table.schema_arrow.field(name).type)]
    if not texts:
        return wanted
    with pq.ParquetFile(file, buffer_size=buffer_size, read_dictionary=texts) as folded:
        longest = max((sum(map(_longest, first.columns)) for first in _first_rows(folded, texts)), default=0)
    return max(1, min(wanted, LARGEST_BATCH_BYTES // max(1, longest)))


def refuse_unmeasured(file: Path, unfolded_bytes: int) -> None:
    """Refuse a file that unfolds to more than one of its size can be meant to.

    Raises:
        DatasetError: it does.
    """
    size = file.stat().st_size
    if unfolded_bytes > ANY_BYTES + MOST_TIMES * size:
        raise DatasetError(
            f"{file}: its {size_words(size)} unfold to more than {size_words(ANY_BYTES + MOST_TIMES * size)}, since "
            "values are repeated again and again; no dataset is like that. Look at what wrote it."
        )


def unfolded(column: pa.Array) -> pa.Array:
    """Return a column without the ways in which programs store it: dictionaries, and names given to its type."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _first_rows(table: pq.ParquetFile, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield the first row of each group, which comes with all texts that rows of the group have in common."""
    for group in range(table.metadata.num_row_groups):
        first = next(table.iter_batches(batch_size=1, row_groups=[group], columns=[*names]), None)
        if first is not None:
            yield first


def _longest(column: pa.Array) -> int:
    """Return how many bytes the longest text has."""
    texts = column.dictionary if pa.types.is_dictionary(column.type) else column
    return pc.max(pc.binary_length(texts)).as_py() or 0


def _is_text(kind: Any) -> bool:
    kinds = pa.types
    if kinds.is_dictionary(kind):
        return _is_text(kind.value_type)
    is_string = kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)
    return bool(is_string or kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_binary_view(kind))
