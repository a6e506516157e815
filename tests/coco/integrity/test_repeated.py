"""Repeated boxes agree with comparing each with each."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cocomine.coco.arrays import Floats
from cocomine.coco.integrity.repeated import repeated_boxes

IOU = 0.95
side = st.floats(0.01, 60) | st.integers(1, 40)
place = st.floats(-30, 60) | st.integers(-3, 3) | st.sampled_from([-1e6, 1e6, 2.0**19])
boxes = st.tuples(place, place, side, side)


def overlap(first: Floats, second: Floats) -> float:
    """Intersection over union by its definition."""
    start, stop = np.maximum(first[:2], second[:2]), np.minimum(first[:2] + first[2:], second[:2] + second[2:])
    common = np.clip(stop - start, 0, None).prod()
    return float(common / (first[2:].prod() + second[2:].prod() - common))


@settings(max_examples=400)
@given(st.data())
def test_repeated_boxes_are_those_that_each_with_each_finds(data: st.DataObject) -> None:
    drawn = data.draw(st.lists(boxes, max_size=12))
    near = [
        tuple(np.add(box, data.draw(st.tuples(*[st.floats(-0.4, 0.4)] * 2, st.just(0), st.just(0))))) for box in drawn
    ]
    both = np.array([*drawn, *near], dtype=np.float64).reshape(-1, 4)
    both = both[np.array(data.draw(st.permutations(range(len(both)))), dtype=np.int64)]
    groups = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(both), max_size=len(both))), dtype=np.int64)
    expected, borderline = set(), False
    for later in range(len(both)):
        for earlier in range(later):
            value = overlap(both[earlier], both[later]) if groups[earlier] == groups[later] else 0.0
            borderline |= abs(value - IOU) < 1e-9
            expected |= {later} if value > IOU else set()
    if not borderline:
        assert repeated_boxes(groups, both, iou=IOU).tolist() == sorted(expected)


def test_the_first_of_many_equal_boxes_is_the_original() -> None:
    many = np.tile([1.0, 1.0, 5.0, 5.0], (50, 1))
    assert repeated_boxes(np.zeros(50, dtype=np.int64), many, iou=IOU).tolist() == list(range(1, 50))


def test_no_box_repeats_none() -> None:
    assert repeated_boxes(np.zeros(0, dtype=np.int64), np.zeros((0, 4)), iou=IOU).tolist() == []


def test_groups_may_be_as_many_as_images_times_categories() -> None:
    groups = np.array([2**38 - 1, 2**38 - 1, 2**38 - 2])
    assert repeated_boxes(groups, np.tile([900000.0, 1.0, 5.0, 5.0], (3, 1)), iou=IOU).tolist() == [1]
