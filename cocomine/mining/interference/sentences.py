"""What a pair of categories comes to, in a sentence with its numbers."""

from collections.abc import Callable

import numpy as np

from cocomine.mining.interference.co_occurrence import Measure, PairTable
from cocomine.mining.interference.measures import PairMeasure
from cocomine.wording import counted, percent

LOOKED_FOR = " where both were looked for"


def pair_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return one sentence about a pair: "cup and dining table: 4,873 images, 1,220 expected by chance, 4.0x more"."""
    first, second = table.names[first_index], table.names[second_index]
    count, looked_for = int(table.counts[first_index, second_index]), int(table.image_counts[first_index, second_index])
    if first_index == second_index:
        return f"{first}: {count:,} of {looked_for:,} images" + " where it was looked for" * table.is_federated
    expected, lift = float(table.expected[first_index, second_index]), float(table.lift[first_index, second_index])
    compared = f"{_rounded(expected)} expected by chance, {_compared(lift)}"
    if not table.is_federated:
        return f"{first} and {second}: {counted(count, 'image')}, {compared}"
    if not looked_for:
        return f"{first} and {second}: no image{LOOKED_FOR}"
    known = "too few to compare" if np.isnan(lift) else compared
    return f"{first} and {second}: {count:,} of {looked_for:,} images{LOOKED_FOR}, {known}"


def measure_sentence(view: PairMeasure, first_index: int, second_index: int) -> str:
    """Return one sentence about a pair that fits the measure: "Of the 9,189 images with cup, 53 % also have table."."""
    table = view.table
    if first_index == second_index or not table.image_counts[first_index, second_index]:
        return pair_sentence(table, first_index, second_index)
    told = _SENTENCES[view.measure](view, first_index, second_index)
    return f"{told} Too few images to say more." if view.has_too_few[first_index, second_index] else told


def interval_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return how sure the comparison with chance is; nothing where there is none."""
    low, high = float(table.lift_low[first_index, second_index]), float(table.lift_high[first_index, second_index])
    if np.isnan(low):
        return ""
    verdict = "luck alone may explain it"
    if low > 1:
        verdict = "more often than luck alone would bring"
    elif high < 1:
        verdict = "more rarely than luck alone would bring"
    between = f"between {_times(low)} and" if table.counts[first_index, second_index] else "at most"
    return f"With 95 % certainty {between} {_times(high)} times as often as by chance: {verdict}."


def notable_sentence(table: PairTable, first_index: int, second_index: int) -> str:
    """Return in plain words why a pair stands out."""
    pair = f"{table.names[first_index]} and {table.names[second_index]}"
    count, lift = int(table.counts[first_index, second_index]), float(table.lift[first_index, second_index])
    expected = _rounded(float(table.expected[first_index, second_index]))
    if not count:
        return f"{pair} never share an image; by chance they would share {expected}."
    often = f"{lift:.1f} times as often as" if lift > 1 else f"{1 / lift:.1f} times more rarely than"
    return f"{pair} come together {often} by chance: in {counted(count, 'image')} instead of {expected}."


def _counts_sentence(view: PairMeasure, first: int, second: int) -> str:
    count, names = int(view.table.counts[first, second]), view.table.names
    have = {0: "No image has", 1: "1 image has"}.get(count, f"{count:,} images have")
    return f"{have} both {names[first]} and {names[second]}."


def _conditional_sentence(view: PairMeasure, first: int, second: int) -> str:
    table = view.table
    one, other, whole = table.names[first], table.names[second], int(table.single_counts[first, second])
    where = f" where {other} was looked for" if table.is_federated else ""
    if not whole:
        return f"No image has {one}{where}."
    share = _share_words(int(table.counts[first, second]), whole)
    return f"Of the {counted(whole, 'image')} with {one}{where}, {share} also {_have(share)} {other}."


def _jaccard_sentence(view: PairMeasure, first: int, second: int) -> str:
    table = view.table
    both = int(table.counts[first, second])
    either = int(table.single_counts[first, second] + table.single_counts[second, first]) - both
    where = LOOKED_FOR if table.is_federated else ""
    names = f"{table.names[first]} or {table.names[second]}"
    if not either:
        return f"No image has {names}{where}."
    share = _share_words(both, either)
    return f"Of the {counted(either, 'image')} with {names}{where}, {share} {_have(share)} both."


def _lift_sentence(view: PairMeasure, first: int, second: int) -> str:
    return f"{pair_sentence(view.table, first, second)}."


def _npmi_sentence(view: PairMeasure, first: int, second: int) -> str:
    value = float(view.values[first, second])
    known = "" if np.isnan(value) else f", NPMI {value:+.2f}".replace("-", "−")
    return f"{pair_sentence(view.table, first, second)}{known}."


def _overlap_sentence(view: PairMeasure, first: int, second: int) -> str:
    what = "boxes lies in boxes of {other}" if view.is_estimate else "masks belongs to {other} as well"
    return _mask_sentence(view, (first, second), "the area of {one}’s " + what)


def _contact_sentence(view: PairMeasure, first: int, second: int) -> str:
    what = "boxes lies in boxes of {other}" if view.is_estimate else "masks touches {other}"
    return _mask_sentence(view, (first, second), "the outline of {one}’s " + what)


def _mask_sentence(view: PairMeasure, pair: tuple[int, int], what: str) -> str:
    one, other = (view.table.names[index] for index in pair)
    value = float(view.values[pair])
    if np.isnan(value):
        return f"{one} has no {'box' if view.is_estimate else 'mask'} to tell it from."
    share = f"{'About ' * view.is_estimate}{percent(value)}" if value else "Nothing"
    return f"{share} of {what.format(one=one, other=other)}."


_SENTENCES: dict[Measure, Callable[[PairMeasure, int, int], str]] = {
    Measure.COUNTS: _counts_sentence,
    Measure.CONDITIONAL: _conditional_sentence,
    Measure.JACCARD: _jaccard_sentence,
    Measure.LIFT: _lift_sentence,
    Measure.NPMI: _npmi_sentence,
    Measure.OVERLAP: _overlap_sentence,
    Measure.CONTACT: _contact_sentence,
}


def _share_words(part: int, whole: int) -> str:
    return percent(part / whole) if part else "none"


def _have(share: str) -> str:
    return "has" if share == "none" else "have"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}"


def _times(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _compared(lift: float) -> str:
    if not lift > 0:
        return "never together"
    if 0.95 <= lift <= 1.05:
        return "as many as by chance"
    return f"{lift:.1f}× more" if lift > 1 else f"{1 / lift:.1f}× fewer"
