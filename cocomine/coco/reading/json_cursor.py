"""Where in a JSON document are we, and what comes next there?

Everything beside the blocks of records is passed over from one small buffer. Whatever the document is, the work
grows with its length and no faster: what is not found is looked for in twice as much, never in the whole of what is
left.

Source: RFC 8259 (JSON)
"""

import re
from io import FileIO

import msgspec
from msgspec import Raw

from cocomine.coco.json_repair import BLANKS, masked

CHUNK_BYTES = 1 << 16
"""What is read at once beside the blocks."""

BYTE_ORDER_MARK = re.compile(rb"(\xef\xbb\xbf)?")
UNFINISHED = re.compile(rb'\[?[ \t\r\n]*+(?:"(?:[^"\\]|\\.)*+(?:\\|"[ \t\r\n]*+)?)?\Z', re.DOTALL)
"""An opening bracket or a text at the end of what is read: more may belong to it."""
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


class JsonCursor:
    """A position in the file that moves on with everything that is read.

    Attributes:
        file: open for reading, without a buffer.
        size: its length in bytes.
        position: in bytes.
    """

    def __init__(self, file: FileIO, size: int) -> None:
        self.file, self.size = file, size
        self.position = 0
        self._any: msgspec.json.Decoder[Raw] = msgspec.json.Decoder(Raw)
        self._chunk, self._chunk_start = b"", 0

    def match(self, pattern: "re.Pattern[bytes]") -> "re.Match[bytes] | None":
        """Return what the pattern finds at the position in what is read already; the position stays."""
        return pattern.match(self._chunk, self._offset())

    def end_of_value(self) -> int:
        """Return where the value at the position ends."""
        while True:
            text = memoryview(self._chunk)[self._offset() :]
            stop = self._length_of_value(text)
            if stop is not None:
                return self.position + stop
            if self._chunk_is_rest:
                raise self.malformed()
            self._fill_chunk(2 * len(text))

    def _length_of_value(self, text: memoryview) -> int | None:
        """Return how long the value is that a text begins with; None where more may belong to it."""
        try:
            self._any.decode(text)
        except RecursionError:
            raise self.malformed() from None
        except msgspec.DecodeError as error:
            found = TRAILING.search(str(error))
            return None if found is None else len(bytes(text[: int(found[1]) - 1]).rstrip(BLANKS))
        return len(bytes(text).rstrip(BLANKS)) if self._chunk_is_rest else None

    def take(self, pattern: "re.Pattern[bytes]") -> bytes | None:
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
            self.position += found.end() - offset
            return found.group(1) or b"" if pattern.groups else b""

    def _offset(self) -> int:
        """Return where in the chunk the position is, after reading it if it is elsewhere."""
        if not 0 <= self.position - self._chunk_start <= len(self._chunk):
            self._fill_chunk(CHUNK_BYTES)
        return self.position - self._chunk_start

    @property
    def _chunk_is_rest(self) -> bool:
        return self._chunk_start + len(self._chunk) >= self.size

    def _fill_chunk(self, length: int) -> None:
        """Let the chunk begin at the position."""
        text = self.read(self.position, self.position + max(length, CHUNK_BYTES))
        if not text and self.position < self.size:
            raise MalformedJsonError("the file is empty now, or was cut short while it was read")
        self._chunk, self._chunk_start = masked(text), self.position

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes of the file from one position to another."""
        self.file.seek(start)
        return self.file.read(stop - start)

    def malformed(self) -> MalformedJsonError:
        """Return what msgspec says about the whole document, with the position of the first flaw."""
        text = self.read(0, self.size)
        mark = len(BYTE_ORDER_MARK.match(text)[0])  # type: ignore[index]  # it matches anything
        try:
            self._any.decode(masked(text[mark:]))
        except RecursionError:
            return MalformedJsonError("lists or objects are nested too deep: a recursion of a thousand levels")
        except msgspec.DecodeError as error:
            return _flaw(str(error), text, mark)
        return MalformedJsonError(f"what is at byte {self.position:,} is not understood", position=self.position)


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
