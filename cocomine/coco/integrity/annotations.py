"""What is odd about the boxes, areas and masks of a split?"""

from dataclasses import dataclass

import numpy as np

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.dataset import Split
from cocomine.coco.findings import Finding, finding
from cocomine.coco.mask_encoding import MaskEncoding, MaskFlaw

TOLERANCE_PX = 1.0
"""By this much a box may leave its image: annotation tools round."""
SAME_IOU = 0.95
TRAINING_SIDE_PX = 128
SHARE_ROUNDING = 0.001
LARGEST_PIXEL_BOX_PX = 2
"""In images of such sides a box of shares cannot be told from one of pixels."""


@dataclass(frozen=True, slots=True)
class _Geometry:
    """Boxes and images side by side, (m,) each; a box counts where its four numbers are finite."""

    left: Floats
    top: Floats
    width: Floats
    height: Floats
    image_width: Floats
    image_height: Floats
    is_missing: Bools
    is_finite: Bools

    @property
    def is_empty(self) -> Bools:
        return self.is_finite & ((self.width <= 0) | (self.height <= 0))

    def leaves(self, right: Floats, bottom: Floats) -> Bools:
        """Return which boxes leave their image, if this is where they end."""
        before = (self.left < -TOLERANCE_PX) | (self.top < -TOLERANCE_PX)
        behind = (right > self.image_width + TOLERANCE_PX) | (bottom > self.image_height + TOLERANCE_PX)
        return self.is_finite & (before | behind)


def annotation_findings(split: Split) -> list[Finding]:
    """Return what is odd about the annotations of a split."""
    with np.errstate(over="ignore", invalid="ignore"):  # numbers may be absurdly large
        found = _mask_cases(split) | _box_cases(split, _geometry(split))
    cases = {code: np.flatnonzero(are_odd) for code, are_odd in found.items()}
    return [*_dropped(split), *(each for code, at in cases.items() for each in _annotations_found(code, split, at))]


def _mask_cases(split: Split) -> dict[str, Bools]:
    """Return which annotations have which flaw of their mask, by code, (m,) each."""
    columns = split.annotations
    has_misfit, has_broken_runs, is_odd, is_flat, are_bytes, is_empty = (
        columns.mask_flaws & np.uint8(flaw) > 0
        for flaw in (
            MaskFlaw.OTHER_SIZE,
            MaskFlaw.BROKEN_RUNS,
            MaskFlaw.MALFORMED_PART,
            MaskFlaw.FLAT_LIST,
            MaskFlaw.BYTES_AS_TEXT,
            MaskFlaw.EMPTY,
        )
    )
    is_broken = has_broken_runs & ~has_misfit
    is_none = columns.mask_encodings == np.uint8(MaskEncoding.NONE)
    is_strange = is_none & is_odd & ~is_empty
    return {
        "annotation_without_mask": is_none & ~is_strange & ~columns.is_crowd,
        "rle_misfit": has_misfit,
        "rle_broken": is_broken & ~are_bytes,
        "rle_as_bytes": is_broken & are_bytes,
        "flat_polygon": is_strange & is_flat,
        "unreadable_mask": is_strange & ~is_flat,
        "odd_polygon": columns.has_mask() & is_odd,
        "crowd_region": columns.is_crowd,
    }


def _box_cases(split: Split, boxes: _Geometry) -> dict[str, Bools]:
    """Return which annotations have which flaw of their box, area or id, by code, (m,) each."""
    columns, area, are_shares = split.annotations, split.annotations.areas_px, _are_shares(boxes)
    beyond, corners = _beyond(boxes)
    in_pixels = np.full(len(columns), not are_shares)  # a box of shares is not reported in pixels as well
    is_twice, is_repeated = np.zeros((2, len(columns)), dtype=bool)
    is_twice[_with_ids_used_twice(columns.ids)] = True
    is_repeated[_repeated_objects(split, boxes)] = True
    return {
        "duplicate_annotation_id": is_twice,
        "boxes_are_shares": boxes.is_finite & ~in_pixels,
        "boxes_look_like_xyxy": corners & in_pixels,
        "box_beyond_image": beyond & ~corners & in_pixels,
        "not_a_number": ~boxes.is_missing & ~(boxes.is_finite & np.isfinite(area)),
        "empty_box": boxes.is_empty,
        "area_beyond_box": _area_beyond_box(area, boxes) & in_pixels,
        "area_zero": (area <= 0) & (columns.has_mask() | (boxes.is_finite & ~boxes.is_empty)),
        "duplicate_object": is_repeated,
        "vanishes_at_128px": _vanishes(area, boxes) & ~columns.is_crowd & in_pixels,
        "missing_box": boxes.is_missing,
    }


def _dropped(split: Split) -> list[Finding]:
    """Return what reading found wrong with records, most of them in no column."""
    remarks = {**split.dropped_ids, **split.remarks}
    twins = remarks.pop("twin_category", np.zeros(0, dtype=np.int64)).reshape(-1, 2)
    aside = [each for code, ids in remarks.items() for each in finding(code, split.name, ids)]
    pairs = [f"{unused} beside {used}" for unused, used in twins.tolist()]
    return [*aside, *finding("twin_category", split.name, pairs)]


def _annotations_found(code: str, split: Split, positions: Ints) -> list[Finding]:
    columns = split.annotations
    images = split.images.ids[columns.image_index[positions]]
    return finding(code, split.name, columns.ids[positions], images=images)


def _geometry(split: Split) -> _Geometry:
    columns, images = split.annotations, split.images
    left, top, width, height = np.ascontiguousarray(columns.boxes_xywh.T)
    total = left + top + width + height
    return _Geometry(
        left=left,
        top=top,
        width=width,
        height=height,
        image_width=images.widths.astype(np.float64)[columns.image_index],
        image_height=images.heights.astype(np.float64)[columns.image_index],
        is_missing=np.isnan(left) & np.isnan(top) & np.isnan(width) & np.isnan(height),
        is_finite=np.isfinite(total),
    )


def _beyond(boxes: _Geometry) -> tuple[Bools, Bools]:
    """Return which boxes leave their image, and which of them do because they are two corners.

    Corners are believed where they explain most of what leaves the image, and where nearly every box of the split
    can be read as two corners: a right edge is never left of the left one.
    """
    beyond = boxes.leaves(boxes.left + boxes.width, boxes.top + boxes.height)
    ordered = boxes.is_finite & (boxes.width > boxes.left) & (boxes.height > boxes.top)
    corners = beyond & ordered & ~boxes.leaves(boxes.width, boxes.height)
    explained, all_ordered = corners.sum() / max(beyond.sum(), 1), ordered.sum() / max(boxes.is_finite.sum(), 1)
    believed = explained > 0.5 and all_ordered > 0.95 and 4 * corners.sum() >= boxes.is_finite.sum()
    return beyond, corners if believed else np.zeros_like(corners)


def _are_shares(boxes: _Geometry) -> bool:
    """Return whether all boxes lie between 0 and 1, as shares of the image: no object is smaller than a pixel there."""
    right, bottom = boxes.left + boxes.width, boxes.top + boxes.height
    low, high = np.minimum(boxes.left, boxes.top), np.maximum(right, bottom)
    is_inside = (low >= -SHARE_ROUNDING) & (high <= 1 + SHARE_ROUNDING)
    is_large = np.minimum(boxes.image_width, boxes.image_height) > LARGEST_PIXEL_BOX_PX
    usable = boxes.is_finite & is_large
    if not usable.any() or not is_inside[usable].all():
        return False  # as nearly always: remainders take long
    is_broken = (high % 1 > 0) | (low % 1 > 0)
    return bool(is_broken[usable].any())


def _area_beyond_box(area: Floats, boxes: _Geometry) -> Bools:
    """Return which areas are larger than their box, with room for the pixels that its border cuts."""
    possible = (boxes.width + 2 * TOLERANCE_PX) * (boxes.height + 2 * TOLERANCE_PX)
    return np.asarray(boxes.is_finite & ~boxes.is_empty & (area > possible))


def _vanishes(area: Floats, boxes: _Geometry) -> Bools:
    """Return which objects are less than a pixel at the training size; the box stands in for an area of nothing."""
    area = np.where(area > 0, area, np.where(boxes.is_empty, 0, boxes.width * boxes.height))
    return (area > 0) & (area * TRAINING_SIDE_PX**2 < boxes.image_width * boxes.image_height)


def _with_ids_used_twice(ids: Ints) -> Ints:
    """Return the positions of the annotations whose id an earlier one has, rising."""
    order = np.argsort(ids, kind="stable")
    return np.sort(order[1:][ids[order[1:]] == ids[order[:-1]]])


def _repeated_objects(split: Split, boxes: _Geometry) -> Ints:
    columns = split.annotations
    positions = np.flatnonzero(boxes.is_finite & ~boxes.is_empty & ~columns.is_crowd)
    category_count = int(columns.category_index.max(initial=0)) + 1
    groups = columns.image_index[positions] * category_count + columns.category_index[positions]
    return positions[repeated_boxes(groups, columns.boxes_xywh[positions], iou=SAME_IOU)]


LEFT_BITS = 24
HALF_RANGE_PX = 2.0**19
STEPS_PER_PX = 2.0 ** (LEFT_BITS - 20)
FARTHEST = 2000
"""Neighbours a box is compared with at most: a file of a million equal boxes must not take hours."""


def repeated_boxes(groups: Ints, boxes_xywh: Floats, *, iou: float) -> Ints:
    """Return the positions of the boxes that repeat an earlier one of their group, rising.

    Args:
        groups: a number for each box, in [0, 2**38), (m,).
        boxes_xywh: finite, with positive sides, (m, 4).
        iou: at least 0.9; boxes with a larger overlap are the same.
    """
    left, width = boxes_xywh[:, 0], boxes_xywh[:, 2]
    key = groups << LEFT_BITS | _steps(left)
    order = np.argsort(key)
    # an overlap above `iou` needs left edges nearer than (1 - iou) of the width; the rest is room for rounding
    limit = (groups << LEFT_BITS | _steps(left + (1.01 - iou) * width))[order]
    key = key[order]
    repeated = np.zeros(len(groups), dtype=bool)
    active = np.flatnonzero(key[1:] <= limit[:-1])
    for distance in range(1, FARTHEST):
        active = active[: np.searchsorted(active, len(groups) - distance)]
        active = active[key[active + distance] <= limit[active]]
        if not len(active):
            break
        first, second = order[active], order[active + distance]
        same = _overlap_more(boxes_xywh[first], boxes_xywh[second], iou)
        repeated[np.maximum(first[same], second[same])] = True
    return np.flatnonzero(repeated)


def _steps(left: Floats) -> Ints:
    """Return left edges as whole steps that fit the bits, in the same order."""
    within = np.clip(left, -HALF_RANGE_PX, HALF_RANGE_PX - 1) + HALF_RANGE_PX
    return (within * STEPS_PER_PX).astype(np.int64)


def _overlap_more(first: Floats, second: Floats, iou: float) -> Bools:
    """Return which pairs of boxes have a larger intersection over union."""
    start = np.maximum(first[:, :2], second[:, :2])
    stop = np.minimum(first[:, :2] + first[:, 2:], second[:, :2] + second[:, 2:])
    common = np.clip(stop - start, 0, None).prod(axis=1)
    return np.asarray(common > iou * (first[:, 2:].prod(axis=1) + second[:, 2:].prod(axis=1) - common))
