"""What does a record hold that a typed decoder refuses?

Programs write ids as 1.0, NaN for an area nobody knew, or half a surrogate pair in a
field of their own. What is meant is read where there is no doubt; else the field
is named with the value found and what to write instead. A whole number is read
from its digits, so that an id beyond 2**53 stays exact.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np
from msgspec import Raw

from cocomine.coco.json_repair import NO_NUMBER, NOT_STRICT, masked

WITH_FRACTION = "whole_with_fraction"
"""The code of a finding, as `NOT_STRICT` is."""
SHOWN_BYTES = 60
FLAGS = {b"true": 1, b"false": 0, b"null": 0}
_NUMBER = re.compile(rb"-?\d{1,400}(?:\.\d+)?(?:[eE][+-]?\d+)?")
_QUOTED_NUMBER = re.compile(rb'"\s*-?\d+(?:\.0*)?\s*"')
_INTEGER = re.compile(rb"-?\d{1,20}")
_fields = msgspec.json.Decoder(dict[str, Raw])
_raws = msgspec.json.Decoder(list[Raw])
_text = msgspec.json.Decoder(str)

T = TypeVar("T")


class RecordError(Exception):
    """A record cannot be read.

    Attributes:
        index: its position in its list.
        record: its bytes.
        key: the list it is in, filled in by who knows the list.
    """

    def __init__(self, index: int, record: bytes, message: str, key: str = "") -> None:
        super().__init__(message)
        self.index, self.record, self.key = index, record, key


@dataclass(frozen=True, slots=True, kw_only=True)
class LenientReader(Generic[T]):
    """How records of one kind are read field by field.

    Attributes:
        kind: made from the fields.
        fields: what reads the bytes of each; it raises ValueError with what the field must be.
        required: names of the fields that must be there.
    """

    kind: Callable[..., T]
    fields: Mapping[str, Callable[[bytes], Any]]
    required: frozenset[str]

    def records(self, text: bytes) -> tuple[list[T], dict[str, list[int]]]:
        """Return the records of a list, and positions of records by the code of what is odd about them.

        Raises:
            msgspec.DecodeError: it is not valid JSON, even as lenient readers understand it.
            RecursionError: it is nested too deep.
            RecordError: a record cannot be read.
        """
        plain = masked(text)
        records: list[T] = []
        remarks: dict[str, list[int]] = {NOT_STRICT: [], WITH_FRACTION: []}
        for index, raw in enumerate(_raws.decode(plain)):
            written = bytes(raw) if plain is text else _written(text, plain, raw)
            try:
                fields = _fields_of(raw)
                records.append(self._record(fields, raw, written))
            except ValueError as error:
                raise RecordError(index, written, str(error)) from None
            if written != bytes(raw):
                remarks[NOT_STRICT].append(index)
            if any(map(_is_fraction, map(fields.get, self.required))):
                remarks[WITH_FRACTION].append(index)
        return records, {code: found for code, found in remarks.items() if found}

    def _record(self, fields: Mapping[str, Raw], record: Raw, written: bytes) -> T:
        found: dict[str, Any] = {}
        is_masked = written != bytes(record)
        for name, read in self.fields.items():
            if name not in fields:
                if name in self.required:
                    raise ValueError(f"its '{name}' is missing. Add it.")
                continue
            try:
                value = found[name] = read(bytes(fields[name]))
            except ValueError as error:
                raise ValueError(_sentence(name, _written(written, record, fields[name]), error)) from None
            if isinstance(value, str) and is_masked and _written(written, record, fields[name]) != bytes(fields[name]):
                raise ValueError(_half_sentence(name, _written(written, record, fields[name])))
        return self.kind(**found)


def _fields_of(raw: Raw) -> dict[str, Raw]:
    try:
        return _fields.decode(raw)
    except UnicodeDecodeError:
        raise ValueError("the name of a field is no UTF-8. Save the file as UTF-8.") from None
    except msgspec.ValidationError:
        raise ValueError(f"it is {_shown(bytes(raw))}, and must be an object in braces. Correct the record.") from None


def _written(text: bytes, plain: bytes | Raw, part: Raw) -> bytes:
    """Return what stands in a text where its masked twin has this part."""
    start = _address(part) - _address(plain)
    return text[start : start + len(part)]


def _sentence(name: str, written: bytes, error: ValueError) -> str:
    shown = _shown(written)
    if isinstance(error, UnicodeDecodeError):
        return f"'{name}' is {shown}, which is no UTF-8. Save the file as UTF-8."
    is_text = _QUOTED_NUMBER.fullmatch(written) is not None
    what, advice = (f"the text {shown}", "Write it without quotes.") if is_text else (shown, "Correct the record.")
    return f"'{name}' is {what}, and must be {error}. {advice}"


def _half_sentence(name: str, written: bytes) -> str:
    return (
        f"'{name}' is {_shown(written)}, with half a surrogate pair, which stands for a byte that is no text. "
        "Correct the name, and the file's if it is one."
    )


def _shown(written: bytes) -> str:
    shown = written[:SHOWN_BYTES].decode(errors="replace")
    return {"NaN": "NaN (not a number)", "null": "null (no value)"}.get(shown, shown)


def whole(raw: bytes, *, low: int = -(2**63), high: int = 2**63 - 1) -> int:
    """Return a number that is whole in value, however it is written."""
    if _INTEGER.fullmatch(raw) and low <= (value := int(raw)) <= high:
        return value
    expected = f"a whole number from {low:,} on" if low > -(2**63) else "a whole number"
    if not _NUMBER.fullmatch(raw):
        raise ValueError(expected)
    number = Decimal(raw.decode())
    if number.adjusted() > len("9223372036854775807"):
        raise ValueError(f"{expected} of at most 19 digits")
    if number != number.to_integral_value():
        raise ValueError(expected)
    if not low <= (value := int(number)) <= high:
        raise ValueError(expected if value < low else f"at most {high:,}")
    return value


def wholes(raw: bytes) -> list[int] | None:
    """Return a list of whole numbers, None for null."""
    try:
        return None if raw == b"null" else [whole(bytes(each)) for each in _raws.decode(raw)]
    except msgspec.DecodeError:
        raise ValueError("a list of whole numbers") from None


def text(raw: bytes) -> str:
    """Return a text."""
    try:
        return _text.decode(raw)
    except msgspec.ValidationError:
        raise ValueError("a text in quotes") from None


def text_or_none(raw: bytes) -> str | None:
    """Return a text, None for null."""
    return None if raw == b"null" else text(raw)


def number_or_none(raw: bytes) -> float | None:
    """Return a number, NaN where what is written is none; None for null."""
    if raw == b"null":
        return None
    return float(raw) if _NUMBER.fullmatch(raw) else np.nan


def numbers_or_none(raw: bytes) -> list[float] | None:
    """Return a list of numbers, NaN where NaN is written; None where it is no list or holds anything else."""
    try:
        parts = [bytes(each) for each in _raws.decode(raw)]
    except msgspec.DecodeError:
        return None
    if not all(NO_NUMBER.fullmatch(part) or _NUMBER.fullmatch(part) for part in parts):
        return None
    return [float(part) if _NUMBER.fullmatch(part) else np.nan for part in parts]


def flag(raw: bytes) -> int:
    """Return 0 or 1; anything else that is no number is refused."""
    if raw in FLAGS or NO_NUMBER.fullmatch(raw):
        return FLAGS.get(raw, 0)
    try:
        return whole(raw)
    except ValueError:
        raise ValueError("0 or 1") from None


def any_whole(raw: bytes) -> int | None:
    """Return a whole number, None for everything else."""
    try:
        return whole(raw)
    except ValueError:
        return None


def _is_fraction(raw: Raw | None) -> bool:
    return raw is not None and not _INTEGER.fullmatch(raw) and _NUMBER.fullmatch(raw) is not None


def _address(buffer: Any) -> int:
    return int(np.frombuffer(buffer, dtype=np.uint8).__array_interface__["data"][0])
