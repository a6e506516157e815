"""How does one file come from the web, in as many tries as it takes?

What is received goes to a partial file, which the next try joins, in this download or a later one. How much is received
is bounded, by what the server announces and while it sends. What cannot get better by another try is refused at once.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from cocomine.downloading.connections import Connections, broken
from cocomine.downloading.partial_file import PARTIAL_CONTENT, PartialFile
from cocomine.downloading.permission import WebAddress
from cocomine.downloading.refusals import Interrupted, Refused
from cocomine.downloading.waiting import Ending, Pace, Patience, asked_wait_s
from cocomine.system.space import writing_to
from cocomine.wording import counted, duration, size_words

BLOCK_BYTES = 1 << 16
WORTH_BYTES = 1 << 20
"""A try that brought so much does not count as a failed one."""
MOST_TRIES = 100
"""Whatever they brought."""
HOPELESS_FILES = 16
"""After so many in a row that a host did not send, no other is tried: 16,000 would take hours to fail."""
SLOWEST_BYTES_PER_S = 1000
SLOW_START_S = 60.0
"""So long a server may be slower."""
PASSING = {408, 425, 429, 500, 502, 503, 504}
"""Answers that may be others in a while."""
UNSATISFIABLE_RANGE = 416


@dataclass(frozen=True, slots=True, kw_only=True)
class WebFile:
    """A file to be fetched.

    Attributes:
        target: where it will be; nobody else writes it meanwhile.
        most_bytes: a larger one is refused.
        check: raises `Refused` or `Interrupted` where the file at a path is not what is wanted.
    """

    url: WebAddress
    target: Path
    most_bytes: int
    check: Callable[[Path], None]


class Transfer:
    """What fetches files one by one; several threads may share it."""

    def __init__(
        self, connections: Connections, patience: Patience, ending: Ending, received: Callable[[int], None]
    ) -> None:
        """Begin nothing yet.

        Args:
            connections: to the servers.
            patience: how often a file is tried.
            ending: of the download.
            received: is told of each block how many bytes it has, and may hold the thread meanwhile.
        """
        self._connections, self._patience, self._ending, self._received = connections, patience, ending, received
        self._pace, self._rng = Pace(), random.Random()  # noqa: S311 - spreads waits, guards nothing
        self._given_up: dict[str, int] = defaultdict(int)  # files in a row, by host

    def fetch(self, file: WebFile) -> None:
        """Bring a file under its name, whole and sound.

        Raises:
            Refused: no further try would bring it.
            JobCancelled: the download is to end; the part stays.
            StorageError: it cannot be written.
        """
        if self._given_up[file.url.authority] >= HOPELESS_FILES:
            raise Refused(f"{file.url.authority} did not send the {HOPELESS_FILES} files before it")
        failed_tries = 0
        for _ in range(MOST_TRIES):
            before = PartialFile(file.target).size
            try:
                return self._try(file)
            except Interrupted as error:
                has_gone_on = PartialFile(file.target).size - before >= WORTH_BYTES
                failed_tries = 1 if has_gone_on else failed_tries + 1
                self._wait(file.url, error, failed_tries)
        raise Refused(f"it did not come in {MOST_TRIES} tries")

    def _wait(self, url: WebAddress, error: Interrupted, failed_tries: int) -> None:
        if error.wait_s > self._patience.longest_wait_s:
            self._given_up[url.authority] += 1
            raise Refused(f"{error.reason} and asks to come back in {duration(error.wait_s)}") from error
        if failed_tries >= self._patience.tries:
            self._given_up[url.authority] += 1
            told = f"{error.reason} ({counted(failed_tries, 'failed attempt')})"
            raise Refused(told, is_unspoken=error.is_unspoken) from error
        self._pace.hold(url.authority, error.wait_s)
        self._ending.wait(self._patience.wait_s(failed_tries, self._rng))

    def _try(self, file: WebFile) -> None:
        self._pace.wait(file.url.authority, self._ending)
        part = PartialFile(file.target)
        try:
            if not part.is_complete:
                self._receive(file, part)
                self._given_up[file.url.authority] = 0
            self._ending.check()
            _check(file, part)
        except Refused:
            part.drop()
            raise
        with writing_to(file.target):
            part.become(file.target)

    def _receive(self, file: WebFile, part: PartialFile) -> None:
        asked = part.range_headers()
        response = self._connections.answer(file.url, asked)
        try:
            _refuse_unfit(response, file.url, part, is_part_wanted=bool(asked))
            with writing_to(part.path, need_bytes=part.total), part.open_for(response) as writing:
                _refuse_large(part.total or 0, file.most_bytes)
                self._copy(response, writing, file)
        finally:
            response.close()
        if part.total is not None and part.size != part.total:
            host, came, announced = file.url.authority, size_words(part.size), size_words(part.total)
            raise Interrupted(f"{host} sent {came} of the {announced} that it announced")

    def _copy(self, response: BaseHTTPResponse, writing: BinaryIO, file: WebFile) -> None:
        began_s, received = time.monotonic(), 0
        while block := _next_block(response, file.url):
            self._ending.check()
            _refuse_large(writing.tell() + len(block), file.most_bytes)
            writing.write(block)
            received += len(block)
            began_s += self._held_s(len(block))  # the server is not to blame for that
            _interrupt_slow(file.url, received, time.monotonic() - began_s)

    def _held_s(self, size_bytes: int) -> float:
        """Tell what was received, and return for how long that held this thread."""
        before_s = time.monotonic()
        self._received(size_bytes)
        return time.monotonic() - before_s


def _interrupt_slow(url: WebAddress, received: int, elapsed_s: float) -> None:
    if elapsed_s > SLOW_START_S and received < elapsed_s * SLOWEST_BYTES_PER_S:
        raise Interrupted(f"{url.authority} sends less than {size_words(SLOWEST_BYTES_PER_S)} per second")


def _check(file: WebFile, part: PartialFile) -> None:
    try:
        file.check(part.path)
    except Interrupted:
        part.drop()
        raise


def _next_block(response: BaseHTTPResponse, url: WebAddress) -> bytes:
    """Return what has arrived, nothing at the end."""
    try:
        return response.read1(BLOCK_BYTES)
    except (HTTPError, OSError) as error:
        raise broken(url, error) from error


def _refuse_unfit(response: BaseHTTPResponse, url: WebAddress, part: PartialFile, *, is_part_wanted: bool) -> None:
    """Let only an answer pass that holds the file or its rest."""
    status = response.status
    if status == UNSATISFIABLE_RANGE and is_part_wanted:
        part.drop()
        raise Interrupted(f"{url.authority} does not have the rest of the part that is here")
    if status in PASSING:
        wait_s = asked_wait_s(response.headers.get("Retry-After"))
        raise Interrupted(f"{url.authority} answers {_status_words(status)}", wait_s=wait_s)
    if status not in ({200, PARTIAL_CONTENT} if is_part_wanted else {200}):
        raise Refused(f"{url.authority} answers {_status_words(status)}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(f"{url.authority} sends it compressed, which was not asked for")
    if response.headers.get("Content-Type", "").lower().startswith(("text/html", "application/xhtml")):
        raise Refused(f"{url.authority} sends a web page instead of it")


def _refuse_large(size_bytes: int, most_bytes: int) -> None:
    if size_bytes > most_bytes:
        raise Refused(f"it is larger than {size_words(most_bytes)}, the most that is fetched")


def _status_words(status: int) -> str:
    """Return an answer as people know it: "404 Not Found"."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
