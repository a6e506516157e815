"""Dots with intervals around a zero line, as small SVG drawings whose lengths are shares of their width."""

import math
from collections.abc import Sequence

from cocomine.claim.number_words import signed
from cocomine.claim.records import Difference
from cocomine.claim.sentences import is_claimed
from cocomine.claim.tables import ForestRow

HEIGHT_PX, MIDDLE_PX = 22, 11
LEAST_REACH = 1.0
"""Points that an axis goes to either side, at least."""
_HEAD = f'<svg width="100%" height="{HEIGHT_PX}" aria-hidden="true">'
_ZERO = f'<line class="zero" x1="50%" x2="50%" y1="0" y2="{HEIGHT_PX}"/>'
_STEPS = (1, 2, 5)


def drawing_reach(rows: Sequence[ForestRow]) -> float:
    """Return how many points an axis goes to either side of zero, so that all of these differences are on it."""
    shown = [difference for row in rows for difference in row.both if difference is not None]
    ends = [end for each in shown for end in (each.value, each.low, each.high) if end is not None]
    return 1.1 * max([LEAST_REACH, *map(abs, ends)])


def interval_drawing(difference: Difference, reach: float) -> str:
    """Return a difference as a dot on its interval; hollow where it cannot be told from zero."""
    kind = ("better" if difference.value > 0 else "worse") if is_claimed(difference) else "open"
    dot = f'<circle class="{kind}" cx="{_place(difference.value, reach)}" cy="{MIDDLE_PX}" r="5.5"/>'
    return f"{_HEAD}{_ZERO}{_interval(difference, reach, kind)}{dot}</svg>"


def axis_drawing(reach: float) -> str:
    """Return the numbers below the drawings: zero, and one to either side."""
    step = _step(reach)
    return f"{_HEAD}{_tick(-step, reach)}{_tick(0, reach)}{_tick(step, reach)}</svg>"


def _interval(difference: Difference, reach: float, kind: str) -> str:
    if difference.low is None or difference.high is None:
        return ""
    ends = f'x1="{_place(difference.low, reach)}" x2="{_place(difference.high, reach)}"'
    return f'<line class="{kind}" {ends} y1="{MIDDLE_PX}" y2="{MIDDLE_PX}"/>'


def _tick(value: float, reach: float) -> str:
    words = signed(value) if value else "0"
    return f'<text x="{_place(value, reach)}" y="14" text-anchor="middle">{words.removesuffix(".0")}</text>'


def _step(reach: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20 … that leaves its number room before the end of the axis."""
    most = 0.8 * reach
    magnitude = 10.0 ** math.floor(math.log10(most))
    return max(step * magnitude for step in _STEPS if step * magnitude <= most)


def _place(value: float, reach: float) -> str:
    return f"{50 + 50 * value / reach:.2f}%"
