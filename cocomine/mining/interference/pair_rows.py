"""Pairs of categories as columns of numbers, for the table of a page and for a file."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cocomine.coco.arrays import Floats
from cocomine.mining.interference.co_occurrence import Measure, PairTable
from cocomine.mining.interference.pair_measure import PairMeasure
from cocomine.system.csv_text import csv_of_columns
from cocomine.wording import shortened

VALUE_NAMES = {
    Measure.CONDITIONAL: "share",
    Measure.JACCARD: "Jaccard",
    Measure.NPMI: "NPMI",
    Measure.OVERLAP: "overlap",
    Measure.CONTACT: "contact",
}
"""The column of a measure that the other columns lack."""
SHARES = (Measure.CONDITIONAL, Measure.JACCARD, Measure.OVERLAP, Measure.CONTACT)
LONGEST_NAME = 26
"""Longer names would push the numbers out of sight; the dialog of a pair and the file have them whole."""
Columns = Mapping[str, Sequence[Any]]


def pair_columns(measured: PairMeasure, pairs: Sequence[tuple[int, int]]) -> dict[str, list[Any]]:
    """Return pairs with their numbers in the words of the page; of federated data also in how many images both were.

    Numbers are rounded to what the table shows.
    """
    table, at = measured.table, tuple(np.array(pairs, dtype=int).reshape(-1, 2).T)
    sign = " → " if measured.is_directed else " + "
    own = (
        {VALUE_NAMES[measured.measure]: _rounded(measured.values[at], 3 if measured.measure is Measure.NPMI else 4)}
        if measured.measure in VALUE_NAMES
        else {}
    )
    return {
        "pair": [sign.join(shortened(table.names[index], LONGEST_NAME) for index in pair) for pair in pairs],
        **own,
        "images with both": table.counts[at].tolist(),
        **({"of images": table.image_counts[at].tolist()} if table.is_federated else {}),
        "expected": _rounded(table.expected[at], 1),
        "lift": _rounded(table.lift[at], 2),
        "95 % CI from": _rounded(table.lift_low[at], 2),
        "to": _rounded(table.lift_high[at], 2),
    }


def all_pairs_csv(table: PairTable, shares: Mapping[Measure, Floats]) -> str:
    """Return every pair that was looked for together, with every measure, as CSV; an unknown number is an empty field.

    Args:
        shares: overlap and contact, as far as they are known, (k, k) each.
    """
    first, second = np.nonzero(np.triu(table.image_counts > 0, k=1))
    there, back = (first, second), (second, first)
    columns = {
        "first": [table.names[index] for index in first],
        "second": [table.names[index] for index in second],
        "images with both": table.counts[there].tolist(),
        "images compared": table.image_counts[there].tolist(),
        "images with first": table.single_counts[there].tolist(),
        "images with second": table.single_counts[back].tolist(),
        "expected": _cells(table.expected[there]),
        "lift": _cells(table.lift[there]),
        "lift low": _cells(table.lift_low[there]),
        "lift high": _cells(table.lift_high[there]),
        "share of first": _cells(table.conditional_share[there]),
        "share of second": _cells(table.conditional_share[back]),
        "Jaccard": _cells(table.jaccard[there]),
        "NPMI": _cells(table.npmi[there]),
    }
    for measure, values in shares.items():
        columns |= {f"{measure} of first": _cells(values[there]), f"{measure} of second": _cells(values[back])}
    return csv_of_columns(columns)


def _rounded(values: Floats, digits: int) -> list[float]:
    rounded: list[float] = np.round(values, digits).tolist()
    return rounded


def _cells(values: Floats) -> list[float | str]:
    """Return numbers to six digits, the unknown ones as nothing."""
    return ["" if value != value else value for value in np.round(values, 6).tolist()]  # noqa: PLR0124 - NaN alone
