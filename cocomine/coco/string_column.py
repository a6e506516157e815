"""How are a million file names kept without a million objects?

Two arrays, which can be mapped from a file, stand for a sequence of texts.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

TAIL_BYTES = 8
"""Of a text that are compared at once, as one number."""


class StringColumn(Sequence[str]):
    """Texts one after the other in one array of UTF-8; each is decoded when it is asked for.

    Attributes:
        utf8: all texts, (bytes,).
        ends: where each ends, (n,).
    """

    def __init__(self, utf8: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self.utf8, self.ends = utf8, ends

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "tuple[str, ...]": ...
    def __getitem__(self, index: int | slice) -> "str | tuple[str, ...]":
        if isinstance(index, slice):
            return tuple(self[each] for each in range(*index.indices(len(self))))
        position = range(len(self))[index]
        start = self.ends[position - 1] if position else 0
        return self.utf8[start : self.ends[position]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        data, start = self.utf8.tobytes(), 0
        for end in self.ends.tolist():
            yield data[start:end].decode()
            start = end

    def likely_to_end_in(self, endings: Collection[str]) -> "tuple[str, ...]":
        """Return the texts that end in one of these, and maybe others; hardly more than these are decoded."""
        if not endings:
            return ()
        encoded = [ending.encode(errors="surrogateescape") for ending in endings]
        length = min(TAIL_BYTES, *map(len, encoded))
        wanted = [int.from_bytes(each[len(each) - length :], "big") for each in encoded]
        behind = np.append(np.zeros(TAIL_BYTES, dtype=np.uint8), self.utf8)
        tails = np.lib.stride_tricks.sliding_window_view(behind, TAIL_BYTES)[self.ends].view(">u8")[:, 0]
        known = tails.astype(np.uint64) & np.uint64(2 ** (8 * length) - 1)
        places = np.flatnonzero(np.isin(known, np.array(wanted, dtype=np.uint64)))
        return tuple(self[place] for place in places.tolist())


def string_column(values: Iterable[str]) -> StringColumn:
    """Keep texts."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([len(each) for each in encoded], dtype=np.int64)
    return StringColumn(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)
