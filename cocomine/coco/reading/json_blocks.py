"""Where in a JSON document is each record, and what do its typed fields hold?

A COCO document is one object; its large members are lists of records. The file
is read once, in blocks of whole records. A block ends behind a `}` that a comma
and a `{` follow, or that the list's `]` follows, and msgspec decodes it. A cut
inside a record or inside a string leaves brackets or quotes open, so that the
block would not be valid JSON: what decodes was cut between two records, and by
induction from the first record every block is. What does not decode is cut by
counting brackets, and read field by field where it is still refused.

All else is passed over, see `json_cursor`.

Source: https://cocodataset.org/#format-data
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import FileIO
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import msgspec

from cocomine.coco.arrays import Ints
from cocomine.coco.json_repair import HalfSurrogateError, marked, masked
from cocomine.coco.reading.block_borders import BlockBuffer, Nesting, RecordBoundary, spans_of
from cocomine.coco.reading.json_cursor import BYTE_ORDER_MARK, CHUNK_BYTES, JsonCursor, MalformedJsonError
from cocomine.coco.reading.lenient import LenientReader, RecordError

BLOCK_BYTES = 1 << 22
"""Fits a processor's cache."""
OPENING = re.compile(rb"[ \t\r\n]*+(\{)[ \t\r\n]*+")
EMPTY = re.compile(rb"(\})[ \t\r\n]*+")
KEY = re.compile(rb'("(?:[^"\\]|\\.)*+")[ \t\r\n]*+:[ \t\r\n]*+', re.DOTALL)
LIST = re.compile(rb"\[")
LIST_OF_RECORDS = re.compile(rb"(\[)[ \t\r\n]*+(?=\{)")
PLAIN_MEMBER = re.compile(
    rb'"([ !#-\[\]-\x7f]*+)"[ \t\r\n]*+:[ \t\r\n]*+'
    rb'("[ !#-\[\]-\x7f]*+"|-?(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+-]?\d++)?+|true|false|null)'
    rb'[ \t\r\n]*+,[ \t\r\n]*+(?=")'
)
"""A number, a text or a word between two others: a million of them must not take minutes."""
MEMBER_END = re.compile(rb"[ \t\r\n]*+([,}])[ \t\r\n]*+")
RECORD_END = re.compile(rb"[ \t\r\n]*+(?:(,)[ \t\r\n]*+|\])")
BLANK = re.compile(rb"[ \t\r\n]*+")


class WrongFormError(Exception):
    """A member is not the list it must be.

    Attributes:
        key: its name; empty for the document as a whole.
        value: the beginning of what it is.
    """

    def __init__(self, key: str, value: bytes) -> None:
        super().__init__(f"{key!r} is no list")
        self.key, self.value = key, value


class Decoder(Protocol):
    """Makes records of a list, as msgspec's decoders do, and raises what they raise."""

    def decode(self, text: Any) -> Sequence[Any]:
        """Return the records."""


class Reader(NamedTuple):
    """How the records of a list are read: at once, or field by field where that fails."""

    strict: Decoder
    lenient: LenientReader[Any]


Readers = Mapping[str, Reader]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Records of one list that follow each other.

    Attributes:
        key: the list's name in the document.
        records: as their reader makes them; a `Raw` in them is good until the next block is asked for.
        spans: byte range [start, stop) of each in the file, (n, 2).
        text: the file from the first record on, to where the next block begins, or behind the list; as short-lived.
        is_last: whether the list ends behind it.
        remarks: positions of records in the block by the code of what is odd about them.
    """

    key: str
    records: Sequence[Any]
    spans: Ints
    text: memoryview
    is_last: bool
    remarks: Mapping[str, list[int]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many records it has."""
        return len(self.records)

    @property
    def start(self) -> int:
        """Where its first record begins."""
        return int(self.spans[0, 0])

    @property
    def stop(self) -> int:
        """Where reading goes on."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What a file holds from some `{` on if a record of a list begins there: blocks that were read ahead.

    Attributes:
        key: the list's name.
        start: of the first record.
        stop: where reading goes on.
        is_last: whether the list ends behind it.
        count: of the records.
        parts: what was made of each block.
    """

    key: str
    start: int
    stop: int
    is_last: bool
    count: int
    parts: Sequence[Any]


Stretches = Mapping[int, Stretch]
"""By their starts."""
NO_STRETCHES: Stretches = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of the document, after its blocks; its value is [start, stop) in the file."""

    key: str
    start: int
    stop: int
    is_list: bool


def scanned(
    file: FileIO, size: int, readers: Readers, ahead: Stretches = NO_STRETCHES
) -> Iterator[Block | Stretch | Member]:
    """Yield the members of a document in its order, each list with a reader block by block before its `Member`.

    A stretch takes the place of its blocks where the one before it ends exactly at its start: only there it is certain
    that a record begins. Blocks and stretches tile their list, so that nothing depends on where stretches were tried.

    Args:
        file: open for reading, without a buffer.
        size: its length in bytes.
        readers: of lists of records, by the lists' names; what else there is is passed over.
        ahead: stretches of the same file, which were read as `stretch_blocks` does.

    Raises:
        MalformedJsonError: it is not valid JSON, ends early, or names a member with a reader twice.
        RecordError: a record cannot be read.
        WrongFormError: the document is no object, or a member with a reader neither a list nor null.
    """
    yield from _Scanner(file, size, readers, ahead).members()


def stretch_blocks(file: FileIO, readers: Readers, key: str, *, start: int, stop: int) -> Iterator[Block]:
    """Yield the blocks between two `{` if a record of this list begins at the first.

    They end at the second, at the list's end, or before a block that typed decoding refuses: whether that is another
    list, no beginning of a record, or a record that is odd, only who knows what is before it can tell.
    """
    yield from _Scanner(file, stop, readers, NO_STRETCHES).likely_blocks(key, start)


class _Scanner:
    """What a document holds, from a cursor that moves on with everything that is found."""

    def __init__(self, file: FileIO, size: int, readers: Readers, ahead: Stretches) -> None:
        self._cursor, self._readers = JsonCursor(file, size), readers
        self._ahead, self._limits = ahead, [*sorted(ahead), size]
        self._buffer = bytearray()

    def members(self) -> Iterator[Block | Stretch | Member]:
        seen: set[str] = set()
        self._cursor.take(BYTE_ORDER_MARK)
        if self._cursor.take(OPENING) is None:
            self._check_form()
            raise self._cursor.malformed()
        character = self._cursor.take(EMPTY) or b","
        while character == b",":
            yield from self._plain_members()
            key = self._key()
            if key in self._readers and key in seen:
                raise MalformedJsonError(f"{key!r} is there twice")
            seen.add(key)
            yield from self._member(key)
            character = self._cursor.take(MEMBER_END) or b""
        if character != b"}" or self._cursor.position != self._cursor.size:
            raise self._cursor.malformed()

    def _plain_members(self) -> Iterator[Member]:
        """Yield the members of one number, text or word that come next in the chunk; the rest may hold more."""
        while (found := self._cursor.match(PLAIN_MEMBER)) is not None:
            key = found[1].decode()
            if key in self._readers:
                return
            shift = self._cursor.position - found.start()
            yield Member(key=key, start=shift + found.start(2), stop=shift + found.end(2), is_list=False)
            self._cursor.position = shift + found.end()

    def _key(self) -> str:
        found = self._cursor.take(KEY)
        if found is None:
            raise self._cursor.malformed()
        try:
            return msgspec.json.decode(found, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._cursor.malformed() from error

    def likely_blocks(self, key: str, start: int) -> Iterator[Block]:
        self._cursor.position = start
        while self._cursor.position < self._cursor.size and (block := self._likely_block(key)) is not None:
            yield block
            if block.is_last:
                return
            self._cursor.position = block.stop

    def _member(self, key: str) -> Iterator[Block | Stretch | Member]:
        start, is_list = self._cursor.position, self._cursor.match(LIST) is not None
        if key in self._readers and self._cursor.take(LIST_OF_RECORDS) is not None:
            yield from self._blocks(key)
        else:
            self._cursor.position = self._cursor.end_of_value()
            if key in self._readers:
                self._check_list(key, self._cursor.read(start, self._cursor.position))
        yield Member(key=key, start=start, stop=self._cursor.position, is_list=is_list)

    def _check_list(self, key: str, value: bytes) -> None:
        """Refuse what is neither null nor a list without records."""
        if value == b"null":
            return
        if not value.startswith(b"["):
            raise WrongFormError(key, value[:CHUNK_BYTES])
        self._leniently(key, 0, value)

    def _check_form(self) -> None:
        """Refuse a document that is valid JSON and no object."""
        self._cursor.position = self._cursor.end_of_value()
        if self._cursor.take(BLANK) is not None and self._cursor.position == self._cursor.size:
            raise WrongFormError("", self._cursor.read(0, CHUNK_BYTES))

    def _blocks(self, key: str) -> Iterator[Block | Stretch]:
        """Yield the records of a list; the position is at the first one, and in the end behind the list."""
        count, is_last = 0, False
        while not is_last:
            part = self._stretch(key) or self._likely_block(key) or self._sure_block(key, count)
            yield part
            count, is_last = count + part.count, part.is_last
            self._cursor.position = part.stop

    def _stretch(self, key: str) -> Stretch | None:
        found = self._ahead.get(self._cursor.position)
        return found if found is not None and found.key == key else None

    def _limit(self, position: int) -> int:
        """Return the start of the next stretch, up to which blocks go: if a record begins there, it can be taken."""
        return self._limits[min(bisect_right(self._limits, position), len(self._limits) - 1)]

    def _block_buffer(self) -> BlockBuffer:
        """Return what follows the position; all blocks share one buffer, since fresh memory costs more than a copy."""
        if not self._buffer:
            self._buffer = bytearray(BLOCK_BYTES + 2)
        wanted = min(BLOCK_BYTES, self._limit(self._cursor.position) + 1 - self._cursor.position)
        room = memoryview(self._buffer)[: wanted + 2]
        self._cursor.file.seek(self._cursor.position)
        filled = 1
        while count := self._cursor.file.readinto(room[filled:-1]):
            filled += count
        return BlockBuffer(room[: filled + 1])

    def _likely_block(self, key: str) -> Block | None:
        """Return the records up to the first likely boundary that is one, None where none is."""
        block_buffer = self._block_buffer()
        for boundary in block_buffer.boundaries():
            try:
                records = self._readers[key].strict.decode(block_buffer.closed(boundary))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            spans = self._cursor.position + block_buffer.spans(boundary, records)
            text = block_buffer.text(boundary)
            return Block(key=key, records=records, spans=spans, text=text, is_last=boundary.is_last)
        return None

    def _sure_block(self, key: str, count: int) -> Block:
        """Return the records up to a boundary that is found by counting brackets."""
        boundary = self._sure_boundary()
        text = self._cursor.read(self._cursor.position, self._cursor.position + boundary.next_position)
        listed = b"[" + text[: boundary.stop] + b"]"
        plain = masked(listed)
        spans = self._spans(plain)
        try:
            records: Sequence[Any] = self._readers[key].strict.decode(plain)
            remarks = marked(listed, plain, spans)
        except (msgspec.DecodeError, UnicodeDecodeError, HalfSurrogateError):
            records, remarks = self._leniently(key, count, listed)
        spans += self._cursor.position - 1
        is_last = boundary.is_last
        return Block(key=key, records=records, spans=spans, text=memoryview(text), is_last=is_last, remarks=remarks)

    def _spans(self, listed: bytes) -> Ints:
        try:
            return spans_of(listed)
        except (msgspec.DecodeError, RecursionError):
            raise self._cursor.malformed() from None

    def _sure_boundary(self) -> RecordBoundary:
        nesting, position = Nesting(), self._cursor.position
        while piece := self._cursor.read(position, min(position + BLOCK_BYTES, self._limit(position))):
            record_end, list_end = nesting.ends(piece)
            if list_end is not None:
                stop = position + list_end - self._cursor.position
                if not stop:  # behind a comma
                    raise self._cursor.malformed()
                return RecordBoundary(stop=stop, next_position=stop + 1, is_last=True)
            if record_end is not None:
                return self._boundary_behind(position + record_end)
            position += len(piece)
        raise self._cursor.malformed()

    def _boundary_behind(self, stop: int) -> RecordBoundary:
        """Return the boundary at the end of a record, its position in the file given."""
        start, self._cursor.position = self._cursor.position, stop
        character = self._cursor.take(RECORD_END)
        behind, self._cursor.position = self._cursor.position, start
        if character is None:
            raise self._cursor.malformed()
        return RecordBoundary(stop=stop - start, next_position=behind - start, is_last=character != b",")

    def _leniently(self, key: str, count: int, listed: bytes) -> tuple[list[Any], dict[str, list[int]]]:
        try:
            return self._readers[key].lenient.records(listed)
        except RecordError as error:
            raise RecordError(count + error.index, error.record, str(error), key) from None
        except (msgspec.DecodeError, RecursionError):
            raise self._cursor.malformed() from None
