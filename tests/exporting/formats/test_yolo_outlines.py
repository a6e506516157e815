"""One line around an object covers what the object covers; COCO and Ultralytics, who fill differently, are oracles."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask
from records import rectangle

from cocomine.coco.arrays import Floats
from cocomine.coco.masks import Mask, Segmentation, Shape, native_mask
from cocomine.coco.size import Size
from cocomine.exporting.formats import yolo_outlines
from cocomine.exporting.formats.yolo_outlines import Outlining, cut_ring, joined_ring, outline_of, traced_ring

HEIGHT, WIDTH = NATIVE = Size(120, 160)
NO_BOX = (float("nan"),) * 4
CORNERS = st.tuples(st.integers(-80, 240), st.integers(-60, 180))
RINGS = st.lists(CORNERS, min_size=3, max_size=9, unique=True)


def ring_of(segmentation: Segmentation, native: Size = NATIVE) -> tuple[Floats, Outlining]:
    shape = Shape(
        annotation_id=1,
        category_id=1,
        category_index=0,
        is_crowd=False,
        area_px=1.0,
        box_xywh=NO_BOX,
        segmentation=segmentation,
        has_mask=True,
    )
    return outline_of(shape, native=native)


def as_coco(ring: Floats, native: Size = NATIVE) -> Mask:
    (code,) = coco_mask.frPyObjects([ring.ravel().tolist()], *native)
    return np.asarray(coco_mask.decode(code)).view(bool)


def as_ultralytics(ring: Floats, native: Size = NATIVE) -> Mask:
    """Filled as `polygon2mask` in ultralytics/data/utils.py does."""
    mask = np.zeros(native, dtype=np.uint8)
    cv2.fillPoly(mask, [ring.astype(np.int32)], 1)
    return mask.view(bool)


def iou(first: Mask, second: Mask) -> float:
    return float(np.count_nonzero(first & second) / np.count_nonzero(first | second))


def farthest_px(pixels: Mask, outlines: Sequence[Floats]) -> float:
    """How far the centre of a pixel lies from every outline and from the border of the image, at most; 0 for none."""
    lines = [
        np.asarray(line, dtype=np.float32) for line in (*outlines, np.reshape(rectangle(0, 0, WIDTH, HEIGHT), (-1, 2)))
    ]
    centres = (np.argwhere(pixels)[:, ::-1] + 0.5).tolist()
    return max(
        (min(abs(cv2.pointPolygonTest(line, centre, measureDist=True)) for line in lines) for centre in centres),
        default=0,
    )


def code_of(mask: Mask) -> dict[str, Any]:
    code = coco_mask.encode(np.asfortranarray(mask.view(np.uint8)))
    return {"size": list(mask.shape), "counts": code["counts"].decode()}


def enclosed(ring: Floats) -> float:
    """The area that a closed line encloses, by the shoelace formula."""
    x, y = ring.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def square(left: float, top: float, side: float = 60) -> list[float]:
    return rectangle(left, top, side, side)


def disc(radius: float, hole: float = 0.0) -> Mask:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    distance = np.hypot(rows - 60, columns - 80)
    return np.asarray((distance < radius) & (distance >= hole))


def band(half_width: float) -> Mask:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return np.asarray(np.abs(rows * 0.8 - columns * 0.6) < half_width)


SAIL = [-120.0, 60, 120, 1, 120, 118]
COMB = [-30.0, 10, 90, 10, 90, 30, -10, 30, -10, 50, 90, 50, 90, 70, -10, 70, -10, 90, 90, 90, 90, 110, -30, 110]
BOW_TIE = [-40.0, 10, 120, 110, 120, 10, -40, 110]
STAR = [80.0, -30, 110, 110, 10, 30, 150, 30, 50, 110]

ODD: dict[str, tuple[Segmentation, Outlining]] = {
    "reaches beyond the border": ([SAIL], Outlining.CUT),
    "falls into three pieces at the border": ([COMB], Outlining.TRACED),
    "crosses itself beyond the border": ([BOW_TIE], Outlining.CUT),
    "star beyond the border": ([STAR], Outlining.TRACED),
    "larger than the image": ([rectangle(-50, -50, 300, 300)], Outlining.CUT),
    "one of two parts outside": ([square(20, 20), square(300, 20)], Outlining.CUT),
    "apart": ([square(10, 20), square(90, 40)], Outlining.JOINED),
    "apart and beyond the border": ([square(-20, 20), square(120, 80)], Outlining.JOINED),
    "touching": ([square(20, 20), square(80, 20)], Outlining.JOINED),
    "overlapping": ([square(20, 20), rectangle(50, 50, 80, 50)], Outlining.TRACED),
    "one inside the other": ([rectangle(20, 20, 100, 80), square(50, 40, 30)], Outlining.TRACED),
    "the same twice": ([square(20, 20), square(20, 20)], Outlining.TRACED),
    "the same three times": ([square(20, 20)] * 3, Outlining.TRACED),
    "overlapping beyond the border": ([SAIL, BOW_TIE], Outlining.TRACED),
    "code of a ring": (code_of(disc(50, hole=20)), Outlining.TRACED),
    "code of an island in a hole": (code_of(disc(58, hole=40) | disc(20)), Outlining.TRACED),
    "code of a thin band": (code_of(band(3)), Outlining.TRACED),
    "code of the whole image": (code_of(np.ones(NATIVE, dtype=bool)), Outlining.TRACED),
}


@pytest.mark.parametrize(("segmentation", "how"), ODD.values(), ids=ODD)
def test_the_line_covers_what_the_object_covers(segmentation: Segmentation, how: Outlining) -> None:
    truth = native_mask(segmentation, NATIVE)
    ring, found = ring_of(segmentation)
    assert found is how
    assert iou(as_coco(ring), truth) >= 0.98
    assert iou(as_ultralytics(ring), truth) >= 0.95
    assert ((ring >= 0) & (ring <= (WIDTH, HEIGHT))).all()


def test_one_polygon_in_the_image_keeps_its_corners_to_the_last_digit() -> None:
    corners = [0.1, 0.2, 159.9, 0.3, 80.123456789, 119.7]
    ring, how = ring_of([corners])
    assert (how, ring.ravel().tolist()) == (Outlining.AS_WRITTEN, corners)


def test_parts_that_lie_apart_keep_their_corners() -> None:
    parts = [square(10, 20), square(90.25, 40.75)]
    ring, _ = ring_of(parts)
    assert {tuple(corner) for part in parts for corner in np.reshape(part, (-1, 2))} == {tuple(each) for each in ring}


def test_corners_inside_the_image_stay_and_new_ones_lie_on_its_border() -> None:
    ring, _ = ring_of([SAIL])
    assert ring.tolist() == [[0, 30.5], [120, 1], [120, 118], [0, 89.0]]


@settings(max_examples=60)
@given(RINGS)
def test_a_cut_line_covers_the_intersection_with_the_image(corners: list[tuple[int, int]]) -> None:
    whole = np.array(corners, dtype=float)
    ring = cut_ring(whole, (WIDTH, HEIGHT))
    truth = as_coco(whole + np.array([80, 60]), Size(240, 320))[
        60:180, 80:240
    ]  # drawn in an image that holds all of it
    drawn = as_coco(ring) if len(ring) > 2 else np.zeros(NATIVE, dtype=bool)
    assert farthest_px(drawn != truth, [whole]) < 0.5  # COCO rounds corners to a fifth of a pixel, the new ones too


@settings(max_examples=40)
@given(st.lists(RINGS, min_size=2, max_size=4))
@example([[(0, 0), (0, 1), (0, -1)], [(-1, 39), (5, 25), (39, -1)]])  # a sliver whose edge meets corners of pixels
def test_whatever_the_parts_overlap_the_line_covers_their_union(parts: list[list[tuple[int, int]]]) -> None:
    segmentation = [[float(each) for corner in part for each in corner] for part in parts]
    truth = native_mask(segmentation, NATIVE)
    ring, _ = ring_of(segmentation)
    drawn = as_coco(ring) if len(ring) else np.zeros(NATIVE, dtype=bool)
    outlines = [np.array(part, dtype=float) for part in parts]
    assert farthest_px(drawn != truth, outlines) < 1.5  # simplified by half a pixel, and rounded to whole ones


@settings(max_examples=60)
@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))).filter(np.any))
def test_a_traced_line_covers_any_small_mask(mask: Any) -> None:
    assert iou(as_coco(traced_ring(mask), mask.shape), mask) >= 0.98


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_traced_mask_stays_where_it_is(row: int, column: int) -> None:
    mask = np.zeros((12, 12), dtype=bool)
    mask[row : row + 2, column : column + 3] = True
    assert (as_coco(traced_ring(mask), Size(12, 12)) == mask).all()
    assert (as_ultralytics(traced_ring(mask), Size(12, 12)) == mask).all()


def test_a_mask_too_large_to_be_doubled_is_followed_half_a_pixel_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yolo_outlines, "LARGEST_FINE_PX", 11)
    ring = traced_ring(np.ones((3, 4), dtype=bool))
    assert sorted(map(tuple, ring.tolist())) == [(0.5, 0.5), (0.5, 2.5), (3.5, 0.5), (3.5, 2.5)]


def test_a_smooth_border_needs_few_corners() -> None:
    assert len(traced_ring(disc(55))) < 150  # its border has 440 sides of pixels


@given(st.lists(st.tuples(*[st.integers(1, 9)] * 4), min_size=1, max_size=6))
def test_joining_loses_no_corner_adds_two_for_each_bridge_and_covers_the_same(sizes: list[tuple[int, ...]]) -> None:
    corners = [(20 * index + x, y, width, height) for index, (x, y, width, height) in enumerate(sizes)]
    parts = [np.reshape(rectangle(*corner), (-1, 2)) for corner in corners]
    ring = joined_ring(parts)
    assert len(ring) == 4 * len(sizes) + 2 * (len(sizes) - 1)
    assert {tuple(corner) for part in parts for corner in part} == {tuple(corner) for corner in ring}
    assert enclosed(ring) == pytest.approx(sum(width * height for _, _, width, height in sizes))


def test_thousands_of_specks_are_joined() -> None:
    mask = np.zeros((160, 160), dtype=bool)
    mask[::4, ::4] = True
    ring = traced_ring(mask)
    assert len(ring) == 1600 * 4 + 2 * 1599
    assert (as_coco(ring, Size(*mask.shape)) == mask).all()


NONE: dict[str, Segmentation] = {
    "beyond the border": [square(300, 20)],
    "a line": [[10, 10, 60, 60, 10, 10]],
    "on the border": [[-5, 0, 10, 0, 20, 0]],
    "nothing": None,
    "an empty code": code_of(np.zeros(NATIVE, dtype=bool)),
    "absurdly far": [[-1e300, 0, 1e300, 1, 1e300, 2]],
}


@pytest.mark.parametrize("segmentation", NONE.values(), ids=NONE)
def test_what_covers_nothing_has_no_line(segmentation: Segmentation) -> None:
    ring, how = ring_of(segmentation)
    covered = native_mask(segmentation, NATIVE)
    assert (how is Outlining.NOTHING and ring.shape == (0, 2)) or (not as_coco(ring).any() and not covered.any())


def test_a_code_for_an_image_larger_than_any_is_no_reason_to_stop() -> None:
    ring, how = ring_of({"size": [1 << 20, 1 << 20], "counts": [1 << 40]}, Size.square(1 << 20))
    assert (how, len(ring)) == (Outlining.NOTHING, 0)


def test_parts_in_a_very_large_image_become_their_union_too() -> None:
    ring, how = ring_of([rectangle(0, 0, 12_000, 12_000), rectangle(6_000, 6_000, 10_000, 8_000)], Size(14_000, 16_000))
    assert how is Outlining.TRACED
    assert enclosed(ring) == pytest.approx(12_000**2 + 10_000 * 8_000 - 6_000**2, rel=0.002)


def test_parts_that_spread_far_are_drawn_on_no_more_pixels_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_px: list[float] = []
    areas = coco_mask.area

    def heard(codes: Any) -> Any:
        for code in codes if isinstance(codes, list) else [codes]:
            drawn_px.append(float(np.prod(code["size"])))
        return areas(codes)

    monkeypatch.setattr(coco_mask, "area", heard)
    parts = [rectangle(0, 0, 90, 90), rectangle(45, 45, 110, 60)]
    for most_px, expected_px in ((1 << 24, 156 * 106), (1600, 1600)):
        drawn_px.clear()
        monkeypatch.setattr(yolo_outlines, "LARGEST_DRAWN_PX", most_px)
        assert ring_of(parts)[1] is Outlining.TRACED
        assert drawn_px == [pytest.approx(expected_px, rel=0.06)] * 3


def blob(rng: np.random.Generator, centre: tuple[float, float], radius: float) -> list[float]:
    """A round shape with bays and capes, as people draw objects; 24 corners."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    reach = radius * rng.uniform(0.7, 1.1, 24)
    return np.stack((centre[0] + reach * np.cos(angles), centre[1] + reach * np.sin(angles)), axis=1).ravel().tolist()


def made_shape(kind: str, rng: np.random.Generator) -> Segmentation:
    """A random object of over 1,024 px² in the image."""
    apart = [blob(rng, centre, rng.uniform(18, 26)) for centre in ((30, 40), (90, 80), (130, 35))]
    large = blob(rng, (80, 60), rng.uniform(40, 52))
    if kind == "one part":
        return [large]
    if kind == "parts apart":
        return apart
    if kind == "overlapping parts":
        return [large, blob(rng, (110, 70), 35)]
    holes = (
        native_mask([blob(rng, (70, 55), 12), blob(rng, (98, 66), 9)], NATIVE) if kind == "code with holes" else False
    )
    return code_of(np.asarray(native_mask([large], NATIVE) & ~np.asarray(holes)))


@pytest.mark.parametrize("kind", ["one part", "parts apart", "overlapping parts", "code", "code with holes"])
def test_lines_of_each_kind_cover_on_average_and_at_the_least_what_is_promised(kind: str) -> None:
    rng = np.random.default_rng(0)
    shapes = [made_shape(kind, rng) for _ in range(40)]
    truths = [native_mask(shape, NATIVE) for shape in shapes]
    rings = [ring_of(shape)[0] for shape in shapes]
    assert min(np.count_nonzero(truth) for truth in truths) > 1024
    drawn = [iou(as_coco(ring), truth) for ring, truth in zip(rings, truths, strict=True)]
    filled = [iou(as_ultralytics(ring), truth) for ring, truth in zip(rings, truths, strict=True)]
    assert np.mean(drawn) >= 0.97
    assert np.mean(filled) >= 0.94
    assert min(*drawn, *filled) >= 0.8
