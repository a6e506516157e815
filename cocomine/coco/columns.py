"""What does an annotation file hold, once it is read?

Its records as columns (numpy arrays), and for each the position of its bytes in
the file, so that an export can copy it untouched.

Three number spaces are kept apart by suffix: `*_id` is COCO's, `*_index` a
position in these columns, and `*_label` a value in training masks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.mask_encoding import NOTHING_DRAWN, MaskEncoding
from cocomine.coco.size import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One entry of `categories`."""

    category_id: int
    name: str
    supercategory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """One entry of `licenses`; images name it by id."""

    licence_id: int
    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Images:
    """The `images` of one split, as columns of length n in file order.

    Attributes:
        ids: image ids, (n,).
        file_names: as written, or the last part of `coco_url` where LVIS gives no name; (n,).
        widths: pixels, (n,).
        heights: pixels, (n,).
        licence_ids: (n,), -1 where the image names none.
        spans: byte range [start, stop) of each record in the file, (n, 2).
        checked_absent: pairs of image and category position for which somebody looked and found none, (p, 2).
        not_exhaustive: pairs of image and category position where not every instance is marked, (q, 2).
        is_federated: only the pairs that are marked or `checked_absent` were looked at, as in LVIS.
    """

    ids: Ints
    file_names: Sequence[str]
    widths: Ints
    heights: Ints
    licence_ids: Ints
    spans: Ints
    checked_absent: Ints
    not_exhaustive: Ints
    is_federated: bool

    def __len__(self) -> int:
        return len(self.ids)

    def size_at(self, index: int) -> Size:
        """Return the size of the image at a position."""
        return Size(height=int(self.heights[index]), width=int(self.widths[index]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Annotations:
    """The `annotations` of one split, as columns of length m in file order.

    Attributes:
        ids: annotation ids, (m,).
        image_index: position in the split's `Images`, (m,).
        category_index: position in the dataset's categories, (m,).
        is_crowd: `iscrowd` is 1, (m,).
        areas_px: `area` as written; the box area where it is missing; NaN where that is no number either, (m,).
        boxes_xywh: left, top, width, height in pixels, NaN where missing or infinite, (m, 4).
        mask_encodings: how the mask is written, as `MaskEncoding`, if it can be drawn as far as its form tells, (m,).
        mask_flaws: `MaskFlaw` flags, (m,).
        spans: byte range [start, stop) of each record in the file, (m, 2).
    """

    ids: Ints
    image_index: Ints
    category_index: Ints
    is_crowd: Bools
    areas_px: Floats
    boxes_xywh: Floats
    mask_encodings: NDArray[np.uint8]
    mask_flaws: NDArray[np.uint8]
    spans: Ints

    def __len__(self) -> int:
        return len(self.ids)

    def has_mask(self, index: Ints | slice = slice(None)) -> Bools:
        """Return which annotations, of some or all, have a mask that can be drawn, as far as its form tells.

        A box alone is none.
        """
        is_sound = self.mask_flaws[index] & np.uint8(NOTHING_DRAWN) == 0
        return np.asarray((self.mask_encodings[index] != np.uint8(MaskEncoding.NONE)) & is_sound)


class FileKind(StrEnum):
    """What an annotation file holds; all of these serve as instances."""

    INSTANCES = "instances"
    KEYPOINTS = "keypoints"
    """instances with keypoints, which are kept in exports and not used otherwise"""
    LVIS = "lvis"
    """federated: for each image only some categories were looked for, so that absence is no negative"""
    STUFF = "stuff"
    """COCO-Stuff: one region for each category and image"""
