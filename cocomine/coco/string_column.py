"""How are a million file names kept without a million objects?

Two arrays, which can be mapped from a file, stand for a sequence of texts.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

TAIL_BYTES = 8
"""Of a text that are compared at once, as one number."""
SLASHES = tuple(b"/\\")


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

    def paths_to(self, file_names: Collection[str]) -> "tuple[str, ...]":
        """Return the texts that end, behind their last slash of either kind, in one of these names, and maybe others.

        Hardly more than these are decoded: the last bytes of all are compared with those of the names at once.
        """
        before = np.append(np.zeros(TAIL_BYTES + 1, dtype=np.uint8), self.utf8)
        tails = np.lib.stride_tricks.sliding_window_view(before, TAIL_BYTES + 1)[self.ends]  # (n, 9)
        words = np.ascontiguousarray(tails[:, 1:]).view(">u8")[:, 0].astype(np.uint64)
        lengths = np.diff(self.ends, prepend=0)
        is_likely = np.zeros(len(self), dtype=bool)
        by_length: dict[int, list[int]] = {}
        for name in file_names:
            tail = name.encode(errors="surrogateescape")[-TAIL_BYTES:]
            by_length.setdefault(len(tail), []).append(int.from_bytes(tail, "big"))
        for length, wanted in by_length.items():
            are_like = np.isin(words & np.uint64(2 ** (8 * length) - 1), np.array(wanted, dtype=np.uint64))
            if length < TAIL_BYTES:  # a whole name
                are_like &= (lengths == length) | np.isin(tails[:, TAIL_BYTES - length], SLASHES)
            is_likely |= are_like
        return tuple(self[place] for place in np.flatnonzero(is_likely).tolist())


def string_column(values: Iterable[str]) -> StringColumn:
    """Keep texts."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([len(each) for each in encoded], dtype=np.int64)
    return StringColumn(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)
