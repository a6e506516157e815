"""Where in a stretch of a JSON list may a record end?

Behind each `}` that a comma and a `{` follow, or that the list's `]` follows.
Which of these places are borders indeed is for a decoder to say: see
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
"""White space between two records beyond which their border is not looked for."""
TRIED_ENDS = 4

OPEN_LIST, CLOSE_LIST, OPEN_RECORD, CLOSE_RECORD, COMMA = b"[]{},"
BLANK = np.isin(np.arange(256), list(b" \t\r\n"))

Bytes = NDArray[np.uint8]


class Border(NamedTuple):
    """Where a record may end: its end and where reading goes on, both from the window's beginning."""

    stop: int
    next_place: int
    is_last: bool


class Window:
    """Bytes that begin with a record; one sign before them and one behind are the window's own."""

    def __init__(self, text: memoryview) -> None:
        text[0], text[-1] = OPEN_LIST, 0
        self._text = text
        self._closed, self._sign = len(self._text) - 1, 0
        signs = np.frombuffer(text, dtype=np.uint8)
        closing = np.flatnonzero(signs == CLOSE_RECORD)
        after = _next_signs(signs, closing + 1)
        is_comma = signs[after] == COMMA
        following = _next_signs(signs, after[is_comma] + 1)
        is_border = signs[following] == OPEN_RECORD
        self._stops, self._nexts = closing[is_comma][is_border], following[is_border]
        self._has_far_sign = bool(BLANK[signs[after]].any() or BLANK[signs[following]].any())
        is_end = signs[after] == CLOSE_LIST
        self._ends = [
            Border(stop=stop, next_place=end, is_last=True)
            for stop, end in zip(
                closing[is_end][:TRIED_ENDS].tolist(), after[is_end][:TRIED_ENDS].tolist(), strict=True
            )
        ]

    def borders(self) -> Iterator[Border]:
        """Yield where the last record is likely to end: the list's end comes before the lists behind it."""
        yield from self._ends
        if len(self._stops):
            yield Border(stop=int(self._stops[-1]), next_place=int(self._nexts[-1]) - 1, is_last=False)

    def closed(self, border: Border) -> memoryview:
        """Return the records up to a border as a list; what an earlier call returned is no list any more."""
        self._text[self._closed] = self._sign
        self._closed = border.stop + 1
        self._sign = self._text[self._closed]
        self._text[self._closed] = CLOSE_LIST
        return self._text[: self._closed + 1]

    def text(self, border: Border) -> memoryview:
        """Return the window as it is in the file, to where reading goes on behind a border."""
        self._text[self._closed] = self._sign
        return self._text[1 : border.next_place + 1]

    def spans(self, border: Border, records: Sequence[Any]) -> Ints:
        """Return the byte range of each record up to a border, (n, 2), from the window's beginning.

        Between two records is a border, unless it is too wide. Where there are no more of them than that, they are
        the ones.
        """
        inner = int(np.searchsorted(self._stops, border.stop))
        is_sure = not self._has_far_sign and self._text[border.stop] == CLOSE_RECORD
        if not is_sure or inner + 1 != len(records):
            return spans_of(self.closed(border)) - 1
        starts = np.concatenate([[0], self._nexts[:inner] - 1])
        return np.stack([starts, np.append(self._stops[:inner], border.stop)], axis=1)


def spans_of(text: memoryview | bytes) -> Ints:
    """Return the byte range of each value in a list, by its address, which takes ten times as long as a border does."""
    values = msgspec.json.decode(text, type=list[Raw])
    lengths = [len(value) for value in values]
    starts = np.array([_address(value) for value in values], dtype=np.int64) - _address(text)
    return np.stack([starts, starts + lengths], axis=1)


def _next_signs(signs: Bytes, places: Ints) -> Ints:
    """Return the first place at or behind each one that is not blank; far ones are left on a blank."""
    places = places.copy()
    for _ in range(LONGEST_GAP):
        is_blank = BLANK[signs[places]]
        if not is_blank.any():
            break
        places[is_blank] += 1
    return places


def _address(buffer: Any) -> int:
    return int(np.frombuffer(buffer, dtype=np.uint8).__array_interface__["data"][0])
