"""Outlines are looked at by their points: all of them, or some that are spread over a large split."""

import pytest
from datasets import MakeDataset
from records import CAT, CATEGORIES, annotation, crowd, image, rectangle

from cocomine.coco.findings import Finding
from cocomine.coco.integrity import shapes
from cocomine.coco.integrity.shapes import shape_findings


def findings(make_dataset: MakeDataset, *annotations: dict[str, object]) -> list[Finding]:
    dataset = make_dataset(images=[image(1)], annotations=list(annotations), categories=CATEGORIES)
    return [each for split in dataset.splits for each in shape_findings(split)]


def beyond(annotation_id: int) -> dict[str, object]:
    return annotation(annotation_id, 1, CAT, (1, 1, 19, 8), area=90, segmentation=[[1, 1, 25, 1, 1, 9]])


def test_a_border_that_is_left_by_rounding_is_no_finding(make_dataset: MakeDataset) -> None:
    rounded = annotation(1, 1, CAT, (0, 0, 20, 10), segmentation=[[-0.5, 0, 20.5, 0, 20.5, 10.5, 0, 10]])
    assert findings(make_dataset, rounded) == []


def test_the_area_of_what_is_inside_is_no_odd_one(make_dataset: MakeDataset) -> None:
    outline = [[1, 1, 99, 1, 99, 9, 1, 9]]
    (only,) = findings(make_dataset, annotation(1, 1, CAT, (1, 1, 19, 8), area=150, segmentation=outline))
    assert only.code == "polygon_beyond_image"


def test_what_a_box_tells_already_is_not_told_twice(make_dataset: MakeDataset) -> None:
    assert (
        findings(make_dataset, annotation(1, 1, CAT, (1, 1, 24, 8), area=90, segmentation=[[1, 1, 25, 1, 1, 9]])) == []
    )


def test_parts_that_share_a_border_do_not_overlap(make_dataset: MakeDataset) -> None:
    parts = [rectangle(1, 1, 4, 4), rectangle(5, 1, 4, 4)]
    assert findings(make_dataset, annotation(1, 1, CAT, (1, 1, 8, 4), segmentation=parts)) == []


def test_the_same_part_twice_overlaps(make_dataset: MakeDataset) -> None:
    parts = [rectangle(1, 1, 4, 4)] * 2
    (only,) = findings(make_dataset, annotation(1, 1, CAT, segmentation=parts))
    assert (only.code, only.examples) == ("parts_overlap", ("1",))


def test_an_area_of_another_resolution_is_told_for_run_length_codes_too(make_dataset: MakeDataset) -> None:
    code = {"size": [10, 20], "counts": [50, 50, 100]}
    (only,) = findings(make_dataset, annotation(1, 1, CAT, (5, 0, 5, 10), area=12.5, segmentation=code))
    assert only.code == "area_unlike_mask"


def test_crowd_regions_and_boxes_alone_are_left_alone(make_dataset: MakeDataset) -> None:
    assert findings(make_dataset, crowd(1, 1, CAT) | {"area": 3}, annotation(2, 1, CAT, area=1, segmentation=[])) == []


def test_of_a_large_split_some_are_looked_at_and_it_is_said_how_many(
    make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "SAMPLED_OBJECTS", 3)
    (only,) = findings(make_dataset, *map(beyond, range(1, 6)))
    assert only.count == 3
    assert only.message.endswith("Found in 3 of the 3 objects looked at, of 5.")
    assert only.examples == ("1", "3", "5")


def test_an_empty_split_has_no_finding(make_dataset: MakeDataset) -> None:
    assert findings(make_dataset) == []
