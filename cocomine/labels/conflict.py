"""How many of a subset's foreground pixels do two picked classes both claim?

A label map gives each pixel to one class, so there one of them learns from a wrong label.
"""

from dataclasses import dataclass

import numpy as np

from cocomine.coco.dataset import Bools, Ints
from cocomine.mining.interference.class_masks import has_usable_mask, masks_by_class
from cocomine.mining.interference.mask_overlap import SIZE_PX
from cocomine.mining.selection.selection import Subset, SubsetSplit
from cocomine.system.jobs import Progress

SEED = 0
"""Of the sample, so that the same subset always gives the same number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The foreground of a subset that is disputed.

    Attributes:
        share: of the pixels that at least one picked class claims, those that two or more claim, in [0, 1]; None where
            no pixel is claimed.
        image_count: images that were looked at.
        of_image_count: images of the subset.
    """

    share: float | None
    image_count: int
    of_image_count: int


def subset_conflict(subset: Subset, progress: Progress, *, most_images: int, size_px: int | None = SIZE_PX) -> Conflict:
    """Measure the conflict of a subset's images, or of a random sample of them.

    conflict = Σ |pixels of two or more picked classes| / Σ |pixels of at least one|, over the images; crowd regions
    and objects without a mask claim nothing.

    Args:
        subset: its objects of the picked classes are drawn.
        progress: told how far it is, in images.
        most_images: where the subset has more, so many are drawn by lot, the same ones each time.
        size_px: longer side at which masks are drawn; None draws them at their images' own size.
    """
    looked_at = _sample(subset, most_images)
    total = int(sum(map(len, looked_at)))
    claimed = disputed = done = 0
    for part, images in zip(subset.parts, looked_at, strict=True):
        for found in masks_by_class(part.split, images, _picked(subset, part), size_px=size_px):
            class_counts = found.masks.sum(axis=0, dtype=np.uint16)
            claimed += int(np.count_nonzero(class_counts))
            disputed += int(np.count_nonzero(class_counts > 1))
            done += 1
            progress(done, total)
    share = disputed / claimed if claimed else None
    return Conflict(share=share, image_count=total, of_image_count=subset.image_count)


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
    """Return which annotations of a split are the subset's, of a picked class, and claim pixels, (m,)."""
    picked = [subset.dataset.category_index_of(name) for name in subset.selection.classes]
    is_part = np.zeros(len(part.split.annotations), dtype=bool)
    is_part[part.annotation_index] = True
    is_part &= np.isin(part.split.annotations.category_index, picked)
    return np.asarray(is_part & has_usable_mask(part.split))
