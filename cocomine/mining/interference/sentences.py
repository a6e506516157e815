"""What does a pair of categories come to, in one sentence with its numbers?"""

from collections.abc import Callable

import numpy as np

from cocomine.mining.interference.co_occurrence import Measure, PairTable
from cocomine.mining.interference.pair_measure import PairMeasure
from cocomine.wording import counted, percent

BOTH_ANNOTATED = " where both were annotated"
"""In federated data (LVIS) a pair is compared in these images only."""
_OF_MASKS = {
    Measure.OVERLAP: "{share} of {one}’s mask area is also labelled {other}.",
    Measure.CONTACT: "{share} of {one}’s mask outline touches {other}.",
}
_OF_BOXES = {
    Measure.OVERLAP: "About {share} of {one}’s box area lies in boxes of {other}.",
    Measure.CONTACT: "About {share} of {one}’s box outline lies in boxes of {other}.",
}


def pair_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return one sentence about a pair: "cup and dining table: 4,873 images, 1,220 expected, lift 4.0"."""
    first, second = table.names[first_index], table.names[second_index]
    count, image_count = (
        int(table.counts[first_index, second_index]),
        int(table.image_counts[first_index, second_index]),
    )
    if first_index == second_index:
        annotated = " where it was annotated" if table.is_federated else ""
        return f"{first}: {count:,} of {image_count:,} images{annotated}"
    pair = f"{first} and {second}"
    if table.is_federated and not image_count:
        return f"{pair}: no image{BOTH_ANNOTATED}"
    images = f"{count:,} of {image_count:,} images{BOTH_ANNOTATED}" if table.is_federated else counted(count, "image")
    expected, lift = float(table.expected[first_index, second_index]), float(table.lift[first_index, second_index])
    if np.isnan(lift):
        return f"{pair}: {images}, too few to compare"
    return f"{pair}: {images}, {_rounded(expected)} expected, lift {_lift_text(lift)}"


def measure_sentence(measured: PairMeasure, first_index: int, second_index: int) -> str:
    """Return one sentence about a pair that fits the measure: "Of the 9,189 images with cup, 53 % also have table."."""
    table = measured.table
    if first_index == second_index or not table.image_counts[first_index, second_index]:
        return pair_sentence(table, first_index, second_index)
    sentence = _SENTENCES[measured.measure](measured, first_index, second_index)
    return (
        f"{sentence} Too few images for a reliable value."
        if measured.has_too_few[first_index, second_index]
        else sentence
    )


def interval_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return how sure the comparison with chance is; nothing where there is none."""
    low, high = float(table.lift_low[first_index, second_index]), float(table.lift_high[first_index, second_index])
    if np.isnan(low):
        return ""
    verdict = "not significantly different from chance"
    if low > 1:
        verdict = "significantly above chance"
    elif high < 1:
        verdict = "significantly below chance"
    return f"95 % CI {_bound(low)}–{_bound(high)}, {verdict}."


def notable_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return why a pair is worth a look."""
    pair = f"{table.names[first_index]} and {table.names[second_index]}"
    count, lift = int(table.counts[first_index, second_index]), float(table.lift[first_index, second_index])
    expected = _rounded(float(table.expected[first_index, second_index]))
    if not count:
        return f"{pair} never appear together ({expected} images expected by chance)."
    often = f"{_times(lift)} more than" if lift > 1 else f"{_times(1 / lift)} fewer than"
    return f"{pair} appear together in {counted(count, 'image')}, {often} expected by chance ({expected})."


def _counts_sentence(measured: PairMeasure, first: int, second: int) -> str:
    count, names = int(measured.table.counts[first, second]), measured.table.names
    have = {0: "No image has", 1: "1 image has"}.get(count, f"{count:,} images have")
    return f"{have} both {names[first]} and {names[second]}."


def _conditional_sentence(measured: PairMeasure, first: int, second: int) -> str:
    table = measured.table
    one, other, whole = table.names[first], table.names[second], int(table.single_counts[first, second])
    where = f" where {other} was annotated" if table.is_federated else ""
    if not whole:
        return f"No image has {one}{where}."
    share = percent(int(table.counts[first, second]) / whole)
    return f"Of the {counted(whole, 'image')} with {one}{where}, {share} also have {other}."


def _jaccard_sentence(measured: PairMeasure, first: int, second: int) -> str:
    table = measured.table
    both = int(table.counts[first, second])
    either = int(table.single_counts[first, second] + table.single_counts[second, first]) - both
    where = BOTH_ANNOTATED if table.is_federated else ""
    names = f"{table.names[first]} or {table.names[second]}"
    if not either:
        return f"No image has {names}{where}."
    share = percent(both / either)
    return f"Of the {counted(either, 'image')} with {names}{where}, {share} have both."


def _lift_sentence(measured: PairMeasure, first: int, second: int) -> str:
    return f"{pair_sentence(measured.table, first, second)}."


def _npmi_sentence(measured: PairMeasure, first: int, second: int) -> str:
    value = float(measured.values[first, second])
    npmi = "" if np.isnan(value) else f", NPMI {value:+.2f}".replace("-", "−")
    return f"{pair_sentence(measured.table, first, second)}{npmi}."


def _area_sentence(measured: PairMeasure, first: int, second: int) -> str:
    """Return which part of the first class's masks, or boxes, the second shares or touches."""
    one, other, value = measured.table.names[first], measured.table.names[second], float(measured.values[first, second])
    if np.isnan(value):
        return f"{one} has no {'box' if measured.is_estimate else 'mask'} to measure."
    text = (_OF_BOXES if measured.is_estimate else _OF_MASKS)[measured.measure]
    return text.format(share=percent(value), one=one, other=other)


_SENTENCES: dict[Measure, Callable[[PairMeasure, int, int], str]] = {
    Measure.COUNTS: _counts_sentence,
    Measure.CONDITIONAL: _conditional_sentence,
    Measure.JACCARD: _jaccard_sentence,
    Measure.LIFT: _lift_sentence,
    Measure.NPMI: _npmi_sentence,
    Measure.OVERLAP: _area_sentence,
    Measure.CONTACT: _area_sentence,
}


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"


def _times(ratio: float) -> str:
    """Return a ratio above 1 with as many digits as tell it from 1: "4.0×", "1.03×"."""
    return f"{ratio:.1f}×" if ratio >= 1.1 else f"{ratio:.2f}×"


def _bound(value: float) -> str:
    return "0" if not value else f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _lift_text(lift: float) -> str:
    """Return a lift with two digits that tell something: "5.5", "0.08", "0"."""
    return f"{lift:,.1f}" if lift >= 0.95 else f"{lift:.2g}"
