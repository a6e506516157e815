"""Shapes become masks as pycocotools makes them, and broken ones cover nothing."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from records import CAT, HEIGHT, WIDTH, annotation, image, rectangle, runs_of

from cocomine.coco.dataset import Dataset
from cocomine.coco.masks import native_mask, polygons_of, sampled, scaled_mask
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.errors import DatasetError

POINT = st.tuples(st.floats(-5, WIDTH + 5), st.floats(-5, HEIGHT + 5))
POLYGON = st.lists(POINT, min_size=3, max_size=8).map(lambda points: [value for point in points for value in point])
MASKS = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))
BROKEN: list[Any] = [
    None,
    [],
    [[]],
    [[1, 2, 3, 4]],  # a line; pycocotools would take it for a box
    [[1, 2, 3, 4, 5, 6, 7]],
    {},
    {"counts": [200]},
    {"size": [HEIGHT, WIDTH]},
    {"size": [WIDTH, HEIGHT], "counts": [200]},  # sides changed over
    {"size": [HEIGHT, WIDTH], "counts": [100, 50]},
    {"size": [HEIGHT, WIDTH], "counts": [100, 50, -50, 100]},
    {"size": [HEIGHT, WIDTH], "counts": [100, "50", 50]},
    {"size": [HEIGHT, WIDTH], "counts": [100, "50", 100]},
    {"size": [HEIGHT, WIDTH], "counts": []},
    {"size": [HEIGHT, WIDTH], "counts": ""},
    {"size": [HEIGHT, WIDTH], "counts": "0000000"},
    {"size": [HEIGHT, WIDTH], "counts": "PP"},
    {"size": [HEIGHT, WIDTH], "counts": "zzzé"},
    {"size": [HEIGHT, WIDTH], "counts": 7},
    {"size": [HEIGHT, WIDTH], "counts": "o" * 1_000_000},  # one run of five million bits
    [[0, 0, 1e9, 0, 1e9, 1e9]],  # pycocotools ends the process on it
    [[0, 0, 1e6, 1e6] * 1000],  # on this one too
    [[0, 0, 1e308, 0, 1e308, 1e308]],
]


@given(polygons=st.lists(POLYGON, min_size=1, max_size=3))
def test_polygons_cover_what_pycocotools_says(polygons: list[list[float]]) -> None:
    peer = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, HEIGHT, WIDTH)))
    np.testing.assert_array_equal(native_mask(polygons, Size(HEIGHT, WIDTH)), peer)


@given(mask=MASKS)
def test_an_uncompressed_run_length_code_gives_its_mask_back(mask: np.ndarray) -> None:
    height, width = mask.shape
    code = {"size": [height, width], "counts": runs_of(mask)}
    np.testing.assert_array_equal(native_mask(code, Size(height, width)), mask)


@given(mask=MASKS)
def test_a_compressed_run_length_code_gives_its_mask_back(mask: np.ndarray) -> None:
    height, width = mask.shape
    code = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    text = {"size": [height, width], "counts": code["counts"].decode()}
    np.testing.assert_array_equal(native_mask(text, Size(height, width)), mask)


def test_long_runs_survive_compression() -> None:
    mask = np.zeros((700, 900), dtype=bool)
    mask[100:650, 40:800] = True
    mask[300:310] ^= True
    code = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    text = {"size": [700, 900], "counts": code["counts"].decode()}
    np.testing.assert_array_equal(native_mask(text, Size(700, 900)), mask)


@pytest.mark.parametrize("segmentation", BROKEN)
def test_a_broken_shape_covers_nothing(segmentation: Any) -> None:
    mask = native_mask(segmentation, Size(HEIGHT, WIDTH))
    assert mask.shape == (HEIGHT, WIDTH)
    assert not mask.any()


@given(text=st.text(st.characters(min_codepoint=0, max_codepoint=200), max_size=12))
def test_any_text_as_run_lengths_gives_the_same_mask_twice(text: str) -> None:
    code = {"size": [HEIGHT, WIDTH], "counts": text}
    first = native_mask(code, Size(HEIGHT, WIDTH))
    np.testing.assert_array_equal(native_mask(code, Size(HEIGHT, WIDTH)), first)


@pytest.mark.parametrize("segmentation", [None, [rectangle(0, 0, 2, 2)], {"size": [2**20, 2**20], "counts": [2**40]}])
def test_masks_of_an_image_larger_than_any_are_refused(segmentation: Any) -> None:
    with pytest.raises(DatasetError, match=r"1,048,576 x 1,048,576 pixels is too large.*Correct its 'width'"):
        native_mask(segmentation, Size(2**20, 2**20))


def test_a_run_length_code_for_an_image_larger_than_any_is_refused_at_every_size() -> None:
    with pytest.raises(DatasetError, match="too large"):
        scaled_mask({"size": [9, 9], "counts": [81]}, native=Size(2**31 - 1, 2**31 - 1), size=Size(64, 64))


def test_a_polygon_in_an_image_larger_than_any_is_drawn_small() -> None:
    side = 2**19
    assert scaled_mask([rectangle(0, 0, side, side / 2)], native=Size(side, side), size=Size(64, 64)).sum() == 64 * 32


def test_a_long_outline_of_many_points_is_drawn() -> None:
    stairs = [value for step in range(20_000) for value in (step, 10_000 + step % 2)]
    whole = native_mask([[*stairs, 20_000, 0, 0, 0]], Size(5, 20_000))
    assert whole.all()


def test_a_good_part_beside_a_broken_one_is_drawn() -> None:
    good = rectangle(2, 2, 4, 4)
    mask = native_mask([[1, 2], good, [0, 0, 1e9, 0, 1e9, 9]], Size(HEIGHT, WIDTH))
    np.testing.assert_array_equal(mask, native_mask([good], Size(HEIGHT, WIDTH)))
    assert mask.sum() == 16


def test_parts_that_overlap_are_joined_not_cut_out() -> None:
    whole = native_mask([rectangle(0, 0, 8, 8), rectangle(2, 2, 4, 4)], Size(HEIGHT, WIDTH))
    assert whole.sum() == 64


@pytest.mark.parametrize("odd", [{"score": math.nan}, {"extra": {"deep": [math.inf]}}, {"note": "\ud800"}])
def test_what_is_no_json_in_another_field_takes_no_mask_away(make_dataset: MakeDataset, odd: dict[str, Any]) -> None:
    dataset = make_dataset(images=[image(1)], annotations=[annotation(1, 1, CAT, **odd)])
    (shape,) = dataset.splits[0].image_at(0).shapes()
    assert polygons_of(shape.segmentation) == [rectangle(1, 1, 4, 4)]


def test_polygons_of_a_run_length_code_are_none() -> None:
    assert polygons_of({"size": [1, 1], "counts": [1]}) == []
    assert polygons_of(None) == []


@given(polygon=POLYGON)
def test_scaling_to_the_same_size_changes_nothing(polygon: list[float]) -> None:
    same = scaled_mask([polygon], native=Size(HEIGHT, WIDTH), size=Size(HEIGHT, WIDTH))
    np.testing.assert_array_equal(same, native_mask([polygon], Size(HEIGHT, WIDTH)))


def test_a_scaled_rectangle_is_the_rectangle_of_scaled_corners() -> None:
    mask = scaled_mask([rectangle(4, 2, 10, 5)], native=Size(HEIGHT, WIDTH), size=Size(2 * HEIGHT, WIDTH // 2))
    rows, columns = np.nonzero(mask)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (4, 14, 2, 7)


def test_a_scaled_run_length_code_takes_the_value_under_each_new_centre() -> None:
    code = {"size": [HEIGHT, WIDTH], "counts": [12 * HEIGHT, 8 * HEIGHT]}
    mask = scaled_mask(code, native=Size(HEIGHT, WIDTH), size=Size(5, 10))
    assert mask[:, 6:].all()
    assert not mask[:, :6].any()


@pytest.mark.parametrize("segmentation", BROKEN)
def test_a_broken_shape_covers_nothing_at_another_size(segmentation: Any) -> None:
    assert not scaled_mask(segmentation, native=Size(HEIGHT, WIDTH), size=Size(64, 64)).any()


@given(values=arrays.arrays(np.uint8, (4, 6)), factor=st.integers(1, 5))
def test_enlarging_by_a_whole_factor_repeats_each_pixel(values: np.ndarray, factor: int) -> None:
    enlarged = sampled(values, Size(4 * factor, 6 * factor))
    np.testing.assert_array_equal(enlarged, np.kron(values, np.ones((factor, factor), dtype=np.uint8)))
    np.testing.assert_array_equal(sampled(enlarged, Size(4, 6)), values)


def test_shapes_of_an_image_carry_its_annotations(four_images: Dataset) -> None:
    first, second = four_images.splits[0].image_at(1).shapes()
    assert (first.annotation_id, first.category_id, first.area_px, first.is_crowd) == (103, CAT, 25, False)
    assert first.box_xywh == (1, 1, 13, 5)
    assert first.segmentation == [rectangle(1, 1, 3, 3), rectangle(10, 2, 4, 4)]
    assert (second.annotation_id, second.is_crowd) == (104, True)
    assert native_mask(second.segmentation, Size(HEIGHT, WIDTH)).sum() == 80


@pytest.mark.parametrize("segmentation", ["text", [1, 2, 3, 4, 5, 6], [["a"]], 7, [{"counts": []}]])
def test_a_shape_of_no_known_kind_is_none(make_dataset: MakeDataset, segmentation: Any) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, segmentation=segmentation)])
    (shape,) = dataset.splits[0].image_at(0).shapes()
    assert shape.segmentation is None


@pytest.mark.real
@pytest.mark.slow
def test_real_masks_agree_with_pycocotools(coco_folder: Path) -> None:
    path = coco_folder / "annotations" / "instances_val2017.json"
    (split,) = open_dataset(path).splits
    peer = COCO(path)
    for index in range(len(split.images)):
        native = split.images.size_at(index)
        for shape in split.image_at(index).shapes():
            expected = peer.annToMask(peer.anns[shape.annotation_id])
            np.testing.assert_array_equal(native_mask(shape.segmentation, native), expected)
