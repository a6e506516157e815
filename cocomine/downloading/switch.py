"""How is a download paused, gone on with and cancelled, and how long does it wait before it tries again?

Waits are spread by chance, so that connections that broke together do not come back together. What a server asks to
wait holds for all connections to its host.
"""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from cocomine.system.jobs import JobCancelled

LONGEST_NAP_S = 0.5
"""So soon a wait notices that it was cancelled."""


class Switch:
    """By which a download is steered from another thread; it serves one download."""

    def __init__(self) -> None:
        self._may_go_on, self._cancelled = threading.Event(), threading.Event()
        self._may_go_on.set()

    @property
    def is_paused(self) -> bool:
        """Whether it stands still until `go_on`."""
        return not self._may_go_on.is_set()

    def pause(self) -> None:
        """Let the download stand still; what was received stays."""
        self._may_go_on.clear()

    def go_on(self) -> None:
        """Let a paused download go on."""
        self._may_go_on.set()

    def cancel(self) -> None:
        """Ask the download to end, paused or not; what was received stays for the next one."""
        self._cancelled.set()
        self._may_go_on.set()

    def checkpoint(self) -> None:
        """Return as soon as the download may go on.

        Raises:
            JobCancelled: it was cancelled.
        """
        self._may_go_on.wait()
        if self._cancelled.is_set():
            raise JobCancelled

    def wait(self, wait_s: float) -> None:
        """Wait so long, unless it is cancelled meanwhile.

        Raises:
            JobCancelled: it was.
        """
        self._cancelled.wait(wait_s)
        self.checkpoint()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a file is tried, and how long is waited.

    Attributes:
        tries: in a row that bring less than `transfer.WORTH_BYTES`.
        first_wait_s: before the second try; each further wait is twice as long.
        longest_wait_s: also of what a server may ask for.
        silence_s: how long a server may say nothing.
    """

    tries: int = 6
    first_wait_s: float = 1.0
    longest_wait_s: float = 120.0
    silence_s: float = 30.0

    def wait_s(self, failed_tries: int, rng: random.Random) -> float:
        """Return how long to wait after so many tries: at least half of the longest for that, the rest by chance."""
        longest_s = min(self.first_wait_s * 2.0 ** (failed_tries - 1), self.longest_wait_s)
        return longest_s * (1 + rng.random()) / 2


class Pace:
    """When may each host be asked again?"""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._not_before: dict[str, float] = defaultdict(float)

    def hold(self, host: str, wait_s: float) -> None:
        """Let nobody ask a host for so long."""
        self._not_before[host] = max(self._not_before[host], self._now() + wait_s)

    def wait(self, host: str, switch: Switch) -> None:
        """Wait until a host may be asked, and the download is not paused.

        Raises:
            JobCancelled: it was cancelled meanwhile.
        """
        switch.checkpoint()
        while (left_s := self._not_before[host] - self._now()) > 0:
            switch.wait(min(left_s, LONGEST_NAP_S))


def asked_wait_s(retry_after: str | None, now: datetime | None = None) -> float:
    """Return how long `Retry-After` asks to wait, in seconds or until a date; 0 where it cannot be read.

    Source: RFC 9110, section 10.2.3
    """
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - (now or datetime.now(UTC))).total_seconds(), 0.0)
