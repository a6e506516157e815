"""What a pair of categories comes to, in a sentence with its numbers."""

import numpy as np

from cocomine.mining.appearance import counted
from cocomine.mining.interference import PairTable


def pair_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return one sentence about a pair: "cup and dining table: 4,873 images, 1,220 expected by chance, 4.0x more"."""
    first, second = table.names[first_index], table.names[second_index]
    count, looked_for = int(table.counts[first_index, second_index]), int(table.image_counts[first_index, second_index])
    if first_index == second_index:
        return f"{first}: {count:,} of {looked_for:,} images" + " where it was looked for" * table.is_federated
    expected, lift = float(table.expected[first_index, second_index]), float(table.lift[first_index, second_index])
    compared = f"{rounded(expected)} expected by chance, {_compared(lift)}"
    if not table.is_federated:
        return f"{first} and {second}: {counted(count, 'image')}, {compared}"
    if not looked_for:
        return f"{first} and {second}: no image where both were looked for"
    known = "too few to compare" if np.isnan(lift) else compared
    return f"{first} and {second}: {count:,} of {looked_for:,} images where both were looked for, {known}"


def rounded(value: float) -> str:
    """Return a number of images that need not be whole: "0.1", "1,220"."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _compared(lift: float) -> str:
    if not lift > 0:
        return "never together"
    if 0.95 <= lift <= 1.05:
        return "as many as by chance"
    return f"{lift:.1f}× more" if lift > 1 else f"{1 / lift:.1f}× fewer"
