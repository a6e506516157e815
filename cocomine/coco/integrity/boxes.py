"""What is odd about boxes, and about areas beside them?

Each annotation is looked at for itself. Whether the boxes of a split are shares of the image, or two corners, all of
them tell together: the signs of it are counted like flaws, and `flaws_told` says in the end what they mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cocomine.coco.arrays import Bools, Floats
from cocomine.coco.dataset import Split
from cocomine.coco.integrity.first_cases import FirstCases

TOLERANCE_PX = 1.0
"""By this much a box may leave its image: annotation tools round."""
TRAINING_SIDE_PX = 128
SHARE_ROUNDING = 0.001
LARGEST_PIXEL_BOX_PX = 2
"""In images of such sides a box of shares cannot be told from one of pixels."""


class Sign(StrEnum):
    """What a box may be, beside codes of flaws."""

    FINITE = "finite"
    """its four numbers are"""
    NO_SHARE = "no share"
    """it leaves the square from 0 to 1"""
    FRACTION = "fraction"
    """one of its edges is at no whole number"""
    ORDERED = "ordered"
    """it can be read as two corners: a right edge is never left of the left one"""
    BEYOND = "beyond"
    """it leaves its image"""
    CORNERS = "corners"
    """it leaves its image, and does not if it is read as two corners"""
    NO_CORNERS = "no corners"
    """it leaves its image either way"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoxRows:
    """Some annotations and their images side by side, (p,) each; a box counts where its four numbers are finite."""

    left: Floats
    top: Floats
    width: Floats
    height: Floats
    image_width: Floats
    image_height: Floats
    is_missing: Bools
    is_finite: Bools
    is_empty: Bools
    area: Floats
    has_mask: Bools
    is_crowd: Bools

    @property
    def is_object(self) -> Bools:
        """Which have a box with an area, and are no crowd region."""
        return self.is_finite & ~self.is_empty & ~self.is_crowd

    def leaves(self, right: Floats, bottom: Floats) -> Bools:
        """Return which boxes leave their image, if this is where they end."""
        before = (self.left < -TOLERANCE_PX) | (self.top < -TOLERANCE_PX)
        behind = (right > self.image_width + TOLERANCE_PX) | (bottom > self.image_height + TOLERANCE_PX)
        return self.is_finite & (before | behind)


def box_rows(split: Split, piece: slice) -> BoxRows:
    """Return some of a split's annotations."""
    columns, images = split.annotations, split.images
    left, top, width, height = np.ascontiguousarray(columns.boxes_xywh[piece].T)
    image_index = columns.image_index[piece]
    is_finite = np.isfinite(left + top + width + height)
    return BoxRows(
        left=left,
        top=top,
        width=width,
        height=height,
        image_width=images.widths[image_index].astype(np.float64),
        image_height=images.heights[image_index].astype(np.float64),
        is_missing=np.isnan(left) & np.isnan(top) & np.isnan(width) & np.isnan(height),
        is_finite=is_finite,
        is_empty=is_finite & ((width <= 0) | (height <= 0)),
        area=columns.areas_px[piece],
        has_mask=columns.has_mask(piece),
        is_crowd=columns.is_crowd[piece],
    )


def box_cases(boxes: BoxRows) -> dict[str, Bools]:
    """Return which annotations have which flaw of their box or area, by code, and which `Sign`, (p,) each."""
    return {
        **_share_signs(boxes),
        **_corner_signs(boxes),
        "not_a_number": ~boxes.is_missing & ~(boxes.is_finite & np.isfinite(boxes.area)),
        "empty_box": boxes.is_empty,
        "area_beyond_box": _area_beyond_box(boxes),
        "area_zero": (boxes.area <= 0) & (boxes.has_mask | (boxes.is_finite & ~boxes.is_empty)),
        "vanishes_at_128px": _vanishes(boxes) & ~boxes.is_crowd,
        "missing_box": boxes.is_missing,
    }


def flaws_told(found: Mapping[str, FirstCases]) -> dict[str, FirstCases]:
    """Return the flaws of a whole split, by code.

    Args:
        found: by code and `Sign`, as `box_cases` names them.
    """
    if _are_shares(found):  # what is told in shares is not told in pixels as well
        nothing = FirstCases()
        told = {"boxes_are_shares": found[Sign.FINITE], "area_beyond_box": nothing, "vanishes_at_128px": nothing}
    elif _are_corners(found):
        told = {"boxes_look_like_xyxy": found[Sign.CORNERS], "box_beyond_image": found[Sign.NO_CORNERS]}
    else:
        told = {"box_beyond_image": found[Sign.BEYOND]}
    return {**found, **told}


def _share_signs(boxes: BoxRows) -> dict[str, Bools]:
    right, bottom = boxes.left + boxes.width, boxes.top + boxes.height
    low, high = np.minimum(boxes.left, boxes.top), np.maximum(right, bottom)
    is_inside = (low >= -SHARE_ROUNDING) & (high <= 1 + SHARE_ROUNDING)
    is_large = np.minimum(boxes.image_width, boxes.image_height) > LARGEST_PIXEL_BOX_PX
    usable = boxes.is_finite & is_large
    return {
        Sign.FINITE: boxes.is_finite,
        Sign.NO_SHARE: usable & ~is_inside,
        Sign.FRACTION: usable & ((high > np.floor(high)) | (low > np.floor(low))),
    }


def _are_shares(found: Mapping[str, FirstCases]) -> bool:
    """Return whether all boxes lie between 0 and 1, as shares of the image: no object is smaller than a pixel there."""
    return found[Sign.NO_SHARE].count == 0 and found[Sign.FRACTION].count > 0


def _corner_signs(boxes: BoxRows) -> dict[str, Bools]:
    beyond = boxes.leaves(boxes.left + boxes.width, boxes.top + boxes.height)
    ordered = boxes.is_finite & (boxes.width > boxes.left) & (boxes.height > boxes.top)
    corners = beyond & ordered & ~boxes.leaves(boxes.width, boxes.height)
    return {Sign.ORDERED: ordered, Sign.BEYOND: beyond, Sign.CORNERS: corners, Sign.NO_CORNERS: beyond & ~corners}


def _are_corners(found: Mapping[str, FirstCases]) -> bool:
    """Return whether boxes are two corners.

    That is believed where it explains most of what leaves the image, and where nearly every box of the split can be
    read so.
    """
    finite, ordered, beyond, corners = (
        found[sign].count for sign in (Sign.FINITE, Sign.ORDERED, Sign.BEYOND, Sign.CORNERS)
    )
    explained, all_ordered = corners / max(beyond, 1), ordered / max(finite, 1)
    return explained > 0.5 and all_ordered > 0.95 and 4 * corners >= finite


def _area_beyond_box(boxes: BoxRows) -> Bools:
    """Return which areas are larger than their box, with room for the pixels that its border cuts."""
    possible = (boxes.width + 2 * TOLERANCE_PX) * (boxes.height + 2 * TOLERANCE_PX)
    return np.asarray(boxes.is_finite & ~boxes.is_empty & (boxes.area > possible))


def _vanishes(boxes: BoxRows) -> Bools:
    """Return which objects are less than a pixel at the training size; the box stands in for an area of nothing."""
    area = np.where(boxes.area > 0, boxes.area, np.where(boxes.is_empty, 0, boxes.width * boxes.height))
    return (area > 0) & (area * TRAINING_SIDE_PX**2 < boxes.image_width * boxes.image_height)
