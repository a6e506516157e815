"""How do several processes read one annotation file, so that what is found is the same for any number of them?

The file is cut where a record seems to end. Each process reads pieces as if that were so, as annotations or as images;
`json_blocks.scanned` then goes through the document in its order and takes a stretch where a record does begin at its
start, and reads all else itself. So a wrong guess costs time and nothing else, and whatever is odd about a file is
found by one process, in one place. SHA-256, which cannot be cut, is a task beside the pieces. This process is one of
them: it would wait otherwise, and another takes a quarter of a second to begin.
"""

import gc
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from io import FileIO
from itertools import pairwise
from pathlib import Path
from threading import Event

from cocomine.coco.reading.columns import part_of
from cocomine.coco.reading.json_blocks import NO_STRETCHES, Stretch, Stretches, stretch_blocks
from cocomine.coco.reading.record_fields import READERS
from cocomine.errors import DatasetError
from cocomine.system.cores import usable_cores
from cocomine.system.files import Stamp, stamp_of
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import LONGEST_SILENCE_S
from cocomine.system.worker_pool import WorkerPool

LEAST_BYTES = 64 << 20
"""A smaller file is read before other processes have begun."""
PIECE_BYTES = 8 << 20
MOST_PROCESSES = 8
"""Each holds 70 MB; with more, all would wait for the one that hashes."""
FIRST_CUT = 1 << 16
"""Before it, most files have all that comes before their first long list."""
SEARCHED_BYTES = 1 << 16
BORDER = re.compile(rb"\}[ \t\r\n]*+,[ \t\r\n]*+(?=\{)")
LISTS = ("annotations", "images")
Task = Callable[[], Stretch | str | None]
LARGEST_KEPT_BYTES = (32 << 20) - (64 << 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAhead:
    """What other processes found in a file.

    Attributes:
        stretches: one counts where a record begins at its start.
        sha256: of the file, in hex; None where it is still to be computed.
    """

    stretches: Stretches
    sha256: str | None

    @property
    def read_bytes(self) -> int:
        """How long all stretches are."""
        return sum(each.stop - each.start for each in self.stretches.values())


NOTHING = ReadAhead(stretches=NO_STRETCHES, sha256=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a file of which others read the rest; `start` and `stop` are at a `{`, or `stop` is the file's end."""

    path: Path
    stamp: Stamp
    start: int
    stop: int


def read_ahead(path: Path, file: FileIO, stamp: Stamp, progress: Progress) -> ReadAhead:
    """Read a large file by a process for each core, up to `MOST_PROCESSES`; the others end with this call.

    Args:
        path: under which the processes open the file.
        file: the same, open.
        stamp: of that file; what has another one meanwhile is not read.
        progress: gets how much was read, in bytes; what it raises ends the work.

    Raises:
        DatasetError: one of the processes died.
    """
    process_count = min(usable_cores(), MOST_PROCESSES)
    if process_count < 2 or stamp.size < LEAST_BYTES:
        return NOTHING
    borders = [*_borders(file, stamp.size), stamp.size]
    pieces = [Piece(path=path, stamp=stamp, start=start, stop=stop) for start, stop in pairwise(borders)]
    tasks: list[Task] = [partial(sha256_if_same, path, stamp), *(partial(stretch_in, piece) for piece in pieces)]
    found: list[Stretch | str | None] = []
    waiting = iter(tasks)

    def tell() -> None:
        progress(sum(each.stop - each.start for each in _stretches(found)), stamp.size)

    others = WorkerPool(min(process_count, len(tasks)) - 1, lost=partial(_lost, path), beside_this=True)
    with kept_memory(), others as pool, _doing_some(waiting, found) as share:
        for _, result in pool.results_as_they_come(_done, waiting, tell):
            found.append(result)
            tell()
        while not share.done():
            wait([share], LONGEST_SILENCE_S)
            tell()
    sha256 = next((each for each in found if isinstance(each, str)), None)
    return ReadAhead(stretches={each.start: each for each in _stretches(found)}, sha256=sha256)


def _stretches(found: Sequence[Stretch | str | None]) -> list[Stretch]:
    return [each for each in found if isinstance(each, Stretch)]


def _done(task: Task) -> Stretch | str | None:
    return task()


@contextmanager
def _doing_some(waiting: Iterator[Task], found: list[Stretch | str | None]) -> Iterator[Future[None]]:
    """Take tasks as other processes do, one after the other, until there is none or the block ends."""
    is_over = Event()
    with ThreadPoolExecutor(1) as thread:
        share = thread.submit(_work, waiting, found, is_over)
        try:
            yield share
        finally:
            is_over.set()
    share.result()


def _work(waiting: Iterator[Task], found: list[Stretch | str | None], is_over: Event) -> None:
    for task in waiting:
        if is_over.is_set():
            return
        found.append(task())


def stretch_in(piece: Piece) -> Stretch | None:
    """Return what a piece holds, as far as it is sound; None where that is no list that is known, or another file."""
    with piece.path.open("rb", buffering=0) as file, kept_memory():
        if stamp_of(os.fstat(file.fileno())) != piece.stamp:
            return None
        return next(filter(None, (_stretch(file, piece, key) for key in LISTS)), None)


def sha256_if_same(path: Path, stamp: Stamp) -> str | None:
    """Return the SHA-256 of a file, in hex; None where it is another file now."""
    with path.open("rb") as file:
        is_same = stamp_of(os.fstat(file.fileno())) == stamp
        return hashlib.file_digest(file, "sha256").hexdigest() if is_same else None


@contextmanager
def kept_memory() -> Iterator[None]:
    """Let decoding make and free millions of objects without what that costs elsewhere.

    No garbage collection looks through lists that hold no cycle, which takes a tenth of the time; glibc keeps what a
    block frees for the next one, where handing it back and forth takes a fifth.
    """
    _keep_freed_memory()
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@cache
def _keep_freed_memory() -> None:
    """Raise glibc's threshold to the size of the largest piece that was ever freed (M_MMAP_THRESHOLD in mallopt(3))."""
    bytearray(LARGEST_KEPT_BYTES)


def _borders(file: FileIO, size: int) -> list[int]:
    """Return where a record seems to begin, once for each piece, rising."""
    found = (_border_behind(file, position) for position in (FIRST_CUT, *range(PIECE_BYTES, size, PIECE_BYTES)))
    return sorted({border for border in found if border is not None})


def _border_behind(file: FileIO, position: int) -> int | None:
    file.seek(position)
    found = BORDER.search(file.read(SEARCHED_BYTES))
    return None if found is None else position + found.end()


def _stretch(file: FileIO, piece: Piece, key: str) -> Stretch | None:
    blocks = stretch_blocks(file, READERS, key, start=piece.start, stop=piece.stop)
    read = [(part_of(block), block.count, block.stop, block.is_last) for block in blocks]
    if not read:
        return None
    parts, counts, stops, are_last = zip(*read, strict=True)
    return Stretch(key=key, start=piece.start, stop=stops[-1], is_last=are_last[-1], count=sum(counts), parts=parts)


def _lost(path: Path) -> DatasetError:
    return DatasetError(
        f"{path}: a process that read a part of the file ended before its work was done. If memory ran out, close "
        "other programs and open the dataset again."
    )
