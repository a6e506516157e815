"""Which of a subset's images show best what becomes of the other classes?

Those in which both the selected classes and the others cover much: an image is as good as the smaller of the two shares
of it. Crowd regions do not count, and objects that overlap count no more than the whole image.
"""

import numpy as np

from cocomine.coco.arrays import Floats
from cocomine.coco.dataset import ImageKey
from cocomine.mining.selection.other_classes import summable_areas
from cocomine.mining.selection.selection import Subset, SubsetSplit


def sample_images(subset: Subset, *, most: int) -> list[ImageKey]:
    """Return images of a subset, those first in which selected and other classes both cover most.

    Equally good ones, as those without any other class, come by the share that the selected classes cover, then in the
    order of the files. The policy for the others does not matter.
    """
    selected = [subset.dataset.category_index_of(name) for name in subset.selection.classes]
    covered = np.hstack([np.zeros((2, 0)), *(_covered(part, selected) for part in subset.parts)])  # (2, images)
    order = np.lexsort((-covered[0], -covered.min(axis=0)))[:most]
    starts = np.cumsum([0, *(len(part.image_index) for part in subset.parts)])
    part_indices = np.searchsorted(starts, order, side="right") - 1
    return [
        _key(subset.parts[part_index], at - starts[part_index])
        for part_index, at in zip(part_indices, order, strict=True)
    ]


def _key(part: SubsetSplit, at: int) -> ImageKey:
    return part.split.name, int(part.split.images.ids[part.image_index[at]])


def _covered(part: SubsetSplit, selected: list[int]) -> Floats:
    """Return which share of each image the selected classes cover, and which the others, in [0, 1]; (2, images)."""
    columns, images, index = part.split.annotations, part.split.images, part.all_annotation_index
    counts = summable_areas(columns.areas_px[index]) & ~columns.is_crowd[index]
    index = index[counts]
    is_selected = np.isin(columns.category_index[index], selected)
    size_px = np.maximum(images.widths * images.heights.astype(np.float64), 1.0)
    shares = [
        np.bincount(columns.image_index[each], weights=columns.areas_px[each], minlength=len(images)) / size_px
        for each in (index[is_selected], index[~is_selected])
    ]
    return np.minimum(np.stack(shares)[:, part.image_index], 1.0)
