"""Does the network find a class by another one, or is it disturbed by it?

Where objects of class B are erased from validation images, the IoU of class A changes: it falls where the network used
B to find A, and rises where B disturbed it. Of the change at the objects, that at an equal area elsewhere is taken off,
for filling pixels disturbs by itself. Erased pixels are judged neither before nor after. All is counted at the size
that the network is trained at.

The numbers are of one network on some images: the interval is over images, each paired with itself, and says nothing
of another network trained with another seed. A change is *told* where both ways to fill agree in its sign, and each is
significant after Holm's correction over all pairs of classes.

Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta
from scipy.special import stdtr, stdtrit

from cocomine.claim.statistics import holm
from cocomine.training.runs.records import Count, Number, RunLabel, Share

FEWEST_IMAGES = 5
"""With both classes, for a number."""
LEVEL = 0.95
FILLS = ("ring", "blur")
"""Ways to fill, see `drawing.erasing`."""
SIGNS = np.array([[1.0, -1.0], [-1.0, 1.0]])
"""Of the IoU after erasing and before (rows), at the objects and at their control (columns)."""
Cell = tuple[int, int]
"""An erased and a measured label."""
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ErasedCounts:
    """Pixels that count in each image from which one class was erased, by measured label.

    Axes: place (the objects, their control), image and, after erasing, way to fill in front.

    Attributes:
        right_before, union_before: (2, n, labels).
        right_after, union_after: (fills, 2, n, labels).
        true: true pixels outside of the objects, (n, labels).
    """

    right_before: IntArray
    union_before: IntArray
    right_after: IntArray
    union_after: IntArray
    true: IntArray


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Change of an IoU by one way to fill, control taken off, as a share; positive where it rose."""

    value: Number
    low: Number
    high: Number
    p: Share
    p_corrected: Share


class ErasedPair(msgspec.Struct, frozen=True, kw_only=True):
    """What erasing one class does to another."""

    erased: str
    measured: str
    image_count: Count
    """Images with both."""
    ring: Change | None = None
    """None where fewer than `FEWEST_IMAGES` have both, or no image changed."""
    blur: Change | None = None

    @property
    def is_told(self) -> bool:
        """Whether both ways to fill say the same, and each would rarely be chance."""
        if self.ring is None or self.blur is None:
            return False
        agree = self.ring.value * self.blur.value > 0
        return agree and max(self.ring.p_corrected, self.blur.p_corrected) < 1 - LEVEL


class ErasedImages(msgspec.Struct, frozen=True, kw_only=True):
    """What the process that erases gives."""

    labels: list[RunLabel]
    size_px: Annotated[int, Meta(ge=32)]
    image_count: Count
    """Images that were looked at."""
    erased: list[Count]
    """Labels that were erased; for each of them its counts below."""
    counts: list[dict[str, Any]]
    """By the names of `ErasedCounts`, as nested lists."""


class ErasureResult(msgspec.Struct, frozen=True, kw_only=True):
    """All pairs of classes of one network."""

    run: str
    size_px: Count
    image_count: Count
    pairs: list[ErasedPair]


def counts_from_lists(value: dict[str, Any]) -> ErasedCounts:
    """Return counts that were passed on as nested lists."""
    return ErasedCounts(**{name: np.array(each, dtype=np.int64) for name, each in value.items()})


def erased_pairs(labels: Sequence[RunLabel], counts: dict[int, ErasedCounts]) -> list[ErasedPair]:
    """Return what erasing each label does to each other selected class, in their order.

    Args:
        labels: Of the network, from 0.
        counts: By erased label, of the images that have it.
    """
    cells = [(erased, label.label) for erased in counts for label in labels if label.selected and label.label != erased]
    judged = [cell for cell in cells if _image_count(counts[cell[0]], cell[1]) >= FEWEST_IMAGES]
    changes = {
        name: _corrected({cell: _change(counts[cell[0]], cell[1], fill) for cell in judged})
        for fill, name in enumerate(FILLS)
    }
    names = {label.label: label.name for label in labels}
    return [
        ErasedPair(
            erased=names[erased],
            measured=names[measured],
            image_count=_image_count(counts[erased], measured),
            ring=changes["ring"].get((erased, measured)),
            blur=changes["blur"].get((erased, measured)),
        )
        for erased, measured in cells
    ]


def _corrected(changes: Mapping[Cell, Change | None]) -> dict[Cell, Change]:
    """Return the changes that there are, their p values corrected for how many these are."""
    there = {cell: change for cell, change in changes.items() if change is not None}
    corrected = holm([change.p for change in there.values()])
    return {
        cell: msgspec.structs.replace(change, p_corrected=p)
        for (cell, change), p in zip(there.items(), corrected, strict=True)
    }


def _image_count(counts: ErasedCounts, label: int) -> int:
    return int(np.count_nonzero(counts.true[:, label]))


def _change(counts: ErasedCounts, label: int, fill: int) -> Change | None:
    """Return the change of a label's IoU; None where no image changes."""
    right = np.stack([counts.right_after[fill, ..., label], counts.right_before[..., label]])  # (2, places, n)
    union = np.stack([counts.union_after[fill, ..., label], counts.union_before[..., label]])
    is_judged = union.any((0, 1))
    iou, influences = _iou(right[..., is_judged], union[..., is_judged])
    value = float((iou * SIGNS).sum())
    of_images = (influences * SIGNS[..., np.newaxis]).sum((0, 1))
    error = of_images.std(ddof=1) / np.sqrt(len(of_images))
    if not error and not value:
        return None
    degrees = len(of_images) - 1
    reach = float(stdtrit(degrees, (1 + LEVEL) / 2) * error)
    p = float(2 * stdtr(degrees, -abs(value) / error)) if error else 0.0  # the same in every image
    return Change(value=value, low=value - reach, high=value + reach, p=p, p_corrected=p)


def _iou(right: IntArray, union: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the IoU over images (..., n), and how much each image moves it, (..., n); 0 where there is nothing."""
    total = union.sum(-1, keepdims=True)
    iou = np.divide(right.sum(-1, keepdims=True), total, out=np.zeros(total.shape), where=total > 0)
    mean = total / union.shape[-1]
    influences = np.divide(right - iou * union, mean, out=np.zeros(union.shape), where=total > 0)
    return iou[..., 0], influences
