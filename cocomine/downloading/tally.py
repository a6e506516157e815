"""How far is a download, how fast, and how long will it still take?

The speed is that of the last seconds, so that a pause or a slow beginning is soon forgotten. How many bytes are left is
told by the mean of the images that came.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from cocomine.wording import counted, duration, size_words

WINDOW_S = 5.0
SHORTEST_S = 0.5
"""Before, the speed is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadState:
    """What is told of a download while it goes on.

    Attributes:
        done: images that are there or were given up.
        total: images in all.
        failed: images that were given up.
        received_bytes: over the network, since it began.
        bytes_per_s: of the last seconds; 0 before there is anything to tell.
        left_s: seconds left if it goes on like this; None while that cannot be told.
    """

    done: int
    total: int
    failed: int
    received_bytes: int
    bytes_per_s: float
    left_s: float | None

    def __str__(self) -> str:
        parts = [f"{self.done:,} of {counted(self.total, 'image')}", size_words(self.received_bytes)]
        if self.bytes_per_s:
            parts.append(f"{self.bytes_per_s / 1e6:,.1f} MB/s")
        if self.left_s is not None:
            parts.append(f"{duration(self.left_s)} left")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return " · ".join(parts)


class Tally:
    """What has come so far; several threads count in it and one looks."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._total = self._done = self._failed = self._fetched = self._received_bytes = 0
        self._marks: deque[tuple[float, int]] = deque()

    def begin(self, total: int) -> None:
        """Say how many images there will be."""
        with self._lock:
            self._total = total
            self._marks.append((self._now(), self._received_bytes))

    def receive(self, size_bytes: int) -> None:
        """Count what came over the network."""
        with self._lock:
            self._received_bytes += size_bytes

    def finish(self, *, was_fetched: bool, has_failed: bool) -> None:
        """Count an image that is there, or was given up."""
        with self._lock:
            self._done += 1
            self._fetched += was_fetched
            self._failed += has_failed

    def state(self) -> DownloadState:
        """Return how far it is now."""
        with self._lock:
            bytes_per_s = self._bytes_per_s()
            left_bytes = (self._total - self._done) * self._received_bytes / max(self._fetched, 1)
            return DownloadState(
                done=self._done,
                total=self._total,
                failed=self._failed,
                received_bytes=self._received_bytes,
                bytes_per_s=bytes_per_s,
                left_s=left_bytes / bytes_per_s if bytes_per_s and self._fetched else None,
            )

    def _bytes_per_s(self) -> float:
        now = self._now()
        self._marks.append((now, self._received_bytes))
        while len(self._marks) > 2 and now - self._marks[1][0] >= WINDOW_S:
            self._marks.popleft()
        began_s, before = self._marks[0]
        return (self._received_bytes - before) / (now - began_s) if now - began_s >= SHORTEST_S else 0.0
