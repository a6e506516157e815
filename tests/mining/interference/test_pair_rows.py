"""Pairs as columns: the numbers of the table, in a table of the page and in a file."""

import csv
import io

import numpy as np
import pytest
from pair_tables import two_categories, two_looked_for

from cocomine.coco.dataset import Dataset
from cocomine.mining.interference.co_occurrence import Measure, pair_table
from cocomine.mining.interference.pair_measure import mask_measure, pair_measure
from cocomine.mining.interference.pair_rows import all_pairs_csv, pair_columns
from cocomine.mining.statistics.categories import presence


def test_a_pair_is_told_with_its_numbers(four_images: Dataset) -> None:
    table = pair_table(presence(four_images), four_images.category_names)
    columns = pair_columns(pair_measure(table, Measure.LIFT), [(0, 1), (1, 2)])
    assert columns["pair"] == ["cat + dog", "dog + cup"]
    assert [columns[name] for name in ("images with both", "expected", "lift")] == [[1, 0], [0.5, 0.5], [2, 0]]
    assert columns["95 % CI from"][0] <= 2 <= columns["to"][0]


@pytest.mark.parametrize(
    ("measure", "cells", "name", "value"),
    [
        (Measure.CONDITIONAL, (30, 20, 10, 40), "share", 0.6),
        (Measure.JACCARD, (2, 1, 0, 1), "Jaccard", 0.6667),
        (Measure.JACCARD, (30, 20, 10, 40), "Jaccard", 0.5),
        (Measure.NPMI, (30, 20, 10, 40), "NPMI", 0.337),
    ],
)
def test_a_measure_has_a_column_of_its_own_beside_the_pair(
    measure: Measure, cells: tuple[int, int, int, int], name: str, value: float
) -> None:
    columns = pair_columns(pair_measure(two_categories(*cells), measure), [(0, 1)])
    assert list(columns)[1] == name
    assert columns[name] == [value]


def test_a_directed_pair_says_which_is_the_first() -> None:
    view = mask_measure(
        two_categories(30, 20, 10, 40), Measure.OVERLAP, np.array([[1, 0.25], [0.5, 1]]), is_estimate=True
    )
    columns = pair_columns(view, [(1, 0), (0, 1)])
    assert (columns["pair"], columns["overlap"]) == (["table → cup", "cup → table"], [0.5, 0.25])


def test_a_pair_of_federated_data_is_told_with_the_images_where_both_were_looked_for() -> None:
    columns = pair_columns(pair_measure(two_looked_for(["++", "+-", "+?"]), Measure.LIFT), [(0, 1)])
    assert list(columns)[:3] == ["pair", "images with both", "of images"]
    assert (columns["images with both"], columns["of images"]) == ([1], [2])


def test_no_pair_is_no_row() -> None:
    columns = pair_columns(pair_measure(two_categories(1, 1, 1, 1), Measure.COUNTS), [])
    assert all(values == [] for values in columns.values())


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_file_has_every_pair_with_every_measure(four_images: Dataset) -> None:
    table = pair_table(presence(four_images), four_images.category_names)
    overlap = np.array([[np.nan, 0, 0.25], [0, np.nan, 0], [1, 0, np.nan]])
    first, second, third = rows_of(all_pairs_csv(table, {Measure.OVERLAP: overlap}))
    assert [(row["first"], row["second"]) for row in (first, second, third)] == [
        ("cat", "dog"),
        ("cat", "cup"),
        ("dog", "cup"),
    ]
    assert (first["images with both"], first["share of first"], first["share of second"]) == ("1", "0.5", "1.0")
    assert (first["Jaccard"], first["NPMI"], first["lift"]) == ("0.5", "0.5", "2.0")
    assert (second["overlap of first"], second["overlap of second"]) == ("0.25", "1.0")


def test_what_was_looked_for_together_in_one_image_is_in_the_file() -> None:
    (row,) = rows_of(all_pairs_csv(two_looked_for(["+-", "+?", "?+"]), {}))
    assert (row["images with both"], row["images compared"]) == ("0", "1")


def test_what_was_never_looked_for_together_is_not_in_the_file() -> None:
    assert rows_of(all_pairs_csv(two_looked_for(["+?", "?+"]), {})) == []


def test_a_number_that_is_not_known_is_an_empty_field() -> None:
    (row,) = rows_of(all_pairs_csv(two_categories(0, 3, 0, 1), {}))
    assert (row["lift"], row["NPMI"], row["share of second"], row["share of first"]) == ("", "", "", "0.0")


def test_the_numbers_of_a_pair_are_rounded_to_what_the_table_shows() -> None:
    columns = pair_columns(pair_measure(two_categories(1, 2, 1, 5), Measure.LIFT), [(0, 1)])
    assert [columns[name] for name in ("expected", "lift", "95 % CI from", "to")] == [[0.7], [1.5], [0.44], [5.09]]
