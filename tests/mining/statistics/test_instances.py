"""The instances of a category are all of its own and no other's, and their numbers agree with pycocotools."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median as plain_median
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from odd_files import REFUSED
from places import SHARED
from pycocotools.coco import COCO
from records import CAT, annotation, image

from cocomine.coco.arrays import Floats
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.statistics.categories import category_statistics
from cocomine.mining.statistics.instances import (
    MEDIUM_AREA_PX,
    SMALL_AREA_PX,
    Instances,
    instance_positions,
    instances_of,
    median,
    size_counts,
)

REAL_FILES = sorted([*SHARED.glob("coco/annotations/*.json"), *SHARED.glob("oddities/*.json")])
REAL_FILES = [path for path in REAL_FILES if path.stem not in REFUSED]
areas = st.lists(st.floats(0, 1e6) | st.just(np.nan), max_size=30).map(np.array)


def all_instances(dataset: Dataset) -> list[Instances]:
    positions = instance_positions(dataset)
    return [instances_of(dataset, positions, index) for index in range(len(dataset.categories))]


def test_every_instance_belongs_to_one_category_and_crowds_to_none(four_images: Dataset) -> None:
    (split,) = four_images.splits
    (positions,) = instance_positions(four_images)
    assert sorted(np.concatenate(positions)) == np.flatnonzero(~split.annotations.is_crowd).tolist()
    for index, found in enumerate(positions):
        assert (split.annotations.category_index[found] == index).all()


def test_the_instances_of_a_category_keep_the_order_of_the_file(four_images: Dataset) -> None:
    _, _, cups = all_instances(four_images)
    assert cups.boxes_xywh.tolist() == [[4, 3, 2, 2], [0, 0, 5, 5], [10, 4, 5, 5]]
    assert cups.areas_px.tolist() == [4, 25, 25]
    assert cups.image_number.tolist() == [0, 2, 2]


def test_images_are_numbered_through_all_splits(four_images: Dataset) -> None:
    twice = replace(four_images, splits=four_images.splits * 2)
    assert all_instances(twice)[2].image_number.tolist() == [0, 2, 2, 4, 6, 6]


def test_no_split_in_view_has_no_instance(four_images: Dataset) -> None:
    found = all_instances(four_images.with_splits([]))
    assert [len(each) for each in found] == [0, 0, 0]
    assert [(each.areas_px.shape, each.boxes_xywh.shape) for each in found] == [((0,), (0, 4))] * 3


def test_the_columns_may_be_read_only(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(pictures=False)
    columns = dataset.splits[0].annotations
    for column in (columns.category_index, columns.is_crowd, columns.areas_px, columns.boxes_xywh):
        column.flags.writeable = False
    assert [len(each) for each in all_instances(dataset)] == [2, 0, 3]


def test_counts_per_image_leave_out_images_without_any(four_images: Dataset) -> None:
    assert [each.counts_per_image.tolist() for each in all_instances(four_images)] == [[1, 1], [], [1, 2]]


def test_an_image_scaled_to_its_own_size_keeps_its_areas(make_dataset: MakeDataset) -> None:
    square = image(1, width=64, height=64)
    cats = all_instances(make_dataset([square], [annotation(1, 1, CAT, (1, 1, 7, 3))]))[0]
    assert cats.input_areas_px(64).tolist() == cats.areas_px.tolist() == [21]


def test_width_and_height_are_scaled_each_by_its_own_factor(four_images: Dataset) -> None:
    cups = all_instances(four_images)[2]  # images of 20 × 10 px: at 40 px twice as wide, four times as high
    np.testing.assert_allclose(cups.input_areas_px(40), cups.areas_px * 2 * 4)


def test_boxes_without_width_or_height_or_missing_have_no_aspect(make_dataset: MakeDataset) -> None:
    boxes = [(0, 0, 4, 2), (0, 0, 0, 2), (0, 0, 4, 0), (0, 0, -4, 2), (1, 1, 1, 4)]
    records = [annotation(index, 1, CAT, box) for index, box in enumerate(boxes)]
    cats = all_instances(make_dataset([image(1)], [*records, annotation(9, 1, CAT, bbox=None)]))[0]
    assert cats.log2_aspects.tolist() == [1, -2]


@given(areas)
def test_every_known_area_has_one_size_class(values: Floats) -> None:
    assert size_counts(values).sum() == np.count_nonzero(~np.isnan(values))


@given(areas)
def test_a_larger_input_never_has_more_areas_below_a_bound(values: Floats) -> None:
    below = [size_counts(values * factor).cumsum()[:3] for factor in (1, 4)]
    assert (below[0] >= below[1]).all()


@given(areas, st.randoms())
def test_the_order_of_areas_does_not_matter(values: Floats, random: Any) -> None:
    shuffled = np.array(random.sample(values.tolist(), len(values)), dtype=float)
    assert size_counts(values).tolist() == size_counts(shuffled).tolist()
    assert median(values) == median(shuffled)


def test_a_size_class_ends_below_its_bound() -> None:
    bounds = [1, SMALL_AREA_PX, MEDIUM_AREA_PX]
    assert size_counts(np.array(bounds, dtype=float)).tolist() == [0, 1, 1, 1]
    assert size_counts(np.nextafter(bounds, 0)).tolist() == [1, 1, 1, 0]


def test_the_median_of_nothing_known_is_0() -> None:
    assert median(np.array([np.nan])) == median(np.zeros(0)) == 0


def records_by_pycocotools(path: Path) -> list[dict[str, Any]]:
    """The instances as pycocotools selects them."""
    peer = COCO(path)
    found: list[dict[str, Any]] = peer.loadAnns(peer.getAnnIds(iscrowd=False))
    return found


def records_by_json(path: Path) -> list[dict[str, Any]]:
    """The instances for files without `iscrowd`, which pycocotools cannot filter."""
    found: list[dict[str, Any]] = json.loads(path.read_text())["annotations"]
    assert not any("iscrowd" in record for record in found)
    return found


def instances_of_peer(path: Path) -> list[dict[str, Any]]:
    try:
        return records_by_pycocotools(path)
    except KeyError:
        return records_by_json(path)


def area_of(record: dict[str, Any]) -> float | None:
    if record.get("area") is not None:
        return float(record["area"])
    return record["bbox"][2] * record["bbox"][3] if "bbox" in record else None


Measure = Callable[[Sequence[dict[str, Any]], dict[int, dict[str, Any]]], float]


def share_below(bound: float, *, side: int | None = None) -> Measure:
    """The share of known areas below a bound, in the image or scaled to a square input."""

    def measured(records: Sequence[dict[str, Any]], images: dict[int, dict[str, Any]]) -> float:
        found = []
        for record in records:
            area, photo = area_of(record), images[record["image_id"]]
            if area is not None:
                found.append(area * (side / photo["width"] * side / photo["height"] if side else 1) < bound)
        return sum(found) / max(len(found), 1)

    return measured


def median_aspect(records: Sequence[dict[str, Any]], _: dict[int, dict[str, Any]]) -> float:
    boxes = [record["bbox"] for record in records if record.get("bbox") and min(record["bbox"][2:]) > 0]
    return 2 ** plain_median(np.log2(box[2] / box[3]) for box in boxes) if boxes else 0


def counts_of(records: Sequence[dict[str, Any]]) -> list[int]:
    return [*Counter(record["image_id"] for record in records).values()] or [0]


MEASURES: dict[str, Measure] = {
    "instance_count": lambda records, _: len(records),
    "median_per_image": lambda records, _: plain_median(counts_of(records)),
    "most_per_image": lambda records, _: max(counts_of(records)),
    "small_share": share_below(32**2),
    "vanishing_share_at_128": share_below(1, side=128),
    "median_aspect": median_aspect,
}


@pytest.mark.real
@pytest.mark.parametrize("path", REAL_FILES, ids=lambda path: path.stem)
def test_the_numbers_of_a_real_file_agree_with_pycocotools(path: Path) -> None:
    statistics = category_statistics(open_dataset(path))
    images = {record["id"]: record for record in json.loads(path.read_text())["images"]}
    instances = instances_of_peer(path)
    for category in statistics:
        records = [record for record in instances if record["category_id"] == category.id]
        for name, measure in MEASURES.items():
            assert getattr(category, name) == pytest.approx(measure(records, images)), (category.name, name)


@pytest.mark.real
@pytest.mark.parametrize("path", REAL_FILES, ids=lambda path: path.stem)
def test_images_and_crowds_of_a_real_file_agree_with_pycocotools(path: Path) -> None:
    statistics = category_statistics(open_dataset(path))
    peer = COCO(path)
    for category in statistics:
        assert category.image_count == len(peer.getImgIds(catIds=[category.id]))
        crowds = [a for a in peer.loadAnns(peer.getAnnIds(catIds=[category.id])) if a.get("iscrowd")]
        assert category.crowd_count == len(crowds)


def test_numbers_beyond_all_floats_are_counted_without_a_word(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (0, 0, 1e200, 1e200), area=None), annotation(2, 1, CAT, area=1e308)]
    dataset = make_dataset([image(1)], records)
    assert np.array_equal(dataset.splits[0].annotations.areas_px, [np.nan, 1e308], equal_nan=True)
    assert category_statistics(dataset)[0].instance_count == 2
