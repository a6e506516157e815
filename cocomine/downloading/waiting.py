"""How long does a download wait before it tries again, and how does it end early?

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


class Ending:
    """Whether a download is to end; its threads look before each step and while they wait."""

    def __init__(self) -> None:
        self._is_near = threading.Event()

    def begin(self) -> None:
        """Let every thread of the download end; what was received stays for the next one."""
        self._is_near.set()

    def check(self) -> None:
        """Return if the download goes on.

        Raises:
            JobCancelled: it is to end.
        """
        self.wait(0)

    def wait(self, wait_s: float) -> None:
        """Wait so long, unless the download is to end.

        Raises:
            JobCancelled: it is.
        """
        if self._is_near.wait(wait_s):
            raise JobCancelled


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

    def wait(self, host: str, ending: Ending) -> None:
        """Wait until a host may be asked.

        Raises:
            JobCancelled: the download is to end.
        """
        ending.check()
        while (left_s := self._not_before[host] - self._now()) > 0:
            ending.wait(left_s)


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
