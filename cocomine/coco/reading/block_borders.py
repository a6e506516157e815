"""Where in a stretch of a JSON list does a record end?

Likely behind each `}` that a comma and a `{` follow, or that the list's `]` follows: `BlockBuffer` finds these, and a
decoder says which of them are boundaries, see `cocomine.coco.reading.json_blocks`. Surely where the brackets outside
strings are balanced: `Nesting` counts them. That is slower and never wrong: for lists whose records hold lists of
objects themselves, between which is too much white space, or which hold what strict readers refuse.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Raw
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Ints

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


_QUOTE, _BACKSLASH = b'"\\'
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1
_COUNTS = np.isin(np.arange(256), list(b'"[]{}'))


class Nesting:
    """How deep the reading of a list is; its pieces are given one after the other, from the first record on."""

    def __init__(self) -> None:
        self._depth, self._in_string, self._is_escaped = 0, False, False

    def ends(self, piece: bytes) -> tuple[int | None, int | None]:
        """Return where in the next piece of the list its last whole record ends, and where the list itself does."""
        characters = np.frombuffer(piece, dtype=np.uint8)
        positions = np.flatnonzero(_COUNTS[characters] & ~self._escaped(characters))
        is_quote = characters[positions] == _QUOTE
        in_string = (np.cumsum(is_quote) + self._in_string) % 2 == 1
        self._in_string = bool(in_string[-1]) if len(positions) else self._in_string
        positions = positions[~is_quote & ~in_string]
        depths = self._depth + np.cumsum(_STEPS[characters[positions]], dtype=np.int64)
        self._depth = int(depths[-1]) if len(depths) else self._depth
        list_ends = np.flatnonzero(depths < 0)
        if len(list_ends):
            return None, int(positions[list_ends[0]])
        record_ends = np.flatnonzero(depths == 0)
        return (int(positions[record_ends[-1]]) + 1 if len(record_ends) else None), None

    def _escaped(self, characters: NDArray[np.uint8]) -> Bools:
        """Return which characters stand behind a backslash that is not escaped itself."""
        escaped = np.zeros(len(characters) + 1, dtype=bool)
        escaped[0] = self._is_escaped
        slashes: Ints = np.flatnonzero(characters == _BACKSLASH)
        if len(slashes):
            begins = np.append(True, np.diff(slashes) > 1)
            begin = slashes[begins][np.cumsum(begins) - 1]
            begin = begin + ((begin == 0) & self._is_escaped)
            escaped[slashes[(slashes >= begin) & ((slashes - begin) % 2 == 0)] + 1] = True
        self._is_escaped = bool(escaped[-1])
        return escaped[:-1]
