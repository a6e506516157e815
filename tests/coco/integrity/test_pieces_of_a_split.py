"""A split that is looked at in pieces has the findings that it has as a whole."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from cocomine.coco import pieces
from cocomine.coco.arrays import Bools, Floats
from cocomine.coco.columns import Annotations
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.findings import Finding
from cocomine.coco.integrity import repeated
from cocomine.coco.integrity.annotations import CODES, annotation_findings
from cocomine.coco.integrity.repeated import repeated_boxes, repeated_objects
from cocomine.coco.mask_encoding import MaskEncoding, MaskFlaw

WHOLE = 10**9
IMAGE_COUNT, BOX_COUNT = 40, 160
ODD_NUMBERS = np.array([np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, -0.0, -3.0])
FOUND_IN = {
    "pixels": {
        *("annotation_without_mask", "crowd_region", "duplicate_annotation_id", "duplicate_object", "not_a_number"),
        *("box_beyond_image", "empty_box", "area_beyond_box", "area_zero", "vanishes_at_128px", "missing_box"),
    },
    "corners": {"boxes_look_like_xyxy", "box_beyond_image", "duplicate_object"},
    "shares": {"boxes_are_shares", "duplicate_object"},
}
"""What the odd split has at least, by what its boxes are."""


SCALES = {"pixels": 400, "corners": 900, "shares": 1}


def odd_split(dataset: Dataset, unit: str, *, is_sorted: bool) -> Split:
    """Annotations of some of the images, with every oddity a column can hold, most of them several times."""
    rng, (split,) = np.random.default_rng(len(unit)), dataset.splits
    ids = np.arange(IMAGE_COUNT) + 100
    usual = rng.integers(820 if unit == "corners" else 60, 900, (2, IMAGE_COUNT))
    sides = np.where(rng.random((2, IMAGE_COUNT)) < 0.1, 2, usual)
    image_index = rng.integers(IMAGE_COUNT // 2, size=BOX_COUNT) * 2  # every second image has none
    boxes = odd_boxes(unit, rng)
    with np.errstate(all="ignore"):
        areas = boxes[:, 2] * boxes[:, 3]
    columns = Annotations(
        ids=rng.integers(10 * BOX_COUNT, size=BOX_COUNT),
        image_index=np.sort(image_index) if is_sorted else image_index,
        category_index=rng.integers(2, size=BOX_COUNT),
        is_crowd=rng.random(BOX_COUNT) < 0.1,
        areas_px=np.where(rng.random(BOX_COUNT) < 0.2, rng.choice(ODD_NUMBERS, BOX_COUNT), areas),
        boxes_xywh=boxes,
        mask_encodings=rng.choice(np.array(list(MaskEncoding), dtype=np.uint8), BOX_COUNT),
        mask_flaws=rng.choice(np.array([0, *MaskFlaw], dtype=np.uint8), BOX_COUNT),
        spans=np.zeros((BOX_COUNT, 2), dtype=np.int64),
    )
    images = replace(split.images, ids=ids, widths=sides[0], heights=sides[1])
    return replace(split, images=images, annotations=columns)


def odd_boxes(unit: str, rng: np.random.Generator) -> Floats:
    """A few places again and again, (m, 4), some of them with numbers that are none."""
    low, high = rng.random((2, 5, 2)) * 0.4 + [[[0.05]], [[0.5]]]
    places = np.concatenate([low, high if unit == "corners" else high - low], axis=1)
    boxes = places[rng.integers(len(places), size=BOX_COUNT)] * SCALES[unit]
    if unit == "pixels":
        boxes[rng.random(BOX_COUNT) < 0.05, 2:] *= 0.001
        is_odd = rng.random(boxes.shape) < 0.05
        boxes[is_odd] = rng.choice(ODD_NUMBERS, is_odd.sum())
    boxes[rng.integers(BOX_COUNT, size=5), 1] = np.inf
    boxes[rng.integers(BOX_COUNT, size=5)] = np.nan
    return boxes


def findings_in_pieces(monkeypatch: pytest.MonkeyPatch, split: Split, rows: int) -> list[Finding]:
    monkeypatch.setattr(pieces, "PIECE_ROWS", rows)
    monkeypatch.setattr(repeated, "BOXES_AT_ONCE", rows)
    return annotation_findings(split)


@pytest.mark.parametrize("unit", FOUND_IN)
@pytest.mark.parametrize("is_sorted", [False, True])
def test_pieces_do_not_change_what_is_found(
    monkeypatch: pytest.MonkeyPatch, four_images: Dataset, unit: str, is_sorted: bool
) -> None:
    find = partial(findings_in_pieces, monkeypatch, odd_split(four_images, unit, is_sorted=is_sorted))
    whole = find(WHOLE)
    assert {finding.code for finding in whole} >= FOUND_IN[unit]
    assert find(7) == find(64) == whole


def test_findings_stand_in_the_order_of_the_codes(monkeypatch: pytest.MonkeyPatch, four_images: Dataset) -> None:
    found = findings_in_pieces(monkeypatch, odd_split(four_images, "pixels", is_sorted=False), 1)
    codes = [finding.code for finding in found]
    assert codes == [code for code in CODES if code in codes]


def objects(columns: Annotations) -> Bools:
    has_box = np.isfinite(columns.boxes_xywh).all(axis=1) & (np.abs(columns.boxes_xywh) < 1e6).all(axis=1)
    return np.asarray(has_box & (columns.boxes_xywh[:, 2:] > 0).all(axis=1) & ~columns.is_crowd)


@pytest.mark.parametrize("is_sorted", [False, True])
@pytest.mark.parametrize("boxes_at_once", [1, 5, 50])
def test_ranges_of_images_have_the_repetitions_that_each_image_has(
    monkeypatch: pytest.MonkeyPatch, four_images: Dataset, boxes_at_once: int, is_sorted: bool
) -> None:
    monkeypatch.setattr(repeated, "BOXES_AT_ONCE", boxes_at_once)
    columns = odd_split(four_images, "pixels", is_sorted=is_sorted).annotations
    is_object, expected = objects(columns), np.zeros(len(columns), dtype=bool)
    for image in range(IMAGE_COUNT):
        at = np.flatnonzero(is_object & (columns.image_index == image))
        expected[at[repeated_boxes(columns.category_index[at], columns.boxes_xywh[at], iou=0.95)]] = True
    assert repeated_objects(columns, is_object).tolist() == expected.tolist()
    assert expected.any()


def test_of_more_equal_boxes_than_are_compared_the_first_is_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated, "FARTHEST", 3)
    groups, boxes = np.arange(600) % 2, np.tile([1.0, 1.0, 5.0, 5.0], (600, 1))
    assert repeated_boxes(groups, boxes, iou=0.95).tolist() == list(range(2, 600))
