"""What is odd about the boxes, areas and masks of a split?"""

from dataclasses import dataclass

import numpy as np

from cocomine.coco.dataset import Bools, Floats, Ints, Split
from cocomine.coco.findings import Finding, finding
from cocomine.coco.mask_kinds import MaskFlaw, MaskKind
from cocomine.coco.repeated import repeated_boxes
from cocomine.coco.segmentation import has_mask

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
    columns, area = split.annotations, split.annotations.areas_px
    can_draw, flaws = has_mask(columns), columns.mask_flaws
    has_misfit, is_odd, is_flat, are_bytes, is_empty = (
        flaws & np.uint8(flaw) > 0
        for flaw in (
            MaskFlaw.OTHER_SIZE,
            MaskFlaw.ODD_PART,
            MaskFlaw.FLAT_LIST,
            MaskFlaw.BYTES_AS_TEXT,
            MaskFlaw.EMPTY,
        )
    )
    is_broken = (flaws & np.uint8(MaskFlaw.BROKEN_RUNS) > 0) & ~has_misfit
    is_none = columns.mask_kinds == np.uint8(MaskKind.NONE)
    is_strange = is_none & is_odd & ~is_empty
    with np.errstate(over="ignore", invalid="ignore"):  # numbers may be absurdly large
        geometry = _geometry(split)
        beyond, corners = _beyond(geometry)
        are_shares = _are_shares(geometry)
        if are_shares:
            beyond = corners = np.zeros_like(beyond)
        found = {
            "annotation_without_mask": np.flatnonzero(is_none & ~is_strange & ~columns.is_crowd),
            "rle_misfit": np.flatnonzero(has_misfit),
            "rle_broken": np.flatnonzero(is_broken & ~are_bytes),
            "rle_as_bytes": np.flatnonzero(is_broken & are_bytes),
            "flat_polygon": np.flatnonzero(is_strange & is_flat),
            "unreadable_mask": np.flatnonzero(is_strange & ~is_flat),
            "odd_polygon": np.flatnonzero(can_draw & is_odd),
            "duplicate_annotation_id": _with_ids_used_twice(columns.ids),
            "boxes_are_shares": np.flatnonzero(geometry.is_finite & are_shares),
            "boxes_look_like_xyxy": np.flatnonzero(corners),
            "box_beyond_image": np.flatnonzero(beyond & ~corners),
            "not_a_number": np.flatnonzero(~geometry.is_missing & ~(geometry.is_finite & np.isfinite(area))),
            "empty_box": np.flatnonzero(geometry.is_empty),
            "area_beyond_box": np.flatnonzero(_area_beyond_box(area, geometry) & (not are_shares)),
            "area_zero": np.flatnonzero((area <= 0) & (can_draw | (geometry.is_finite & ~geometry.is_empty))),
            "duplicate_object": _repeated_objects(split, geometry),
            "vanishes_at_128px": np.flatnonzero(_vanishes(area, geometry) & ~columns.is_crowd & (not are_shares)),
            "missing_box": np.flatnonzero(geometry.is_missing),
            "crowd_region": np.flatnonzero(columns.is_crowd),
        }
    told = {**split.put_aside, **split.remarks}
    twins = told.pop("twin_category", np.zeros(0, dtype=np.int64)).reshape(-1, 2)
    aside = [each for code, ids in told.items() for each in finding(code, split.name, ids)]
    aside += finding("twin_category", split.name, [f"{unused} beside {used}" for unused, used in twins.tolist()])
    return aside + [each for code, positions in found.items() for each in _annotations_found(code, split, positions)]


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
    is_broken = (high % 1 > 0) | (low % 1 > 0)
    known = boxes.is_finite & is_large
    return bool(known.any() and is_inside[known].all() and is_broken[known].any())


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
