"""The lines that a browser draws: a mask's border is exactly the mask, and nothing in a file breaks a path."""

import json
import re
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask
from records import CAT, Record, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.size import Size
from cocomine.drawing.outlines import UNITS, Outline, borders, outlines_of_image, path_of, size_in_units

PATH = re.compile(r"(M-?\d+ -?\d+l-?\d+( -?\d+)*z)*")


def filled(lines: list[Any], shape: tuple[int, int]) -> Any:
    """Fill closed lines by the winding rule, looking from each pixel's centre to the left."""
    winding = np.zeros(shape, dtype=int)
    for line in lines:
        for (x0, y0), (x1, y1) in zip(line, np.roll(line, -1, axis=0), strict=True):
            if x0 == x1:
                winding[min(y0, y1) : max(y0, y1), x0:] += 1 if y1 > y0 else -1
    return winding != 0


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_filling_the_border_of_a_mask_gives_the_mask(mask: Any) -> None:
    lines = borders(mask)
    assert (filled(lines, mask.shape) == mask).all()


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_a_border_is_closed_turns_at_every_corner_and_runs_around_its_area(mask: Any) -> None:
    area = 0.0
    for line in borders(mask):
        steps = np.diff(np.vstack([line, line[:1]]), axis=0)
        assert ((steps == 0).sum(axis=1) == 1).all()
        area += float((line[:, 0] * np.roll(line[:, 1], -1) - np.roll(line[:, 0], -1) * line[:, 1]).sum()) / 2
    assert area == mask.sum()


def test_a_hole_has_a_line_of_its_own() -> None:
    ring = np.ones((3, 3), dtype=bool)
    ring[1, 1] = False
    assert sorted(len(line) for line in borders(ring)) == [4, 4]


def test_polygons_become_steps_in_units_of_the_longer_side() -> None:
    square = [[0.0, 0.0, 10.0, 0.0, 10.0, 5.0, 0.0, 5.0]]
    assert path_of(square, Size(10, 20)) == "M0 0l512 0 0 256 -512 0z"
    assert size_in_units(Size(10, 20)) == Size(512, UNITS)


def test_a_crowd_is_drawn_from_its_run_length_code_of_either_kind() -> None:
    mask = np.zeros((10, 20), dtype=np.uint8, order="F")
    mask[2:4, 5:15] = 1
    packed = coco_mask.encode(mask)
    compressed = {"size": [10, 20], "counts": packed["counts"].decode()}
    runs = {"size": [10, 20], "counts": [52, 2, *[8, 2] * 9, 56]}
    assert path_of(compressed, Size(10, 20)) == path_of(runs, Size(10, 20)) != ""
    assert path_of(runs, Size(10, 20)).startswith("M256 102l")


@pytest.mark.parametrize(
    "segmentation",
    [
        None,
        [],
        [[1.0, 2.0]],
        [[5.0] * 8],
        {"counts": [7], "size": [10, 20]},
        {"counts": "no code", "size": [10, 20]},
        {"counts": None, "size": None},
    ],
)
def test_what_cannot_be_drawn_has_no_path(segmentation: Any) -> None:
    assert path_of(segmentation, Size(10, 20)) == ""


@given(
    st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), max_size=12), max_size=3),
    st.integers(1, 5000),
    st.integers(1, 5000),
)
def test_a_path_is_well_formed_whatever_the_numbers(polygons: list[list[float]], height: int, width: int) -> None:
    assert PATH.fullmatch(path_of(polygons, Size(height, width)))


def outlines(dataset: Dataset, image_id: int) -> list[Outline]:
    split = dataset.splits[0]
    return outlines_of_image(split.image(image_id))


def test_objects_come_with_what_a_person_needs_to_report_them(four_images: Dataset) -> None:
    cat, cup = outlines(four_images, 11)
    assert (cat.annotation_id, cup.annotation_id) == (101, 102)  # the larger one first, the smaller one over it
    assert (cat.area_px, cat.is_crowd, cat.box) == (24.0, False, (102, 102, 308, 205))
    assert cat.category_index == four_images.category_index_of("cat")


def test_a_crowd_region_says_so_and_has_its_mask(four_images: Dataset) -> None:
    (region,) = [each for each in outlines(four_images, 7) if each.is_crowd]
    assert region.path == "M614 0l410 0 0 512 -410 0z"


def test_an_object_without_box_area_or_mask_is_still_listed(make_dataset: MakeDataset) -> None:
    bare: Record = {"area": None, "bbox": None, "segmentation": []}
    (outline,) = outlines(make_dataset([image(1)], [annotation(5, 1, CAT) | bare]), 1)
    assert json.loads(outline.as_json()) == [5, 0, 0, None, None, ""]
