"""Where in a JSON document is each record, and what do its typed fields hold?

A COCO document is one object; its large members are lists of records. The file
is read once, in blocks of whole records. A block ends behind a `}` that a comma
and a `{` follow, or that the list's `]` follows, and msgspec decodes it. A cut
inside a record or inside a string leaves brackets or quotes open, so that the
block would not be valid JSON: what decodes was cut between two records, and by
induction from the first record every block is. Where no such place is found,
the list is decoded as a whole.

Source: RFC 8259 (JSON); https://cocodataset.org/#format-data
"""

import json
import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from typing import Any

import msgspec
from msgspec import Raw

from cocomine.coco.dataset import Ints
from cocomine.coco.windows import Border, Window

BLOCK_BYTES = 1 << 22
"""Fits a processor's cache; where no border is found in it, the block is doubled."""
LONGEST_TOKEN = 1 << 20
"""Bytes of a plain member, such as `info`, beyond which its end is found by decoding the whole document."""

BYTE_ORDER_MARK = re.compile(rb"(\xef\xbb\xbf)?")
OPENING = re.compile(rb"[ \t\r\n]*(\{)[ \t\r\n]*")
EMPTY = re.compile(rb"(\})[ \t\r\n]*")
KEY = re.compile(rb'("(?:[^"\\]|\\.)*")[ \t\r\n]*:[ \t\r\n]*')
LIST_OF_RECORDS = re.compile(rb"(\[)[ \t\r\n]*(?=\{)")
MEMBER_END = re.compile(rb"[ \t\r\n]*([,}])[ \t\r\n]*")
PLACE = re.compile(r" - at `\$\[(\d+)\](.*)`$")
"""How msgspec names a place in a list of records, such as "$[12].id"."""

Decoders = Mapping[str, "msgspec.json.Decoder[Any]"]


class MalformedJsonError(Exception):
    """The document is not valid JSON; the message says why and where."""


class RecordError(Exception):
    """A record is not of the type asked for.

    Attributes:
        key: the list it is in.
        index: its position there.
        record: its bytes.
    """

    def __init__(self, key: str, index: int, record: bytes, message: str) -> None:
        super().__init__(message)
        self.key, self.index, self.record = key, index, record


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Records of one list that follow each other.

    Attributes:
        key: the list's name in the document.
        records: decoded as asked for; a `Raw` in them is good until the next block is asked for.
        spans: byte range [start, stop) of each in the file, (n, 2).
        text: the file from the first record on, to where the next block or the list's end begins; as short-lived.
    """

    key: str
    records: list[Any]
    spans: Ints
    text: memoryview


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of the document, after its blocks; its value is [start, stop) in the file."""

    key: str
    start: int
    stop: int
    is_list: bool


def scanned(file: FileIO, size: int, decoders: Decoders) -> Iterator[Block | Member]:
    """Yield the members of a document in its order, each list of records block by block before its `Member`.

    Args:
        file: open for reading, without a buffer.
        size: its length in bytes.
        decoders: of whole lists, by the lists' names; what other lists hold is left as `Raw`.

    Raises:
        MalformedJsonError: it is not valid JSON, ends early, or names a member with a decoder twice.
        RecordError: a record does not fit its decoder.
        msgspec.ValidationError: the document is no object, or a member with a decoder no list.
    """
    yield from _Scanner(file, size, decoders).members()


class _Scanner:
    """A place in the file that moves on with everything that is read."""

    def __init__(self, file: FileIO, size: int, decoders: Decoders) -> None:
        self._file, self._size, self._decoders = file, size, decoders
        self._raws: msgspec.json.Decoder[list[Raw]] = msgspec.json.Decoder(list[Raw])
        self._plain: msgspec.json.Decoder[Raw] = msgspec.json.Decoder(Raw)
        self._place = 0
        self._buffer = bytearray()

    def members(self) -> Iterator[Block | Member]:
        seen: set[str] = set()
        self._take(BYTE_ORDER_MARK)
        if self._take(OPENING) is None:
            raise self._malformed()
        sign = self._take(EMPTY) or b","
        while sign == b",":
            key = self._key()
            if key in seen & self._decoders.keys():
                raise MalformedJsonError(f"{key!r} is there twice")
            seen.add(key)
            yield from self._member(key)
            sign = self._take(MEMBER_END) or b""
        if sign != b"}" or self._place != self._size:
            raise self._malformed()

    def _key(self) -> str:
        found = self._take(KEY)
        if found is None:
            raise self._malformed()
        try:
            return msgspec.json.decode(found, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._malformed() from error

    def _member(self, key: str) -> Iterator[Block | Member]:
        start, is_list = self._place, self._read(self._place, self._place + 1) == b"["
        if self._take(LIST_OF_RECORDS) is not None:
            yield from self._blocks(key, start)
        else:
            self._place = self._end_of_plain_value() or self._end_by_whole_document(key, start)
            self._check_plain_value(key, self._read(start, self._place))
        yield Member(key=key, start=start, stop=self._place, is_list=is_list)

    def _check_plain_value(self, key: str, value: bytes) -> None:
        """Refuse what is not valid JSON, and what is neither an empty list nor null where records are expected."""
        decoder = self._plain if value == b"null" else self._decoders.get(key, self._plain)
        try:
            self._plain.decode(value)
            decoder.decode(value)
        except msgspec.ValidationError as error:
            if value.startswith(b"["):
                raise _record_error(key, 0, self._raws.decode(value), error) from None
            raise msgspec.ValidationError(f"{error} - at `$.{key}`") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._malformed() from error

    def _blocks(self, key: str, start: int) -> Iterator[Block]:
        """Yield the records of a list; the place is at the first one, and in the end behind the list."""
        count, length, is_last = 0, BLOCK_BYTES, False
        while not is_last:
            window = self._window(length)
            found = self._decoded(key, count, window)
            if found is None and self._place + length < self._size:
                length *= 2
                continue
            if found is None:
                window = self._window(self._end_by_whole_document(key, start) - self._place)
                found = self._all_records(key, count, window)
            records, border = found
            is_last, length = border.is_last, BLOCK_BYTES
            spans = self._place + window.spans(border, records)
            yield Block(key=key, records=records, spans=spans, text=window.text(border))
            count += len(records)
            self._place += border.next_place

    def _window(self, length: int) -> Window:
        """Return what follows the place; all windows share one buffer, since fresh memory costs more than a copy."""
        if len(self._buffer) < length + 2:
            self._buffer = bytearray(length + 2)
        room = memoryview(self._buffer)
        self._file.seek(self._place)
        filled = 1
        while count := self._file.readinto(room[filled : length + 1]):  # one call reads two gigabytes at most
            filled += count
        return Window(room[: filled + 1])

    def _decoded(self, key: str, count: int, window: Window) -> tuple[list[Any], Border] | None:
        """Return the records up to the first border that is one, None where all of them are inside records."""
        for border in window.borders():
            try:
                return self._records(key, count, window, border)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
        return None

    def _records(self, key: str, count: int, window: Window, border: Border) -> tuple[list[Any], Border]:
        text = window.closed(border)
        try:
            return self._decoders.get(key, self._raws).decode(text), border
        except msgspec.ValidationError as error:
            # a cut inside a later record would let this one be told, but without its bytes: it raises here
            raise _record_error(key, count, self._raws.decode(text), error) from None

    def _all_records(self, key: str, count: int, window: Window) -> tuple[list[Any], Border]:
        """Return the records of a window that holds the whole rest of a list, valid JSON as far as syntax goes."""
        border = window.last_border()
        try:
            return self._records(key, count, window, border)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:  # signs that are no UTF-8
            raise self._flaw(key, count, window.closed(border), error) from None

    def _flaw(self, key: str, count: int, text: memoryview, error: Exception) -> Exception:
        try:
            raws = self._raws.decode(text)
        except msgspec.DecodeError:  # the whole document is valid: another value was taken for this one
            return MalformedJsonError(f"{key!r} is there twice")
        for index, raw in enumerate(raws):
            try:
                self._decoders.get(key, self._raws).decode(b"[" + bytes(raw) + b"]")
            except (msgspec.DecodeError, UnicodeDecodeError) as found:
                return RecordError(key, count + index, bytes(raw), str(found))
        return RecordError(key, count, b"", str(error))

    def _end_of_plain_value(self) -> int | None:
        """Return where the value at the place ends, None where that is not near."""
        length = 1 << 12
        while length <= LONGEST_TOKEN:
            text = self._read(self._place, self._place + length).decode("utf-8", "surrogateescape")
            try:
                end = json.JSONDecoder(parse_int=str).raw_decode(text)[1]
            except RecursionError:
                return None
            except json.JSONDecodeError:
                end = len(text)  # it may go on behind what was read
            if end < len(text) - len("e+") or self._place + length >= self._size:
                return self._place + len(text[:end].encode("utf-8", "surrogateescape"))
            length *= 16
        return None

    def _end_by_whole_document(self, key: str, start: int) -> int:
        return start + self._value_lengths()[key]

    def _value_lengths(self) -> dict[str, int]:
        """Return the length of every member's value in bytes, by a decoding of the whole document."""
        try:
            data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            mark = BYTE_ORDER_MARK.match(data)
            text = memoryview(data)[mark.end() if mark else 0 :]
            return {key: len(value) for key, value in msgspec.json.decode(text, type=dict[str, Raw]).items()}
        except msgspec.ValidationError:
            raise
        except (ValueError, RecursionError) as error:  # also of a file that was emptied meanwhile
            raise MalformedJsonError(str(error)) from error

    def _take(self, pattern: "re.Pattern[bytes]") -> bytes | None:
        """Move behind what the pattern finds at the place and return its group; None, without a move, if nothing."""
        length = 1 << 10
        while True:
            window = self._read(self._place, self._place + length)
            found = pattern.match(window)
            near_end = found is None or found.end() == len(window)
            if near_end and self._place + length < self._size and length < LONGEST_TOKEN:
                length *= 16
                continue
            if found is None:
                return None
            self._place += found.end()
            return found.group(1) or b""

    def _read(self, start: int, stop: int) -> bytes:
        self._file.seek(start)
        return self._file.read(stop - start)

    def _malformed(self) -> MalformedJsonError:
        """Return what msgspec says about the whole document, with the place of the first flaw."""
        try:
            self._value_lengths()
        except MalformedJsonError as error:
            return error
        return MalformedJsonError(f"a megabyte without a value, or a name that is there twice, at byte {self._place:,}")


def _record_error(key: str, first: int, raws: Sequence[Raw], error: msgspec.ValidationError) -> Exception:
    """Return the error with the record that it is about; msgspec names its place in the block, as in "$[12].id"."""
    place = PLACE.search(str(error))
    if place is None:
        return error
    index = int(place.group(1))
    message = str(error)[: place.start()] + (f" - at `${place.group(2)}`" if place.group(2) else "")
    return RecordError(key, first + index, bytes(raws[index]), message)
