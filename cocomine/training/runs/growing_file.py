"""What is new in a file that another process appends lines to?

A file that did not change is not read. One that grew under the same inode, and still has the bytes where the last look
ended, was appended to: only what is new is read. Anything else (put back from a checkpoint when a run went on, or
edited) is compared with all that was taken of it, and taken anew where it differs.
"""

import hashlib
import os
from dataclasses import dataclass
from typing import BinaryIO

from cocomine.system.files import Stamp, stamp_of

_TAIL_BYTES = 4096
"""Some 35 lines of numbers: what was put back and then went another way differs in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLines:
    """What a look at a file found."""

    lines: tuple[bytes, ...]  # whole ones, without their ends
    is_anew: bool  # the file is no continuation of what was taken before: these are all its lines


class GrowingFile:
    """Remembers how much of a file was taken."""

    def __init__(self) -> None:
        self._stamp: Stamp | None = None  # of the file at the last look
        self._forget()

    def _forget(self) -> None:
        self._size_bytes = 0  # of what was taken, as the next two
        self._hash = hashlib.blake2b()
        self._tail = b""

    def look(self, file: BinaryIO) -> NewLines:
        """Take the whole lines of an open file that were not taken yet; what follows its last line end stays."""
        stamp = stamp_of(os.fstat(file.fileno()))
        if stamp == self._stamp:
            return NewLines(lines=(), is_anew=False)
        is_anew = not self._is_continued_by(file, stamp)
        file.seek(0 if is_anew else self._size_bytes)
        data = file.read()
        if is_anew:
            self._forget()
        self._stamp = stamp
        return NewLines(lines=self._taken(data), is_anew=is_anew)

    def _is_continued_by(self, file: BinaryIO, stamp: Stamp) -> bool:
        if self._is_grown(stamp):
            file.seek(self._size_bytes - len(self._tail))
            return file.read(len(self._tail)) == self._tail
        file.seek(0)
        return hashlib.blake2b(file.read(self._size_bytes)).digest() == self._hash.digest()

    def _is_grown(self, stamp: Stamp) -> bool:
        return self._stamp is not None and stamp.inode == self._stamp.inode and stamp.size > self._stamp.size

    def _taken(self, data: bytes) -> tuple[bytes, ...]:
        whole = data[: data.rfind(b"\n") + 1]
        self._hash.update(whole)
        self._tail = (self._tail + whole[-_TAIL_BYTES:])[-_TAIL_BYTES:]
        self._size_bytes += len(whole)
        return tuple(whole.split(b"\n")[:-1])
