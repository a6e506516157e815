"""What is kept of a file that has come in part, and when may the rest be joined to it?

`<name>.part` holds the bytes, and `<name>.part.json` which version of the file they are of. The rest is asked for by
`Range` with `If-Range`, so that a server sends the whole file where it is another one by now; and what it answers is
compared again. Where a server does not say by what a version is known again, nothing is joined: two halves of different
images decode as if they were one.

Source: RFC 9110, sections 13.1.5 and 14
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec
from urllib3 import BaseHTTPResponse

from cocomine.downloading.refusals import Interrupted

CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")
PARTIAL_CONTENT = 206


class _Note(msgspec.Struct):
    """Which version of a file a part is of.

    Attributes:
        validator: by what the server knows it again.
        total: its length in bytes.
    """

    validator: str | None = None
    total: int | None = None


class PartialFile:
    """The part of a file that is here.

    Attributes:
        path: of the bytes.
        total: how many there will be; None where the server does not say.
    """

    def __init__(self, path: Path) -> None:
        """Look at what is here.

        Args:
            path: of the file, once it is whole.
        """
        self.path = path.with_name(f"{path.name}.part")
        self._note = path.with_name(f"{path.name}.part.json")
        note = self._read_note()
        self._validator, self.total = note.validator, note.total

    @property
    def size(self) -> int:
        """How many bytes are here."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def is_complete(self) -> bool:
        """Whether all bytes that the server announced are here."""
        return self.total is not None and self.size == self.total

    def range_headers(self) -> dict[str, str]:
        """Return what asks for the rest alone; nothing where the file is wanted from its beginning."""
        if not self._validator or self.total is None or not 0 < self.size < self.total:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._validator}

    def open_for(self, response: BaseHTTPResponse) -> BinaryIO:
        """Return the part, opened for what an answer brings: the rest, or the whole file.

        Raises:
            Interrupted: what it brings does not join what is here, which was dropped.
        """
        if response.status == PARTIAL_CONTENT:
            return self._open_for_rest(response)
        self.drop()
        length = response.headers.get("Content-Length", "")
        self.total = int(length) if length.isascii() and length.isdigit() else None
        self._validator = _validator(response.headers)
        self._note.write_bytes(msgspec.json.encode(_Note(self._validator, self.total)))
        return self.path.open("wb")

    def drop(self) -> None:
        """Forget what is here."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self._validator, self.total = None, None

    def become(self, path: Path) -> None:
        """Give the file, which is whole now, its name; the disk has its bytes before."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        self._note.unlink(missing_ok=True)  # before, so that a kill in between leaves nothing beside a whole file
        os.replace(self.path, path)

    def _open_for_rest(self, response: BaseHTTPResponse) -> BinaryIO:
        found = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        joins = found is not None and (int(found[1]), int(found[2])) == (self.size, self.total)
        if not joins or _validator(response.headers) not in {None, self._validator}:
            self.drop()
            raise Interrupted("the server sent a part that does not join the one that is here")
        return self.path.open("ab")

    def _read_note(self) -> _Note:
        try:
            return msgspec.json.decode(self._note.read_bytes(), type=_Note)
        except (OSError, msgspec.MsgspecError):  # none, or cut short: the file is fetched from its beginning
            return _Note()


def _validator(headers: Mapping[str, str]) -> str | None:
    """Return by what a version is known again: its strong `ETag`, else when it was last modified."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified") or None
