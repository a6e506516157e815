"""Where in a stretch of a JSON list may a record end?

Behind each `}` that a comma and a `{` follow, or that the list's `]` follows.
Which of them are boundaries of records is for a decoder to say: see
`cocomine.coco.reading.json_blocks`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Raw
from numpy.typing import NDArray

from cocomine.coco.dataset import Ints

LONGEST_GAP = 64
"""White space between two records beyond which their boundary is not looked for."""
TRIED_ENDS = 4

OPEN_LIST, CLOSE_LIST, OPEN_RECORD, CLOSE_RECORD, COMMA = b"[]{},"
BLANK = np.isin(np.arange(256), list(b" \t\r\n"))

Bytes = NDArray[np.uint8]


class RecordBoundary(NamedTuple):
    """Where a record may end: its end and where reading goes on, both from the block's beginning."""

    stop: int
    next_position: int
    is_last: bool


class BlockBuffer:
    """Bytes of a list that begin with a record; one byte before them and one behind are the buffer's own."""

    def __init__(self, text: memoryview) -> None:
        text[0], text[-1] = OPEN_LIST, 0
        self._text = text
        self._closed, self._overwritten = len(self._text) - 1, 0
        characters = np.frombuffer(text, dtype=np.uint8)
        closing = np.flatnonzero(characters == CLOSE_RECORD)
        after = _next_nonblank(characters, closing + 1)
        is_comma = characters[after] == COMMA
        following = _next_nonblank(characters, after[is_comma] + 1)
        is_boundary = characters[following] == OPEN_RECORD
        self._stops, self._nexts = closing[is_comma][is_boundary], following[is_boundary]
        self._has_wide_gap = bool(BLANK[characters[after]].any() or BLANK[characters[following]].any())
        is_end = characters[after] == CLOSE_LIST
        self._ends = [
            RecordBoundary(stop=stop, next_position=end, is_last=True)
            for stop, end in zip(
                closing[is_end][:TRIED_ENDS].tolist(), after[is_end][:TRIED_ENDS].tolist(), strict=True
            )
        ]

    def boundaries(self) -> Iterator[RecordBoundary]:
        """Yield where the last record is likely to end: the list's end comes before the lists behind it."""
        yield from self._ends
        if len(self._stops):
            yield RecordBoundary(stop=int(self._stops[-1]), next_position=int(self._nexts[-1]) - 1, is_last=False)

    def closed(self, boundary: RecordBoundary) -> memoryview:
        """Return the records up to a boundary as a list; what an earlier call returned is no list any more."""
        self._text[self._closed] = self._overwritten
        self._closed = boundary.stop + 1
        self._overwritten = self._text[self._closed]
        self._text[self._closed] = CLOSE_LIST
        return self._text[: self._closed + 1]

    def text(self, boundary: RecordBoundary) -> memoryview:
        """Return the block as it is in the file, to where reading goes on behind a boundary."""
        self._text[self._closed] = self._overwritten
        return self._text[1 : boundary.next_position + 1]

    def spans(self, boundary: RecordBoundary, records: Sequence[Any]) -> Ints:
        """Return the byte range of each record up to a boundary, (n, 2), from the block's beginning.

        Between two records is a boundary, unless it is too wide. Where there are no more of them than that, they are
        the ones.
        """
        inner = int(np.searchsorted(self._stops, boundary.stop))
        is_sure = not self._has_wide_gap and self._text[boundary.stop] == CLOSE_RECORD
        if not is_sure or inner + 1 != len(records):
            return spans_of(self.closed(boundary)) - 1
        starts = np.concatenate([[0], self._nexts[:inner] - 1])
        return np.stack([starts, np.append(self._stops[:inner], boundary.stop)], axis=1)


def spans_of(text: memoryview | bytes) -> Ints:
    """Return the byte range of each value in a list, by its address: ten times slower than a boundary."""
    values = msgspec.json.decode(text, type=list[Raw])
    lengths = [len(value) for value in values]
    starts = np.array([_address(value) for value in values], dtype=np.int64) - _address(text)
    return np.stack([starts, starts + lengths], axis=1)


def _next_nonblank(characters: Bytes, positions: Ints) -> Ints:
    """Return the first position at or behind each one that is not blank; far ones are left on a blank."""
    positions = positions.copy()
    for _ in range(LONGEST_GAP):
        is_blank = BLANK[characters[positions]]
        if not is_blank.any():
            break
        positions[is_blank] += 1
    return positions


def _address(buffer: Any) -> int:
    return int(np.frombuffer(buffer, dtype=np.uint8).__array_interface__["data"][0])
