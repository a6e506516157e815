"""The appearance of a class obeys its laws: every instance is counted once, and the map mirrors with the boxes."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, annotation, crowd, image

from cocomine.coco.arrays import Floats
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.statistics.appearance import (
    AREA_SHARE_BOUNDS,
    INPUT_SIZES_PX,
    LOG2_ASPECT_CENTRES,
    PER_IMAGE_STARTS,
    appearance,
    appearance_sentence,
    location_map,
)
from cocomine.mining.statistics.categories import category_statistics
from cocomine.mining.statistics.instances import Instances, instance_positions, instances_of
from cocomine.wording import counted, percent

SIDE = 64  # a power of two, so that mirroring a box is exact
CELLS = 8
edges = st.integers(-SIDE, 2 * SIDE).map(float)
known_boxes = st.tuples(edges, edges, st.integers(-2, SIDE), st.integers(-2, SIDE)).map(lambda box: [*map(float, box)])
box_lists = st.lists(known_boxes | st.just([np.nan] * 4), max_size=12)
IN_THE_IMAGE = st.tuples(*[st.integers(0, SIDE - 1)] * 2, *[st.integers(1, SIDE)] * 2).map(lambda b: [*map(float, b)])


def instances_with(boxes: Any, *, areas_px: Any = None, image_number: Any = None, side: int = SIDE) -> Instances:
    """Instances in square images, one each unless told otherwise."""
    boxes_xywh = np.array(boxes, dtype=float).reshape(-1, 4)
    count = len(boxes_xywh)
    return Instances(
        image_number=np.arange(count) if image_number is None else np.array(image_number, dtype=int),
        image_widths=np.full(count, side),
        image_heights=np.full(count, side),
        areas_px=boxes_xywh[:, 2] * boxes_xywh[:, 3] if areas_px is None else np.array(areas_px, dtype=float),
        boxes_xywh=boxes_xywh,
    )


def map_of(boxes: Any) -> Floats:
    return location_map(instances_with(boxes), CELLS).shares


def covered_by_hand(box: list[float], width_px: int = SIDE, height_px: int = SIDE) -> Floats:
    """Which of 8 × 8 cells share more than an edge with the box, each looked at."""
    left, top, width, height = (CELLS * value for value in box)
    covers = np.zeros((CELLS, CELLS))
    for row in range(CELLS):
        for column in range(CELLS):
            wide = min(left + width, (column + 1) * width_px) - max(left, column * width_px)
            high = min(top + height, (row + 1) * height_px) - max(top, row * height_px)
            covers[row, column] = wide > 0 and high > 0
    return covers


def test_a_box_over_the_whole_image_covers_every_cell() -> None:
    np.testing.assert_array_equal(map_of([[0, 0, SIDE, SIDE]]), np.ones((CELLS, CELLS)))


def test_a_box_of_absurd_size_covers_every_cell_too() -> None:
    huge = instances_with([[-1e308, 0, 1.7e308, 1e308], [1e307, 0, 1e308, 1e308]], areas_px=[1, 1])
    np.testing.assert_array_equal(location_map(huge, CELLS).shares, np.ones((CELLS, CELLS)))
    assert location_map(huge, CELLS).left_out_count == 1


@given(box_lists)
def test_the_map_is_the_share_of_boxes_over_each_cell_looked_at_one_by_one(boxes: list[list[float]]) -> None:
    found = location_map(instances_with(boxes), CELLS)
    covers = [covered_by_hand(box) for box in boxes]
    covers = [each for each in covers if each.any()]
    assert found.left_out_count == len(boxes) - len(covers)
    expected = np.mean(covers, axis=0) if covers else np.zeros((CELLS, CELLS))
    np.testing.assert_allclose(found.shares, expected)


@given(st.lists(IN_THE_IMAGE, min_size=1, max_size=12))
def test_the_map_sums_to_the_mean_number_of_cells_under_a_box(boxes: list[list[float]]) -> None:
    mean = np.mean([covered_by_hand(box).sum() for box in boxes])
    assert map_of(boxes).sum() == pytest.approx(mean)


@given(box_lists)
def test_mirrored_boxes_give_the_mirrored_map(boxes: list[list[float]]) -> None:
    mirrored = [[SIDE - left - width, top, width, height] for left, top, width, height in boxes]
    np.testing.assert_array_equal(map_of(mirrored), map_of(boxes)[:, ::-1])


@given(box_lists)
def test_rows_are_from_top_to_bottom_and_columns_from_left_to_right(boxes: list[list[float]]) -> None:
    turned = [[top, left, height, width] for left, top, width, height in boxes]
    np.testing.assert_array_equal(map_of(turned), map_of(boxes).T)


@given(st.lists(IN_THE_IMAGE, max_size=6), st.lists(IN_THE_IMAGE, max_size=6))
def test_two_maps_together_are_their_mean_by_number_of_boxes(first: list[Any], second: list[Any]) -> None:
    together = map_of(first + second) * len(first + second)
    np.testing.assert_allclose(together, map_of(first) * len(first) + map_of(second) * len(second))


def test_a_cell_is_covered_if_more_than_its_edge_is_touched() -> None:
    touching = map_of([[8, 8, 8, 8]])  # exactly the second cell of the second row
    assert touching.sum() == touching[1, 1] == 1
    assert map_of([[7.5, 8, 8, 8]])[1].tolist() == [1, 1, 0, 0, 0, 0, 0, 0]


def test_a_box_is_clipped_to_its_image() -> None:
    np.testing.assert_array_equal(map_of([[-50, 32, 500, 500]]), map_of([[0, 32, SIDE, 32]]))


def test_each_image_is_stretched_to_the_same_square(make_dataset: MakeDataset) -> None:
    images = [image(1, width=400, height=100), image(2, width=30, height=600)]
    halves = [annotation(1, 1, CAT, (0, 0, 200, 100)), annotation(2, 2, CAT, (0, 0, 15, 600))]
    dataset = make_dataset(images, halves, pictures=False)
    shares = location_map(instances_of(dataset, instance_positions(dataset), 0), 4).shares
    assert shares.tolist() == [[1, 1, 0, 0]] * 4


def test_the_map_of_the_four_images_by_hand(four_images: Dataset) -> None:
    cups = instances_of(four_images, instance_positions(four_images), 2)
    found = location_map(cups, 4)  # cells of 5 × 2.5 px
    np.testing.assert_allclose(found.shares * 3, [[1, 0, 0, 0], [2, 1, 1, 0], [0, 0, 1, 0], [0, 0, 1, 0]])


@given(box_lists)
def test_every_instance_is_counted_once_or_left_out(boxes: list[list[float]]) -> None:
    look = appearance(instances_with(boxes), input_size_px=128)
    for distribution in (look.area_shares, look.log2_aspects):
        assert distribution.counts.sum() + distribution.left_out_count == len(boxes)
    assert look.image_sizes.sum() == look.input_sizes.sum() == look.area_shares.counts.sum()


@given(st.lists(st.integers(0, 6), max_size=60))
def test_every_image_with_an_instance_is_counted_once(image_number: list[int]) -> None:
    instances = instances_with([[0, 0, 1, 1]] * len(image_number), image_number=image_number)
    look = appearance(instances, input_size_px=128)
    assert look.per_image.counts.sum() == look.image_count == len(set(image_number))


@given(st.lists(IN_THE_IMAGE, max_size=12))
def test_turning_every_box_turns_its_shape(boxes: list[list[float]]) -> None:
    turned = [[left, top, height, width] for left, top, width, height in boxes]
    plain, other = (appearance(instances_with(each), input_size_px=128).log2_aspects for each in (boxes, turned))
    assert other.counts.tolist() == plain.counts[::-1].tolist()
    assert other.median == pytest.approx(-plain.median)


@given(box_lists)
def test_a_smaller_input_never_makes_an_object_larger(boxes: list[list[float]]) -> None:
    looks = [appearance(instances_with(boxes), input_size_px=size) for size in INPUT_SIZES_PX]
    small = [look.input_sizes.cumsum()[:3] for look in looks]
    assert all((less >= more).all() for less, more in pairwise(small))


def test_an_input_of_the_image_s_own_size_changes_no_size() -> None:
    look = appearance(instances_with([[0, 0, 0.5, 1], [0, 0, 8, 8], [0, 0, 60, 60]]), input_size_px=SIDE)
    assert look.input_sizes.tolist() == look.image_sizes.tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("count", "place"), [*zip(PER_IMAGE_STARTS, range(8), strict=True), (10, 5), (20, 6), (500, 7)]
)
def test_images_are_counted_by_how_many_they_hold(count: int, place: int) -> None:
    look = appearance(instances_with([[0, 0, 1, 1]] * count, image_number=[3] * count), input_size_px=128)
    assert np.flatnonzero(look.per_image.counts).tolist() == [place]
    assert (look.per_image.median, look.most_per_image) == (count, count)


@pytest.mark.parametrize(("place", "bound"), [*enumerate(AREA_SHARE_BOUNDS, start=1)])
def test_a_bin_of_area_shares_begins_at_its_bound(place: int, bound: float) -> None:
    areas = [bound * 100**2 * (1 + 1e-12), bound * 100**2 * (1 - 1e-12)]
    look = appearance(instances_with([[0, 0, 1, 1]] * 2, areas_px=areas, side=100), input_size_px=128)
    assert np.flatnonzero(look.area_shares.counts).tolist() == [place - 1, place]


@pytest.mark.parametrize(("place", "centre"), [*enumerate(LOG2_ASPECT_CENTRES)])
def test_a_shape_lies_in_the_bin_around_it(place: int, centre: float) -> None:
    look = appearance(instances_with([[0, 0, 2**centre, 1]]), input_size_px=128)
    assert np.flatnonzero(look.log2_aspects.counts).tolist() == [place]


def test_no_instance_gives_numbers_all_the_same() -> None:
    look = appearance(instances_with([]), input_size_px=128)
    assert (look.image_count, look.most_per_image, look.vanishing_share, look.area_shares.median) == (0, 0, 0, 0)
    assert not look.location.shares.any()
    lengths = [len(each.counts) for each in (look.per_image, look.area_shares, look.log2_aspects)]
    assert lengths == [len(PER_IMAGE_STARTS), len(AREA_SHARE_BOUNDS) + 1, len(LOG2_ASPECT_CENTRES)]


def sentence_of(dataset: Dataset, index: int = 0, input_size_px: int = 128) -> str:
    look = appearance(instances_of(dataset, instance_positions(dataset), index), input_size_px=input_size_px)
    return appearance_sentence(category_statistics(dataset)[index], look)


def test_a_class_is_told_in_one_sentence(four_images: Dataset) -> None:
    assert sentence_of(four_images, 2) == (
        "cup: 3 objects in 2 images, usually 1.5 and up to 2 in one image; "
        "half of them cover less than 12 % of their image; at 128 px none of them are smaller than one pixel."
    )


def test_the_sentence_tells_what_vanishes_at_the_input_size(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1, width=1000, height=1000)], [annotation(1, 1, CAT), annotation(2, 1, CAT, area=99)])
    assert sentence_of(dataset).endswith("at 128 px 50 % of them are smaller than one pixel.")
    assert sentence_of(dataset, input_size_px=512).endswith("none of them are smaller than one pixel.")


def test_images_with_a_crowd_alone_are_told_apart(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1), image(2)], [annotation(1, 1, CAT), crowd(2, 2, CAT), crowd(3, 1, CAT)])
    assert sentence_of(dataset).startswith("cat: 1 object in 1 image (and 1 more only as a crowd);")


def test_a_class_without_instances_says_so(four_images: Dataset, make_dataset: MakeDataset) -> None:
    assert sentence_of(four_images, 1) == "dog: no single object in these images, only 1 crowd region."
    assert sentence_of(make_dataset([], [])) == "cat: no single object in these images."


def test_objects_of_unknown_area_are_told_by_number_alone(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, bbox=None, area=None)])
    assert sentence_of(dataset) == "cat: 1 object in 1 image."


@pytest.mark.parametrize(
    ("share", "text"),
    [(1, "100 %"), (0.125, "12 %"), (0.0999, "10 %"), (0.0949, "9.5 %"), (0.0042, "0.42 %"), (1e-9, "0.0001 %")],
)
def test_a_share_is_told_with_the_digits_that_matter(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 images"), (1, "1 image"), (4114, "4,114 images")])
def test_one_thing_is_told_as_one(count: int, text: str) -> None:
    assert counted(count, "image") == text


@pytest.mark.real
@pytest.mark.parametrize("name", ["train2017", "val2017"])
def test_the_map_of_real_boxes_is_that_of_a_loop(coco_folder: Path, name: str) -> None:
    dataset = open_dataset(coco_folder, splits=[name])
    positions = instance_positions(dataset)
    for index in range(len(dataset.categories)):
        instances = instances_of(dataset, positions, index)
        columns = (instances.boxes_xywh, instances.image_widths, instances.image_heights)
        covers = [covered_by_hand(*each) for each in zip(*(column.tolist() for column in columns), strict=True)]
        expected = np.mean([each for each in covers if each.any()], axis=0) if covers else np.zeros((CELLS, CELLS))
        np.testing.assert_allclose(location_map(instances, CELLS).shares, expected)
