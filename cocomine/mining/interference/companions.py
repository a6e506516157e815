"""Which classes share their images with one class, and what is left of it without them?

c_i images hold the class, c_ij of them the companion as well. Forbidding the companion leaves
1 - c_ij / c_i of the images. In federated data (LVIS) shares are those of the images where the
companion was looked for; in the others it may be there all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cocomine.coco.dataset import Bools
from cocomine.mining.interference.co_occurrence import PairTable
from cocomine.wording import counted, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A class beside another one, the host, in the host's images.

    Attributes:
        index: position of the companion in the dataset's categories.
        both_count: images with both, c_ij.
        examined_count: images with the host where the companion was looked for; all of them, c_i, unless the data are
            federated.
        image_count: images with the host, c_i.
        lift: images with both / those that chance would bring, with its 95 % interval from `lift_low` to `lift_high`.
        cautious_lift: the end of the interval nearest to 1, or 1 where it holds 1.
    """

    index: int
    name: str
    both_count: int
    examined_count: int
    image_count: int
    lift: float
    lift_low: float
    lift_high: float
    cautious_lift: float

    @property
    def share(self) -> float:
        """Share of the host's images that the companion is in, of those where it was looked for, in (0, 1]."""
        return self.both_count / self.examined_count

    @property
    def left_count(self) -> int:
        """Images with the host where the companion was looked for and is not: left if it is excluded."""
        return self.examined_count - self.both_count

    @property
    def share_left(self) -> float:
        """Share of the host's images that is left if the companion is excluded, 1 - c_ij / c_i, in [0, 1)."""
        return self.left_count / self.examined_count

    @property
    def unexamined_count(self) -> int:
        """Images with the host where nobody looked for the companion: left as well, but not sure to be without it."""
        return self.image_count - self.examined_count


def companions(table: PairTable, index: int) -> list[Companion]:
    """Return every class that shares an image with this one, those in most of its images first.

    Args:
        table: the pairs.
        index: position of the class.
    """
    counts, checked = table.counts[index], table.single_counts[index]
    ranked = [int(other) for other in np.argsort(-counts, kind="stable") if other != index and counts[other]]
    return [
        Companion(
            index=other,
            name=table.names[other],
            both_count=int(counts[other]),
            examined_count=int(checked[other]),
            image_count=int(counts[index]),
            lift=float(table.lift[index, other]),
            lift_low=float(table.lift_low[index, other]),
            lift_high=float(table.lift_high[index, other]),
            cautious_lift=float(table.cautious_lift[index, other]),
        )
        for other in ranked
    ]


def images_left(presence: Bools, index: int, excluded: Sequence[int]) -> int:
    """Return in how many images a class is with none of these.

    Args:
        presence: which image has which category, (n, k).
        index: position of the class.
        excluded: positions of the classes that must be absent.
    """
    return int((presence[:, index] & ~presence[:, excluded].any(axis=1)).sum())


def companion_sentence(companion: Companion) -> str:
    """Return what a companion means for its host: "person is in 71 % of its images; forbidding person leaves …"."""
    name = companion.name
    if not companion.unexamined_count:
        return (
            f"{name} is in {percent(companion.share)} of its images; forbidding {name} leaves "
            f"{companion.left_count:,} of {counted(companion.image_count, 'image')}."
        )
    left = f"{companion.left_count:,}" if companion.left_count else "none"
    return (
        f"{name} is in {companion.both_count:,} of {counted(companion.examined_count, 'image')} where it was looked "
        f"for too ({percent(companion.share)}); forbidding {name} leaves {left} of them, and "
        f"{companion.unexamined_count:,} more where nobody looked for it."
    )


def strangest(beside: Sequence[Companion]) -> Companion | None:
    """Return the companion furthest beyond chance, None where luck may explain all."""
    most = max(beside, key=lambda companion: companion.cautious_lift, default=None)
    return most if most is not None and most.cautious_lift > 1 else None


def strangest_sentence(companion: Companion) -> str:
    """Return how far beyond chance a companion is."""
    return (
        f"Furthest beyond chance is {companion.name}: {companion.lift:.1f} times as many images with both as chance "
        f"would bring (95 % sure: {companion.lift_low:.1f} to {companion.lift_high:.1f})."
    )


def avoided_sentence(table: PairTable, index: int) -> str | None:
    """Return which class never shares an image with this one though chance would bring the most, None without one.

    Only what luck does not explain counts: the interval of lift ends below 1.
    """
    is_avoided = (table.counts[index] == 0) & (table.lift_high[index] < 1)
    if not is_avoided.any():
        return None
    expected = np.where(is_avoided, table.expected[index], 0.0)
    other = int(expected.argmax())
    return (
        f"{table.names[other]} never shares an image with it; by chance about {expected[other]:,.0f} would have both."
    )
