"""What do many programs write that strict readers of JSON refuse?

`NaN` and `Infinity`, which Python's `json.dump` writes by default, and half a
surrogate pair, which it writes for a file name that is no text. None of them is
JSON. A text is read with these masked: by characters of the same length, so that each
position in it stays what it is in the file.

Source: RFC 8259, sections 6 and 8.2
"""

import re

import numpy as np

from cocomine.coco.arrays import Ints

NOT_STRICT = "not_strict_json"
"""The code of the finding."""
BLANKS = b" \t\r\n"
NO_NUMBER = re.compile(rb'" *"')
"""What stands for NaN and infinity in a masked text."""
_DOUBT = re.compile(rb"NaN|Infinity|\\u[dD][89a-fA-F]")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|-?(?:NaN|Infinity)', re.DOTALL)
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_HALF = rb"\ufffd"


class HalfSurrogateError(Exception):
    """Half a surrogate pair is masked."""


def masked(text: bytes) -> bytes:
    """Return a text of the same length that strict readers take; it must not begin inside a string."""
    return _TOKEN.sub(_masked_token, text) if _DOUBT.search(text) else text


def marked(text: bytes, plain: bytes, spans: Ints) -> dict[str, list[int]]:
    """Return which of the records at these byte ranges hold something that is masked, by the finding's code.

    Raises:
        HalfSurrogateError: that is a half surrogate pair; it may be a name's.
    """
    if plain is text:
        return {}
    if plain.count(_HALF) != text.count(_HALF):
        raise HalfSurrogateError
    positions = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) != np.frombuffer(plain, dtype=np.uint8))
    return {NOT_STRICT: np.unique(np.searchsorted(spans[:, 0], positions, side="right") - 1).tolist()}


def repaired(text: bytes) -> bytes:
    """Return a text with null instead of each number that is none."""
    return _TOKEN.sub(lambda found: _masked_string(found[0], b"null"), text) if _DOUBT.search(text) else text


def _masked_token(found: "re.Match[bytes]") -> bytes:
    return _masked_string(found[0], b'"' + b" " * (len(found[0]) - 2) + b'"')


def _masked_string(token: bytes, no_number: bytes) -> bytes:
    if not token.startswith(b'"'):
        return no_number
    return _ESCAPE.sub(lambda found: _HALF if found[1] else found[0], token) if b"\\u" in token else token
