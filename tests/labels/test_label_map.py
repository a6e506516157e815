"""Which class each pixel gets: laws over any shapes, the four images by hand, a loop over pycocotools."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO
from records import CAT, CUP, DOG, HEIGHT, WIDTH, rectangle

from cocomine.coco.dataset import Dataset
from cocomine.coco.masks import Shape
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.labels.label_map import LabelMap, label_map, legend_rows
from cocomine.labels.table import IGNORED_LABEL, Label, LabelTable

NATIVE = Size(HEIGHT, WIDTH)
LABELS = {CAT: 1, CUP: 2, DOG: 3}


def shape(
    annotation_id: int,
    category_id: int,
    box: tuple[float, float, float, float],
    *,
    is_crowd: bool = False,
    area_px: float | None = None,
) -> Shape:
    return Shape(
        annotation_id=annotation_id,
        category_id=category_id,
        category_index=0,
        is_crowd=is_crowd,
        area_px=box[2] * box[3] if area_px is None else area_px,
        box_xywh=box,
        segmentation=[rectangle(*box)],
        has_mask=True,
    )


BOXES = st.tuples(st.integers(0, 15), st.integers(0, 8), st.integers(1, 12), st.integers(1, 8))


@st.composite
def scenes(draw: st.DrawFn) -> list[Shape]:
    """Up to six shapes, some of equal or unknown area, some crowds."""
    return [
        shape(
            draw(st.integers(0, 3)),
            draw(st.sampled_from([CAT, CUP, DOG])),
            draw(BOXES),
            is_crowd=draw(st.booleans()),
            area_px=draw(st.sampled_from([None, 10.0, math.nan])),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]


def native(shapes: list[Shape], labels: dict[int, int] = LABELS) -> LabelMap:
    return label_map(shapes, labels, native=NATIVE, size=NATIVE)


@given(shapes=scenes(), seed=st.integers(0, 99), size=st.sampled_from([NATIVE, Size.square(16)]))
def test_the_order_of_annotations_does_not_change_the_map(shapes: list[Shape], seed: int, size: Size) -> None:
    order = np.random.default_rng(seed).permutation(len(shapes))
    shuffled = [shapes[index] for index in order]
    first, second = (label_map(each, LABELS, native=NATIVE, size=size) for each in (shapes, shuffled))
    np.testing.assert_array_equal(first, second)


@given(shapes=scenes())
def test_only_values_of_the_table_and_255_occur(shapes: list[Shape]) -> None:
    assert set(np.unique(native(shapes)).tolist()) <= {0, 255, *LABELS.values()}


@given(shapes=scenes())
def test_a_category_the_table_does_not_name_draws_nothing(shapes: list[Shape]) -> None:
    without = [each for each in shapes if each.category_id != DOG]
    np.testing.assert_array_equal(native(shapes, {CAT: 1, CUP: 2}), native(without))


@given(shapes=scenes())
def test_a_crowd_never_covers_an_object(shapes: list[Shape]) -> None:
    objects = native([each for each in shapes if not each.is_crowd])
    found = native(shapes)
    np.testing.assert_array_equal(found[objects > 0], objects[objects > 0])
    assert set(np.unique(found[objects == 0]).tolist()) <= {0, 255}


def test_the_smaller_object_lies_on_top() -> None:
    found = native([shape(1, CUP, (4, 2, 2, 2)), shape(2, CAT, (2, 1, 8, 6))])
    assert found[3, 5] == 2
    assert (found == 2).sum() == 4
    assert (found == 1).sum() == 48 - 4


def test_of_two_equal_objects_the_higher_id_lies_on_top() -> None:
    found = native([shape(2, CUP, (0, 0, 4, 4)), shape(1, CAT, (0, 0, 4, 4))])
    assert set(np.unique(found).tolist()) == {0, 2}


NONSENSE = [math.nan, 0.0, -5.0, 200.0, 1e9, 0.03, math.inf]
"""Areas that are missing, of the image, of normalised coordinates, or of nothing at all."""


@pytest.mark.parametrize("area_px", NONSENSE)
def test_the_smaller_object_lies_on_top_whatever_its_written_area(area_px: float) -> None:
    large, small = (1, 1, 12, 8), (3, 3, 3, 2)
    for first, second in ((1, 2), (2, 1)):
        found = native([shape(first, CAT, large, area_px=area_px), shape(second, CUP, small, area_px=area_px)])
        assert [(found == label).sum() for label in (1, 2)] == [90, 6]


@pytest.mark.parametrize("area_px", NONSENSE)
def test_one_nonsense_area_among_right_ones_hides_nothing(area_px: float) -> None:
    shapes = [shape(3, CAT, (1, 1, 12, 8)), shape(2, DOG, (2, 2, 6, 4), area_px=area_px), shape(1, CUP, (3, 3, 3, 2))]
    assert [(native(shapes) == label).sum() for label in (1, 2, 3)] == [72, 6, 18]


def test_a_written_area_that_can_be_right_decides() -> None:
    """Annotators write what a polygon only approximates."""
    found = native([shape(1, CAT, (0, 0, 4, 4), area_px=15.0), shape(2, CUP, (0, 0, 4, 4), area_px=16.0)])
    assert set(np.unique(found).tolist()) == {0, 1}


def test_without_shapes_all_is_background() -> None:
    found = label_map([], LABELS, native=NATIVE, size=Size(32, 32))
    assert found.shape == (32, 32)
    assert found.dtype == np.uint8
    assert not found.any()


def test_the_four_images_by_hand(four_images: Dataset) -> None:
    first, second, third, fourth = (native(four_images.splits[0].image_at(index).shapes()) for index in range(4))
    assert [(first == label).sum() for label in (1, 2, 3, 255)] == [20, 4, 0, 0]
    # 9 + 16 pixels of cat, 8 of them over the crowd of 80.
    assert [(second == label).sum() for label in (1, 2, 3, 255)] == [25, 0, 0, 72]
    assert [(third == label).sum() for label in (1, 2, 3, 255)] == [0, 50, 0, 0]
    assert not fourth.any()


@pytest.mark.real
@pytest.mark.slow
def test_real_maps_agree_with_a_loop_over_pycocotools(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder, splits=["val2017"])
    (split,) = dataset.splits
    peer, ids = COCO(split.source.path), [category.category_id for category in dataset.categories]
    labels = {category_id: index + 1 for index, category_id in enumerate(ids)}
    for index, image_id in enumerate(split.images.ids.tolist()):
        size = split.images.size_at(index)
        expected = np.zeros(size, dtype=np.uint8)
        records = peer.imgToAnns[image_id]
        for record in records:
            if record["iscrowd"]:
                expected[peer.annToMask(record) == 1] = 255
        for record in sorted(records, key=lambda record: (-record["area"], record["id"])):
            if not record["iscrowd"]:
                expected[peer.annToMask(record) == 1] = labels[record["category_id"]]
        found = label_map(split.image_at(index).shapes(), labels, native=size, size=size)
        np.testing.assert_array_equal(found, expected)


def test_of_many_selected_classes_those_that_are_not_there_are_left_out_of_the_legend() -> None:
    labels = tuple(
        Label(label=label, name=str(label), category_ids=(label,), colour="#000000", selected=label > 0)
        for label in range(101)
    )
    shown = np.full((2, 2), 90, dtype=np.uint8)
    values = [row[0] for row in legend_rows(LabelTable(labels=labels), shown)]
    assert values == [0, *range(1, 13), 90, IGNORED_LABEL]
