"""Which colour has which value of a measure of pairs, and what the colour bar says?

Against chance colours go from orange by a neutral middle to blue, which people without red-green vision
tell apart as well; other measures from the middle to blue.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cocomine.charts.theme import FEWER, MIDDLE, MORE
from cocomine.coco.arrays import Floats
from cocomine.mining.interference.co_occurrence import Measure
from cocomine.mining.interference.pair_measure import PairMeasure
from cocomine.wording import percent

SHARE_TICKS = (0.01, 0.05, 0.2, 0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How values become colours.

    Attributes:
        colours: from values to positions on the scale.
        colorscale: plotly's, from `low` to `high`.
        ticks: positions of the colour bar's words.
    """

    colours: Callable[[Floats], Floats]
    colorscale: list[tuple[float, str]]
    low: float
    high: float
    ticks: list[float]
    words: list[str]


def scale_of(view: PairMeasure, shown: Floats, theme: str) -> Scale:
    """Return the scale of a measure, as far as these values go."""
    if view.measure is Measure.LIFT:
        return _lift_scale(theme)
    if view.measure is Measure.NPMI:
        return _npmi_scale(theme)
    finite = shown[~np.isnan(shown)]
    largest = float(finite.max()) if len(finite) else 0.0
    return _count_scale(max(largest, 1.0), theme) if view.measure is Measure.COUNTS else _share_scale(largest, theme)


def _lift_scale(theme: str) -> Scale:
    """Doublings, four to each side."""
    return Scale(
        colours=lambda lift: np.log2(np.clip(lift, 1 / 16, 16)),
        colorscale=_two_sided(theme),
        low=-4,
        high=4,
        ticks=[-4, -2, 0, 2, 4],
        words=["16× fewer", "4× fewer", "as by chance", "4× more", "16× more"],
    )


def _npmi_scale(theme: str) -> Scale:
    return Scale(
        colours=lambda npmi: npmi,
        colorscale=_two_sided(theme),
        low=-1,
        high=1,
        ticks=[-1, -0.5, 0, 0.5, 1],
        words=["−1 never", "−0.5", "0 as by chance", "0.5", "1 always"],
    )


def _count_scale(largest: float, theme: str) -> Scale:
    """Logarithmic; nothing is below one image."""
    ticks = sorted({1, *(10**power for power in range(1, 7) if 2 * 10**power <= largest), int(largest)})
    return Scale(
        colours=lambda counts: np.log10(np.maximum(counts, 0.5)),
        colorscale=[(0.0, MIDDLE[theme]), (1.0, MORE[theme])],
        low=float(np.log10(0.5)),
        high=float(np.log10(largest)),
        ticks=np.log10(ticks).tolist(),
        words=[f"{tick:,}" if tick > 1 else "1 image" for tick in ticks],
    )


def _share_scale(largest: float, theme: str) -> Scale:
    """By the root, so that the many small shares are told apart."""
    top = max(largest, 0.01)
    ticks = [0.0, *(tick for tick in SHARE_TICKS if 1.5 * tick <= top), top]
    return Scale(
        colours=np.sqrt,
        colorscale=[(0.0, MIDDLE[theme]), (1.0, MORE[theme])],
        low=0.0,
        high=float(np.sqrt(top)),
        ticks=np.sqrt(ticks).tolist(),
        words=["none", *(percent(tick) for tick in ticks[1:])],
    )


def _two_sided(theme: str) -> list[tuple[float, str]]:
    return [(0.0, FEWER[theme]), (0.5, MIDDLE[theme]), (1.0, MORE[theme])]
