"""Where in a JSON document is each record, and what do its typed fields hold?

A COCO document is one object; its large members are lists of records. The file
is read once, in blocks of whole records. A block ends behind a `}` that a comma
and a `{` follow, or that the list's `]` follows, and msgspec decodes it. A cut
inside a record or inside a string leaves brackets or quotes open, so that the
block would not be valid JSON: what decodes was cut between two records, and by
induction from the first record every block is. What does not decode is cut by
counting brackets, and read field by field where it is still refused.

All else is passed over from one small buffer. Whatever the document is, the work
grows with its length and no faster: what is not found is looked for in twice as
much, never in the whole of what is left.

Source: RFC 8259 (JSON); https://cocodataset.org/#format-data
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import FileIO
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw

from cocomine.coco.arrays import Ints
from cocomine.coco.json_repair import BLANKS, HalfSurrogateError, marked, masked
from cocomine.coco.reading.block_borders import BlockBuffer, Nesting, RecordBoundary, spans_of
from cocomine.coco.reading.lenient import LenientReader, RecordError

BLOCK_BYTES = 1 << 22
"""Fits a processor's cache."""
CHUNK_BYTES = 1 << 16
"""What is read at once beside the blocks."""

BYTE_ORDER_MARK = re.compile(rb"(\xef\xbb\xbf)?")
OPENING = re.compile(rb"[ \t\r\n]*+(\{)[ \t\r\n]*+")
EMPTY = re.compile(rb"(\})[ \t\r\n]*+")
KEY = re.compile(rb'("(?:[^"\\]|\\.)*+")[ \t\r\n]*+:[ \t\r\n]*+', re.DOTALL)
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
UNFINISHED = re.compile(rb'\[?[ \t\r\n]*+(?:"(?:[^"\\]|\\.)*+(?:\\|"[ \t\r\n]*+)?)?\Z', re.DOTALL)
"""What may become one of these with what follows."""
TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
"""By which msgspec says where a value ends: it counts the next character that is not blank."""
SHOWN_BYTES = 40
FLAW = re.compile(r"\(byte (\d+)\)")


class MalformedJsonError(Exception):
    """The document is not valid JSON; the message says why.

    Attributes:
        position: of the flaw in the file, None where it is not known.
        line: of the flaw, counted from 1.
        before: the last characters before the flaw.
        behind: the first characters from the flaw on.
    """

    def __init__(
        self, message: str, *, position: int | None = None, line: int = 0, before: bytes = b"", behind: bytes = b""
    ) -> None:
        super().__init__(message)
        self.position, self.line, self.before, self.behind = position, line, before, behind


class WrongFormError(Exception):
    """A member is not the list it must be.

    Attributes:
        key: its name; empty for the document as a whole.
        value: the beginning of what it is.
    """

    def __init__(self, key: str, value: bytes) -> None:
        super().__init__(f"{key!r} is no list")
        self.key, self.value = key, value


class Reader(NamedTuple):
    """How the records of a list are read: at once, or field by field where that fails."""

    strict: "msgspec.json.Decoder[list[Any]]"
    lenient: LenientReader[Any]


Readers = Mapping[str, Reader]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Records of one list that follow each other.

    Attributes:
        key: the list's name in the document.
        records: as their reader makes them; a `Raw` in them is good until the next block is asked for.
        spans: byte range [start, stop) of each in the file, (n, 2).
        text: the file from the first record on, to where the next block or the list's end begins; as short-lived.
        remarks: positions of records in the block by the code of what is odd about them.
    """

    key: str
    records: list[Any]
    spans: Ints
    text: memoryview
    remarks: Mapping[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of the document, after its blocks; its value is [start, stop) in the file."""

    key: str
    start: int
    stop: int
    is_list: bool


def scanned(file: FileIO, size: int, readers: Readers) -> Iterator[Block | Member]:
    """Yield the members of a document in its order, each list with a reader block by block before its `Member`.

    Args:
        file: open for reading, without a buffer.
        size: its length in bytes.
        readers: of lists of records, by the lists' names; what else there is is passed over.

    Raises:
        MalformedJsonError: it is not valid JSON, ends early, or names a member with a reader twice.
        RecordError: a record cannot be read.
        WrongFormError: the document is no object, or a member with a reader neither a list nor null.
    """
    yield from _Scanner(file, size, readers).members()


class _Scanner:
    """A position in the file that moves on with everything that is read."""

    def __init__(self, file: FileIO, size: int, readers: Readers) -> None:
        self._file, self._size, self._readers = file, size, readers
        self._any: msgspec.json.Decoder[Raw] = msgspec.json.Decoder(Raw)
        self._position = 0
        self._chunk, self._chunk_start = b"", 0
        self._buffer = bytearray()

    def members(self) -> Iterator[Block | Member]:
        seen: set[str] = set()
        self._take(BYTE_ORDER_MARK)
        if self._take(OPENING) is None:
            self._check_form()
            raise self._malformed()
        character = self._take(EMPTY) or b","
        while character == b",":
            yield from self._plain_members()
            key = self._key()
            if key in self._readers and key in seen:
                raise MalformedJsonError(f"{key!r} is there twice")
            seen.add(key)
            yield from self._member(key)
            character = self._take(MEMBER_END) or b""
        if character != b"}" or self._position != self._size:
            raise self._malformed()

    def _plain_members(self) -> Iterator[Member]:
        """Yield the members of one number, text or word that come next in the chunk; the rest may hold more."""
        shift = self._position - self._offset()
        while (found := PLAIN_MEMBER.match(self._chunk, self._position - shift)) is not None:
            key = found[1].decode()
            if key in self._readers:
                return
            yield Member(key=key, start=shift + found.start(2), stop=shift + found.end(2), is_list=False)
            self._position = shift + found.end()

    def _key(self) -> str:
        found = self._take(KEY)
        if found is None:
            raise self._malformed()
        try:
            return msgspec.json.decode(found, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._malformed() from error

    def _member(self, key: str) -> Iterator[Block | Member]:
        start, is_list = self._position, self._chunk[self._offset() : self._offset() + 1] == b"["
        if key in self._readers and self._take(LIST_OF_RECORDS) is not None:
            yield from self._blocks(key)
        else:
            self._position = self._end_of_value()
            if key in self._readers:
                self._check_list(key, self._read(start, self._position))
        yield Member(key=key, start=start, stop=self._position, is_list=is_list)

    def _check_list(self, key: str, value: bytes) -> None:
        """Refuse what is neither null nor a list without records."""
        if value == b"null":
            return
        if not value.startswith(b"["):
            raise WrongFormError(key, value[:CHUNK_BYTES])
        self._leniently(key, 0, value)

    def _check_form(self) -> None:
        """Refuse a document that is valid JSON and no object."""
        self._position = self._end_of_value()
        if self._take(BLANK) is not None and self._position == self._size:
            raise WrongFormError("", self._read(0, CHUNK_BYTES))

    def _blocks(self, key: str) -> Iterator[Block]:
        """Yield the records of a list; the position is at the first one, and in the end behind the list."""
        count, is_last = 0, False
        while not is_last:
            block_buffer = self._block_buffer()
            block, boundary = self._likely_block(key, block_buffer) or self._sure_block(key, count)
            yield block
            count += len(block.records)
            is_last = boundary.is_last
            self._position += boundary.next_position

    def _block_buffer(self) -> BlockBuffer:
        """Return what follows the position; all blocks share one buffer, since fresh memory costs more than a copy."""
        if not self._buffer:
            self._buffer = bytearray(BLOCK_BYTES + 2)
        room = memoryview(self._buffer)
        self._file.seek(self._position)
        filled = 1
        while count := self._file.readinto(room[filled:-1]):
            filled += count
        return BlockBuffer(room[: filled + 1])

    def _likely_block(self, key: str, block_buffer: BlockBuffer) -> tuple[Block, RecordBoundary] | None:
        """Return the records up to the first likely boundary that is one, None where none is."""
        for boundary in block_buffer.boundaries():
            try:
                records = self._readers[key].strict.decode(block_buffer.closed(boundary))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            spans = self._position + block_buffer.spans(boundary, records)
            return Block(key=key, records=records, spans=spans, text=block_buffer.text(boundary)), boundary
        return None

    def _sure_block(self, key: str, count: int) -> tuple[Block, RecordBoundary]:
        """Return the records up to a boundary that is found by counting brackets."""
        boundary = self._sure_boundary()
        text = self._read(self._position, self._position + boundary.next_position)
        listed = b"[" + text[: boundary.stop] + b"]"
        plain = masked(listed)
        remarks: Mapping[str, list[int]]
        spans = self._position + self._spans(plain) - 1
        try:
            records, remarks = (
                self._readers[key].strict.decode(plain),
                marked(listed, plain, spans - self._position + 1),
            )
        except (msgspec.DecodeError, UnicodeDecodeError, HalfSurrogateError):
            records, remarks = self._leniently(key, count, listed)
        return Block(key=key, records=records, spans=spans, text=memoryview(text), remarks=remarks), boundary

    def _spans(self, listed: bytes) -> Ints:
        try:
            return spans_of(listed)
        except (msgspec.DecodeError, RecursionError):
            raise self._malformed() from None

    def _sure_boundary(self) -> RecordBoundary:
        nesting, position = Nesting(), self._position
        while piece := self._read(position, position + BLOCK_BYTES):
            record_end, list_end = nesting.ends(piece)
            if list_end is not None:
                stop = position + list_end - self._position
                if not stop:  # behind a comma
                    raise self._malformed()
                return RecordBoundary(stop=stop, next_position=stop + 1, is_last=True)
            if record_end is not None:
                return self._boundary_behind(position + record_end)
            position += len(piece)
        raise self._malformed()

    def _boundary_behind(self, stop: int) -> RecordBoundary:
        """Return the boundary at the end of a record, its position in the file given."""
        start, self._position = self._position, stop
        character = self._take(RECORD_END)
        behind, self._position = self._position, start
        if character is None:
            raise self._malformed()
        return RecordBoundary(stop=stop - start, next_position=behind - start, is_last=character != b",")

    def _leniently(self, key: str, count: int, listed: bytes) -> tuple[list[Any], Mapping[str, list[int]]]:
        try:
            return self._readers[key].lenient.records(listed)
        except RecordError as error:
            raise RecordError(count + error.index, error.record, str(error), key) from None
        except (msgspec.DecodeError, RecursionError):
            raise self._malformed() from None

    def _end_of_value(self) -> int:
        """Return where the value at the position ends."""
        while True:
            text = memoryview(self._chunk)[self._offset() :]
            stop = self._length_of_value(text)
            if stop is not None:
                return self._position + stop
            if self._chunk_is_rest:
                raise self._malformed()
            self._fill_chunk(2 * len(text))

    def _length_of_value(self, text: memoryview) -> int | None:
        """Return how long the value is that a text begins with; None where more may belong to it."""
        try:
            self._any.decode(text)
        except RecursionError:
            raise self._malformed() from None
        except msgspec.DecodeError as error:
            found = TRAILING.search(str(error))
            return None if found is None else len(bytes(text[: int(found[1]) - 1]).rstrip(BLANKS))
        return len(bytes(text).rstrip(BLANKS)) if self._chunk_is_rest else None

    def _take(self, pattern: "re.Pattern[bytes]") -> bytes | None:
        """Move behind what the pattern finds at the position and return its group; None, without a move, if nothing."""
        while True:
            offset = self._offset()
            found = pattern.match(self._chunk, offset)
            is_near_end = found.end() == len(self._chunk) if found else UNFINISHED.match(self._chunk, offset)
            if is_near_end and not self._chunk_is_rest:
                self._fill_chunk(2 * (len(self._chunk) - offset))
                continue
            if found is None:
                return None
            self._position += found.end() - offset
            return found.group(1) or b"" if pattern.groups else b""

    def _offset(self) -> int:
        """Return where in the chunk the position is, after reading it if it is elsewhere."""
        if not 0 <= self._position - self._chunk_start <= len(self._chunk):
            self._fill_chunk(CHUNK_BYTES)
        return self._position - self._chunk_start

    @property
    def _chunk_is_rest(self) -> bool:
        return self._chunk_start + len(self._chunk) >= self._size

    def _fill_chunk(self, length: int) -> None:
        """Let the chunk begin at the position."""
        text = self._read(self._position, self._position + max(length, CHUNK_BYTES))
        if not text and self._position < self._size:
            raise MalformedJsonError("the file is empty now, or was cut short while it was read")
        self._chunk, self._chunk_start = masked(text), self._position

    def _read(self, start: int, stop: int) -> bytes:
        self._file.seek(start)
        return self._file.read(stop - start)

    def _malformed(self) -> MalformedJsonError:
        """Return what msgspec says about the whole document, with the position of the first flaw."""
        text = self._read(0, self._size)
        mark = len(BYTE_ORDER_MARK.match(text)[0])  # type: ignore[index]  # it matches anything
        try:
            self._any.decode(masked(text[mark:]))
        except RecursionError:
            return MalformedJsonError("lists or objects are nested too deep: a recursion of a thousand levels")
        except msgspec.DecodeError as error:
            return _flaw(str(error), text, mark)
        return MalformedJsonError(f"what is at byte {self._position:,} is not understood", position=self._position)


def _flaw(message: str, text: bytes, mark: int) -> MalformedJsonError:
    """Return msgspec's message about a text behind its byte order mark, with the flaw's line and surroundings."""
    found = FLAW.search(message)
    if found is None:
        return MalformedJsonError(message)
    position = int(found[1]) + mark - (TRAILING.search(message) is not None)
    line = text.count(b"\n", 0, position) + 1
    return MalformedJsonError(
        f"{message[: found.start()].strip()} at byte {position:,}, line {line:,}",
        position=position,
        line=line,
        before=text[max(position - SHOWN_BYTES, 0) : position],
        behind=text[position : position + SHOWN_BYTES],
    )
