"""What is odd about the annotations of a split?

They are looked at in pieces, so that the report of thirty million boxes takes the memory of few of them.
"""

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import Split
from cocomine.coco.findings import Finding, finding
from cocomine.coco.integrity.boxes import box_cases, box_rows, flaws_told
from cocomine.coco.integrity.first_cases import FirstCases
from cocomine.coco.integrity.repeated import repeated_objects
from cocomine.coco.mask_encoding import MaskEncoding, MaskFlaw
from cocomine.coco.pieces import pieces

CODES = (
    "annotation_without_mask",
    "rle_misfit",
    "rle_broken",
    "rle_as_bytes",
    "flat_polygon",
    "unreadable_mask",
    "odd_polygon",
    "crowd_region",
    "crowd_without_mask",
    "duplicate_annotation_id",
    "boxes_are_shares",
    "boxes_look_like_xyxy",
    "box_beyond_image",
    "not_a_number",
    "empty_box",
    "area_beyond_box",
    "area_zero",
    "duplicate_object",
    "vanishes_at_128px",
    "missing_box",
)
"""In the order of the report."""


def annotation_findings(split: Split) -> list[Finding]:
    """Return what is odd about the annotations of a split."""
    with np.errstate(over="ignore", invalid="ignore"):  # numbers may be absurdly large
        found = _cases(split)
    return [*_dropped(split), *(each for code in CODES if code in found for each in found[code].found(code, split))]


def _cases(split: Split) -> dict[str, FirstCases]:
    """Return the annotations with each flaw, by code."""
    found: dict[str, FirstCases] = {}
    columns = split.annotations
    is_object = np.zeros(len(columns), dtype=bool)
    for piece in pieces(len(columns)):
        boxes = box_rows(split, piece)
        is_object[piece] = boxes.is_object
        found |= _followed(found, _mask_cases(split, piece) | box_cases(boxes), split, piece)
    twice, repeated = _with_ids_used_twice(columns.ids), repeated_objects(columns, is_object)
    for piece in pieces(len(columns)):
        pairs = {"duplicate_annotation_id": twice[piece], "duplicate_object": repeated[piece]}
        found |= _followed(found, pairs, split, piece)
    return flaws_told(found)


def _followed(
    found: dict[str, FirstCases], cases: dict[str, Bools], split: Split, piece: slice
) -> dict[str, FirstCases]:
    """Return what was found before, of these flaws alone, with the cases of a piece, (p,) each."""
    image_index = split.annotations.image_index[piece]
    return {
        code: found.get(code, FirstCases()).followed_by(is_case, image_index, piece.start)
        for code, is_case in cases.items()
    }


def _mask_cases(split: Split, piece: slice) -> dict[str, Bools]:
    """Return which annotations of a piece have which flaw of their mask, by code, (p,) each."""
    columns = split.annotations
    is_crowd, has_mask = columns.is_crowd[piece], columns.has_mask(piece)
    has_misfit, has_broken_runs, is_odd, is_flat, are_bytes, is_empty = (
        columns.mask_flaws[piece] & np.uint8(flaw) > 0
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
    is_none = columns.mask_encodings[piece] == np.uint8(MaskEncoding.NONE)
    is_strange = is_none & is_odd & ~is_empty
    return {
        "annotation_without_mask": is_none & ~is_strange & ~is_crowd,
        "rle_misfit": has_misfit,
        "rle_broken": is_broken & ~are_bytes,
        "rle_as_bytes": is_broken & are_bytes,
        "flat_polygon": is_strange & is_flat,
        "unreadable_mask": is_strange & ~is_flat,
        "odd_polygon": has_mask & is_odd,
        "crowd_region": is_crowd,
        "crowd_without_mask": is_none & ~is_strange & is_crowd,
    }


def _dropped(split: Split) -> list[Finding]:
    """Return what reading found wrong with records, most of them in no column."""
    remarks = {**split.dropped_ids, **split.remarks}
    twins = remarks.pop("twin_category", np.zeros(0, dtype=np.int64)).reshape(-1, 2)
    has_lost_all = not len(split.annotations) and any(map(len, split.dropped_ids.values()))
    emptied = finding("nothing_known", split.name, [split.name] if has_lost_all else [])
    aside = [each for code, ids in remarks.items() for each in finding(code, split.name, ids)]
    pairs = [f"{unused} beside {used}" for unused, used in twins.tolist()]
    return [*emptied, *aside, *finding("twin_category", split.name, pairs)]


def _with_ids_used_twice(ids: Ints) -> Bools:
    """Return which annotations have the id of an earlier one, (m,)."""
    is_twice = np.zeros(len(ids), dtype=bool)
    if (ids[1:] > ids[:-1]).all():
        return is_twice  # as in most files: sorting takes long
    in_order = np.sort(ids)
    is_again = in_order[1:] == in_order[:-1]
    if is_again.any():
        order = np.argsort(ids, kind="stable")
        is_twice[order[1:][is_again]] = True
    return is_twice
