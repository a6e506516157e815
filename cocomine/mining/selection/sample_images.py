"""Which of a subset's images show best what becomes of the other classes?

Those in which both the selected classes and the others cover much: an image is as good as the smaller of the two shares
of it. Crowd regions do not count, and objects that overlap count no more than the whole image.
"""

import numpy as np

from cocomine.coco.arrays import Floats
from cocomine.coco.dataset import ImageKey
from cocomine.coco.pieces import pieces
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
    is_other = np.ones(int(columns.category_index.max(initial=0)) + 1, dtype=np.int64)
    is_other[[each for each in selected if each < len(is_other)]] = 0
    covered_px = np.zeros(len(images) * 2)  # selected, others; of each image
    for piece in pieces(len(index)):
        at = index[piece]
        areas = columns.areas_px[at]
        counts = summable_areas(areas) & ~columns.is_crowd[at]
        place = columns.image_index[at] * 2 + is_other[columns.category_index[at]]
        with np.errstate(over="ignore"):  # an area may be absurdly large
            np.add.at(covered_px, place, np.where(counts, areas, 0.0))
    size_px = np.maximum(images.widths * images.heights.astype(np.float64), 1.0)
    shares = covered_px.reshape(-1, 2)[part.image_index] / size_px[part.image_index, None]
    return np.minimum(shares, 1.0).T
