"""Tables written as CSV are read back as they were."""

import csv
import io
from collections.abc import Sequence

import pytest

from cocomine.system.csv_text import csv_of_columns, csv_of_rows


@pytest.mark.parametrize("names", [["cup"], ["tea, cup", 'say "cup"', "two\nlines", "Tasse à café"]])
def test_csv_read_back_is_the_table(names: Sequence[str]) -> None:
    rows = [{"category": name, "images": str(number)} for number, name in enumerate(names)]
    again = list(csv.DictReader(io.StringIO(csv_of_rows(rows))))
    assert again == rows
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    assert csv_of_columns(columns) == csv_of_rows(rows)


def test_no_rows_are_an_empty_csv() -> None:
    assert csv_of_rows([]).strip() == ""
