"""A table as the text of a CSV file: a header, then a line for each row."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def csv_of_rows(table: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV; all have the first one's fields, and without a row there is nothing."""
    return _written(list(table[0]) if table else [], (row.values() for row in table))


def csv_of_columns(columns: Mapping[str, Sequence[Any]]) -> str:
    """Return columns of equal length as CSV."""
    return _written(columns, zip(*columns.values(), strict=True))


def _written(header: Iterable[str], lines: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue()
