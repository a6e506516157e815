"""Which classes share their images with one class, and what is left of it without them?

c_i images hold the class, c_ij of them the companion as well. Excluding the companion leaves
1 - c_ij / c_i of the images. In federated data (LVIS) shares are those of the images where the
companion was looked for; in the others it may be there all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cocomine.coco.arrays import Bools
from cocomine.mining.interference.co_occurrence import PairTable
from cocomine.mining.interference.sentences import notable_sentence
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
    """Return every class that shares an image with this one, those in most of its images first."""
    counts, examined = table.counts[index], table.single_counts[index]
    lift, low, high = table.lift[index], table.lift_low[index], table.lift_high[index]  # of all pairs, each time anew
    cautious = table.cautious_lift[index]
    ranked = [int(other) for other in np.argsort(-counts, kind="stable") if other != index and counts[other]]
    return [
        Companion(
            index=other,
            name=table.names[other],
            both_count=int(counts[other]),
            examined_count=int(examined[other]),
            image_count=int(counts[index]),
            lift=float(lift[other]),
            lift_low=float(low[other]),
            lift_high=float(high[other]),
            cautious_lift=float(cautious[other]),
        )
        for other in ranked
    ]


def images_left(presence: Bools, index: int, excluded: Sequence[int]) -> int:
    """Return in how many images a class is with none of these.

    Args:
        presence: which image has which category, (n, k).
    """
    return int((presence[:, index] & ~presence[:, excluded].any(axis=1)).sum())


def companion_sentence(companion: Companion) -> str:
    """Return what a companion means for its host: "person is in 71 % of its images; excluding person leaves …"."""
    name = companion.name
    if not companion.unexamined_count:
        return (
            f"{name} is in {percent(companion.share)} of its images; excluding {name} leaves "
            f"{companion.left_count:,} of {counted(companion.image_count, 'image')}."
        )
    return (
        f"{name} is in {companion.both_count:,} of {counted(companion.examined_count, 'image')} where it was annotated "
        f"too ({percent(companion.share)}); excluding {name} leaves {companion.left_count:,} of them, and "
        f"{companion.unexamined_count:,} more where it was not annotated."
    )


def strongest_association(beside: Sequence[Companion]) -> Companion | None:
    """Return the companion furthest above chance, None where chance may explain all."""
    most = max(beside, key=lambda companion: companion.cautious_lift, default=None)
    return most if most is not None and most.cautious_lift > 1 else None


def association_sentence(companion: Companion) -> str:
    """Return how far above chance a companion is."""
    return (
        f"Strongest association: {companion.name}, lift {companion.lift:.1f} "
        f"(95 % CI {companion.lift_low:.1f}–{companion.lift_high:.1f})."
    )


def avoided_sentence(table: PairTable, index: int) -> str | None:
    """Return which class never appears with this one though chance would bring the most, None without one."""
    keeps_apart = table.keeps_apart[index]
    if not keeps_apart.any():
        return None
    return notable_sentence(table, int(np.where(keeps_apart, table.expected[index], 0.0).argmax()), index)


def companion_rows(beside: Sequence[Companion]) -> list[dict[str, Any]]:
    """Return companions in the words of a table; in federated data also in how many images they were annotated."""
    is_federated = any(companion.unexamined_count for companion in beside)
    return [
        {
            "class": companion.name,
            "images with both": companion.both_count,
            **({"of images": companion.examined_count} if is_federated else {}),
            "% of its images": round(100 * companion.share, 2),
            "images left": companion.left_count,
            "% left": round(100 * companion.share_left, 2),
            **({"not annotated": companion.unexamined_count} if is_federated else {}),
            "lift": round(companion.lift, 2),
            "95 % CI from": round(companion.lift_low, 2),
            "to": round(companion.lift_high, 2),
        }
        for companion in beside
    ]
