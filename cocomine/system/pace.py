"""How fast does something go on, and how long will the rest take?

The one place where images per second, bytes per second and the time left are computed: from what was reached within the
last `WINDOW_S`, so that a change of pace shows, and a pause does not count when the clock that is passed in stands
still during it.
"""

from collections import deque

WINDOW_S = 20.0
SPACING_S = 0.25
"""Between two values that are kept."""
EARLIEST_S = 1.0
"""Before, what was done tells nothing about what is left."""


class Pace:
    """The pace of one quantity that goes up."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, float]] = deque()
        self._last = 0.0

    def note(self, time_s: float, value: float) -> None:
        """Take note of a value; one that is less than the last is the beginning of something else.

        Args:
            time_s: of a clock that stands still during pauses.
            value: what was reached.
        """
        if value < self._last:
            self._kept.clear()
        self._last = value
        if not self._kept or time_s - self._kept[-1][0] >= SPACING_S:
            self._kept.append((time_s, value))
        while len(self._kept) > 2 and time_s - self._kept[1][0] > WINDOW_S:
            self._kept.popleft()

    def per_s(self, time_s: float) -> float | None:
        """Return how much it is per second, None while that cannot be told."""
        if not self._kept:
            return None
        since_s, value = self._kept[0]
        return (self._last - value) / (time_s - since_s) if time_s - since_s >= EARLIEST_S else None

    def left_s(self, time_s: float, total: float) -> float | None:
        """Return the seconds until a total is reached if it goes on like this, None while that cannot be told."""
        per_s = self.per_s(time_s)
        return max(total - self._last, 0.0) / per_s if per_s else None
