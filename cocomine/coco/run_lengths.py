"""How many pixels do run lengths fill, for thousands of compressed codes at once?

A mask is sound when its runs are not negative and fill its size exactly:
pycocotools refuses what is too long, and shows stray memory behind what is too
short.

Source: `rleFrString` in pycocotools' maskApi.c: five bits a character, and from
the fourth run on the difference to the last but one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Ints

BROKEN = -1
BATCH_CHARACTERS = 1 << 18
"""Of codes that are looked at together, so that the numbers fit a processor's cache."""
LONGEST_RUN_CHARACTERS = 6
"""Five bits each: half a billion pixels, as no mask has."""
FIRST, LAST = b"0o"
"""Characters that a code may have."""


def filled_px(codes: Sequence[bytes]) -> Ints:
    """Return how many pixels the runs of each compressed code fill; `BROKEN` where it is none."""
    lengths = np.fromiter(map(len, codes), dtype=np.int64, count=len(codes))
    filled = np.full(len(codes), BROKEN, dtype=np.int64)
    written = np.flatnonzero(lengths)
    batches = np.flatnonzero(np.diff((np.cumsum(lengths[written]) - 1) // BATCH_CHARACTERS, prepend=-1))
    for start, stop in pairwise([*batches.tolist(), len(written)]):
        positions = written[start:stop]
        text = np.frombuffer(b"".join(codes[position] for position in positions.tolist()), dtype=np.uint8)
        filled[positions] = _filled_px(text, lengths[positions])
    return filled


def covered_spans(codes: Sequence[bytes], pixel_counts: Ints) -> tuple[Ints, Ints]:
    """Return which pixels compressed codes cover, and the position of the code that each span belongs to.

    Args:
        pixel_counts: what each code has to fill; one that does not, or is broken, covers nothing.

    Returns:
        [start, stop) of each span, code after code, rising within each, (n, 2), and the codes' positions, (n,).
    """
    lengths = np.fromiter(map(len, codes), dtype=np.int64, count=len(codes))
    written = np.flatnonzero(lengths)
    if not len(written):
        return np.zeros((0, 2), dtype=np.int64), written
    read = _read(np.frombuffer(b"".join(codes), dtype=np.uint8), lengths[written])
    ends = np.cumsum(read.runs)
    before = ends[read.begins] - read.runs[read.begins]
    is_sound = ~read.is_broken & (ends[read.stops - 1] - before == pixel_counts[written])
    covers = np.flatnonzero(read.is_odd & is_sound[read.codes])
    stops = ends[covers] - before[read.codes[covers]]
    return np.stack([stops - read.runs[covers], stops], axis=1), written[read.codes[covers]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Read:
    """The runs of codes that follow each other.

    Attributes:
        codes: the position of the code that each run belongs to.
        is_odd: which runs cover something: every other one of a code, from the second on.
        begins: of each code, where in the runs it begins; `stops` where it ends.
        is_broken: which codes are none.
    """

    runs: Ints
    codes: Ints
    is_odd: Bools
    begins: Ints
    stops: Ints
    is_broken: Bools


def _filled_px(text: NDArray[np.uint8], lengths: Ints) -> Ints:
    """Return the same for codes of at least one character that follow each other in a text."""
    read = _read(text, lengths)
    return np.where(read.is_broken, BROKEN, np.add.reduceat(read.runs, read.begins))


def _read(text: NDArray[np.uint8], lengths: Ints) -> _Read:
    """Return the runs of codes of at least one character that follow each other in a text."""
    stops = np.cumsum(lengths)
    bits = text - np.uint8(FIRST)
    is_end = bits & 0x20 == 0
    is_broken = ~is_end[stops - 1]  # cut inside a run
    is_end[stops - 1] = True
    ends = np.flatnonzero(is_end)
    begins = np.append(0, ends[:-1] + 1)
    stops_of_runs = np.searchsorted(ends, stops)
    begins_of_runs = np.append(0, stops_of_runs[:-1])
    differences = _differences(bits, begins, ends)
    is_long = ends - begins >= LONGEST_RUN_CHARACTERS
    differences[is_long] = 0
    codes = np.repeat(np.arange(len(lengths)), stops_of_runs - begins_of_runs)
    is_odd = ((np.arange(len(differences)) - begins_of_runs[codes]) & 1).astype(bool)
    runs = _runs(differences, begins_of_runs, codes, is_odd)
    is_broken[codes[is_long | (runs < 0)]] = True
    is_broken[np.searchsorted(stops, np.flatnonzero(bits > LAST - FIRST), side="right")] = True
    return _Read(runs=runs, codes=codes, is_odd=is_odd, begins=begins_of_runs, stops=stops_of_runs, is_broken=is_broken)


def _differences(bits: NDArray[np.uint8], begins: Ints, ends: Ints) -> Ints:
    """Return what stands between these characters: five bits each, the least first, the last one with the sign."""
    found = (bits[begins] & 0x1F).astype(np.int64)
    longer = np.flatnonzero(ends > begins)
    for at in range(1, LONGEST_RUN_CHARACTERS):
        if not len(longer):
            break
        found[longer] |= (bits[begins[longer] + at] & 0x1F).astype(np.int64) << 5 * at
        longer = longer[ends[longer] > begins[longer] + at]
    is_negative = np.flatnonzero(bits[ends] & 0x10)
    found[is_negative] -= np.int64(1) << 5 * np.minimum(ends - begins + 1, LONGEST_RUN_CHARACTERS)[is_negative]
    return found


def _runs(differences: Ints, begins: Ints, codes: Ints, is_odd: Bools) -> Ints:
    """Return runs: the first three of a code are written as they are, the others as what the last but one lacks.

    So a run is the sum of every other difference since the code's second or third one; sums over all codes at once,
    less what stood before.
    """
    sums = np.zeros(len(differences) + 1, dtype=np.int64)  # the one more for what stands before the first
    np.cumsum(differences[::2], out=sums[:-1][::2])
    np.cumsum(differences[1::2], out=sums[:-1][1::2])
    runs = sums[:-1] - np.where(is_odd, sums[begins - 1][codes], sums[begins][codes])
    runs[begins] = differences[begins]
    return runs
