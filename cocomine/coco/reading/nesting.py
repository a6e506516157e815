"""Where in a JSON list do its records end, found by counting brackets outside strings?

Slower than guessing a boundary and decoding up to it, and never wrong: for lists whose
records hold lists of objects themselves, between which is too much white space, or which hold
what strict readers refuse.
"""

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.dataset import Bools, Ints

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
