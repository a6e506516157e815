"""How many of the foreground pixels do two selected classes both claim, in a label map and in a subset?

A label map gives each pixel to one class, so there one of them learns from a wrong label.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Ints
from cocomine.mining.interference.class_masks import has_usable_mask, masks_by_class
from cocomine.mining.interference.mask_overlap import SIZE_PX
from cocomine.mining.selection.selection import Subset, SubsetSplit
from cocomine.system.jobs import Progress
from cocomine.wording import counted, percent

SEED = 0
"""Of the sample, so that the same subset always gives the same number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPixels:
    """Pixels that the masks of some classes claim.

    Attributes:
        foreground_px: pixels that at least one class claims.
        contested_px: pixels that two or more claim.
    """

    foreground_px: int = 0
    contested_px: int = 0

    def __add__(self, other: "ClaimedPixels") -> "ClaimedPixels":
        return ClaimedPixels(
            foreground_px=self.foreground_px + other.foreground_px, contested_px=self.contested_px + other.contested_px
        )

    @property
    def share(self) -> float | None:
        """Share of the foreground that is contested, in [0, 1]; None where there is none."""
        return self.contested_px / self.foreground_px if self.foreground_px else None


def claimed_pixels(masks: NDArray[np.bool_]) -> ClaimedPixels:
    """Return which pixels the masks of classes claim, (classes, ...)."""
    class_counts = masks.sum(axis=0, dtype=np.uint16)
    return ClaimedPixels(
        foreground_px=int(np.count_nonzero(class_counts)), contested_px=int(np.count_nonzero(class_counts > 1))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """How much of a subset's foreground is contested.

    Attributes:
        share: of the pixels that a selected class claims, those that two or more claim, in [0, 1]; None where no pixel
            is claimed.
        image_count: images that were looked at.
        of_image_count: images of the subset.
    """

    share: float | None
    image_count: int
    of_image_count: int


def subset_conflict(subset: Subset, progress: Progress, *, most_images: int, size_px: int | None = SIZE_PX) -> Conflict:
    """Measure the conflict of a subset's images, or of a random sample of them.

    conflict = Σ |pixels of two or more selected classes| / Σ |pixels of at least one|, over the images; crowd regions
    and objects without a mask claim nothing.

    Args:
        subset: its objects of the selected classes are drawn.
        progress: gets how far it is, in images.
        most_images: where the subset has more, so many are drawn at random, the same ones each time.
        size_px: longer side at which masks are drawn; None draws them at their images' own size.
    """
    looked_at = _sample(subset, most_images)
    total = int(sum(map(len, looked_at)))
    claimed, done = ClaimedPixels(), 0
    for part, images in zip(subset.parts, looked_at, strict=True):
        for found in masks_by_class(part.split, images, _picked(subset, part), size_px=size_px):
            claimed += claimed_pixels(found.masks)
            done += 1
            progress(done, total)
    return Conflict(share=claimed.share, image_count=total, of_image_count=subset.image_count)


def overlap_sentence(share: float | None) -> str:
    """Return which share of the foreground of the selected classes is contested."""
    return f"Mask overlap between your classes: {percent(share or 0.0)}."


def conflict_sentence(conflict: Conflict) -> str:
    """Return the conflict of a subset, and of how many images it is told."""
    if conflict.share is None:
        return "Mask overlap between your classes: not known, their objects have no masks."
    if conflict.image_count == conflict.of_image_count:
        return overlap_sentence(conflict.share)
    sample = f"{conflict.image_count:,} of {counted(conflict.of_image_count, 'image')}"
    return f"{overlap_sentence(conflict.share)} Estimated from a random sample of {sample}."


def _sample(subset: Subset, most_images: int) -> list[Ints]:
    """Return positions of images, part by part, rising."""
    if subset.image_count <= most_images:
        return [part.image_index for part in subset.parts]
    rng = np.random.default_rng(SEED)
    chosen = np.sort(rng.choice(subset.image_count, most_images, replace=False))
    ends = np.cumsum([len(part.image_index) for part in subset.parts])
    shares = np.split(chosen, np.searchsorted(chosen, ends[:-1]))
    starts = np.append(0, ends[:-1])
    return [part.image_index[share - start] for part, share, start in zip(subset.parts, shares, starts, strict=True)]


def _picked(subset: Subset, part: SubsetSplit) -> Bools:
    """Return which annotations of a split are the subset's, of a selected class, and claim pixels, (m,)."""
    selected = [subset.dataset.category_index_of(name) for name in subset.selection.classes]
    is_part = np.zeros(len(part.split.annotations), dtype=bool)
    is_part[part.annotation_index] = True
    is_part &= np.isin(part.split.annotations.category_index, selected)
    return np.asarray(is_part & has_usable_mask(part.split))
