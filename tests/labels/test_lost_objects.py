"""What is lost in a label map: by hand on the four images, by laws, and against masks that pycocotools draws."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from records import CAT, CUP, DOG, HEIGHT, WIDTH, annotation, category, crowd, image, rectangle

from cocomine.coco.dataset import Dataset
from cocomine.coco.masks import Shape
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.labels.conflict import ClaimedPixels
from cocomine.labels.label_map import label_map
from cocomine.labels.lost_objects import (
    LabelMapReport,
    LostBecause,
    images_with_crowd,
    label_map_report,
    lost_objects,
)
from cocomine.labels.table import Label, LabelTable, label_table
from cocomine.mining.selection.selection import Others, Selection, select

NATIVE = Size(HEIGHT, WIDTH)
BOTH = Selection(classes=("cat", "cup"))


def shapes_in(dataset: Dataset, image_id: int) -> list[Shape]:
    split = dataset.splits[0]
    return split.image(image_id).shapes()


def report(dataset: Dataset, image_id: int, selection: Selection = BOTH, size: Size = NATIVE) -> LabelMapReport:
    return label_map_report(shapes_in(dataset, image_id), label_table(dataset, selection), native=NATIVE, size=size)


def nobody(done: int, total: int) -> None:
    """Nobody asks how far it is."""


def test_a_cup_over_a_cat_takes_its_pixels(four_images: Dataset) -> None:
    found = report(four_images, 11)
    assert [(each.annotation_id, each.drawn_px, each.kept_px) for each in found.objects] == [(101, 24, 20), (102, 4, 4)]
    assert found.claimed == ClaimedPixels(foreground_px=24, contested_px=4)
    assert found.claimed.share == 4 / 24
    assert found.lost == ()


def test_a_crowd_region_is_no_object_and_claims_nothing(four_images: Dataset) -> None:
    found = report(four_images, 7, Selection(classes=("cat", "dog")))
    assert [each.annotation_id for each in found.objects] == [103]
    assert found.claimed == ClaimedPixels(foreground_px=25)


def test_an_image_without_a_picked_class_has_no_overlap_rather_than_none_of_it(four_images: Dataset) -> None:
    assert report(four_images, 30).claimed.share is None


def test_objects_of_one_class_do_not_contest_a_pixel(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (1, 1, 5, 5)), annotation(2, 1, CAT, (3, 3, 5, 5))]
    found = report(make_dataset([image(1)], records), 1)
    assert found.claimed == ClaimedPixels(foreground_px=25 + 25 - 9)


@pytest.mark.parametrize(
    ("others", "learnt", "contested_px", "kept_px"),
    [(Others.BACKGROUND, [101], 0, 24), (Others.KEEP, [101, 102], 0, 20), (Others.MERGE, [101, 102], 0, 20)],
)
def test_other_classes_cover_what_they_lie_over_by_the_policy_but_contest_nothing(
    four_images: Dataset, others: Others, learnt: list[int], contested_px: int, kept_px: int
) -> None:
    found = report(four_images, 11, Selection(classes=("cat",), others=others))
    assert [each.annotation_id for each in found.objects] == learnt
    assert (found.claimed.contested_px, found.objects[0].kept_px) == (contested_px, kept_px)


def test_an_ignored_object_is_not_learnt_and_still_covers(four_images: Dataset) -> None:
    found = report(four_images, 11, Selection(classes=("cat",), others=Others.IGNORE))
    assert [(each.annotation_id, each.kept_px) for each in found.objects] == [(101, 20)]


def test_an_object_under_a_smaller_one_of_another_class_is_covered(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (4, 3, 2, 2)), annotation(2, 1, CUP, (4, 3, 2, 2), area=3)]
    (lost,) = report(make_dataset([image(1)], records), 1).lost
    assert (lost.annotation_id, lost.drawn_px, lost.lost_because) == (1, 4, LostBecause.COVERED)


def test_an_object_under_another_of_its_class_has_not_vanished(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (4, 3, 2, 2)), annotation(2, 1, CAT, (4, 3, 2, 2), area=3)]
    assert report(make_dataset([image(1)], records), 1).lost == ()


def test_an_object_low_in_a_tall_image_is_too_small_rather_than_without_a_mask(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (2, 150, 3, 3))]
    dataset = make_dataset([image(1, width=10, height=200)], records, pictures=False)
    (lost,) = lost_objects(select(dataset, BOTH), nobody, size_px=5).lost_counts[LostBecause.TOO_SMALL].tolist()
    assert lost == 1


def test_an_object_smaller_than_a_pixel_of_the_map_is_too_small(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, (1, 1, 1, 1)), annotation(2, 1, CUP, (8, 0, 8, 8))])
    assert report(dataset, 1).lost == ()
    (lost,) = report(dataset, 1, size=Size(2, 2)).lost
    assert (lost.annotation_id, lost.drawn_px, lost.lost_because) == (1, 0, LostBecause.TOO_SMALL)


@pytest.mark.parametrize("segmentation", [[], None, [rectangle(1, 1, 0, 0)], {"size": [3, 3], "counts": [0, 9]}])
def test_an_object_that_covers_nothing_at_any_size_has_no_mask(make_dataset: MakeDataset, segmentation: Any) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, segmentation=segmentation)])
    assert [each.lost_because for each in report(dataset, 1, size=Size(5, 5)).lost] == [LostBecause.NO_MASK]


def test_a_subset_is_counted_image_by_image(four_images: Dataset) -> None:
    subset = select(four_images, BOTH)  # images 11, 7, 42
    heard: list[tuple[int, int]] = []
    found = lost_objects(subset, lambda done, total: heard.append((done, total)), size_px=20)
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert found.object_counts.tolist() == [2, 1, 2]
    assert found.has_conflict.tolist() == [True, False, False]
    assert found.foreground_px.tolist() == [48, 50, 100]  # the map is twice as high as the image
    assert found.contested_px.tolist() == [8, 0, 0]
    assert found.has_lost.tolist() == [False, False, False]
    assert found.lost_by_label == {}


def test_one_contested_pixel_is_a_conflict(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (2, 2, 4, 4)), annotation(2, 1, CUP, (4, 5, 4, 4))]
    found = lost_objects(select(make_dataset([image(1)], records), BOTH), nobody, size_px=10)  # half as wide
    assert (found.contested_px.tolist(), found.has_conflict.tolist()) == ([1], [True])


def test_what_is_lost_is_counted_by_reason_and_by_class(make_dataset: MakeDataset) -> None:
    records = [
        annotation(1, 1, CAT, (1, 1, 1, 1)),
        annotation(2, 1, CUP, (8, 0, 8, 8)),
        annotation(3, 2, CUP, segmentation=[]),
        annotation(4, 2, CAT, (0, 0, 9, 9)),
    ]
    found = lost_objects(select(make_dataset([image(1), image(2)], records), BOTH), nobody, size_px=2)
    assert {reason: counts.tolist() for reason, counts in found.lost_counts.items()} == {
        LostBecause.TOO_SMALL: [1, 0],
        LostBecause.COVERED: [0, 0],
        LostBecause.NO_MASK: [0, 1],
    }
    assert found.lost_by_label == {1: 1, 2: 1}
    assert found.has_lost.tolist() == [True, True]


def test_the_first_images_of_a_subset_can_be_counted_alone(four_images: Dataset) -> None:
    subset = select(four_images, BOTH)
    whole, first = (
        lost_objects(subset, nobody, size_px=20),
        lost_objects(subset, nobody, size_px=20, most_images=2),
    )
    assert first.image_count == 2
    assert first.foreground_px.tolist() == whole.foreground_px.tolist()[:2]


def test_a_subset_without_images_has_nothing_to_lose(four_images: Dataset) -> None:
    found = lost_objects(select(four_images, Selection()), nobody, size_px=20)
    assert (found.image_count, found.claimed.share, found.has_lost.tolist()) == (0, None, [])


def test_an_image_that_is_said_to_be_enormous_is_passed_over(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT), crowd(2, 1, CAT)]
    dataset = make_dataset([image(1, width=1 << 20, height=1 << 20)], records, pictures=False)
    assert lost_objects(select(dataset, BOTH), nobody, size_px=20).object_counts.tolist() == [0]


@pytest.mark.parametrize(
    ("selection", "crowded"),
    [
        (Selection(classes=("cat", "dog")), [False, True]),
        (Selection(classes=("cat",)), [False, False]),  # the dogs become background, crowd or not
        (Selection(classes=("cat",), others=Others.MERGE), [False, True]),
    ],
)
def test_images_with_crowd_are_those_where_pixels_become_ignored(
    four_images: Dataset, selection: Selection, crowded: list[bool]
) -> None:
    assert images_with_crowd(select(four_images, selection)).tolist() == crowded


def boxes() -> st.SearchStrategy[list[tuple[int, int, int, int, int, bool]]]:
    side = st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.integers(1, 9), st.integers(1, 9))
    one = st.tuples(st.sampled_from((CAT, DOG, CUP)), side, st.booleans())
    return st.lists(one.map(lambda found: (found[0], *found[1], found[2])), max_size=7)


def shapes_of(drawn: Sequence[tuple[int, int, int, int, int, bool]]) -> list[Shape]:
    return [
        Shape(
            annotation_id=at,
            category_id=category_id,
            category_index=0,
            is_crowd=is_crowd,
            area_px=float(width * height),
            box_xywh=(left, top, width, height),
            segmentation=[[float(each) for each in rectangle(left, top, width, height)]],
            has_mask=True,
        )
        for at, (category_id, left, top, width, height, is_crowd) in enumerate(drawn)
    ]


TABLE = LabelTable(
    labels=tuple(
        Label(label=label, name=str(label), category_ids=ids, colour="#000000", selected=selected)
        for label, ids, selected in ((0, (), False), (1, (CAT,), True), (2, (DOG,), True), (3, (CUP,), False))
    )
)


@given(boxes(), st.sampled_from([NATIVE, Size(7, 7), Size(3, 5)]), st.randoms())
def test_the_report_shows_the_map_that_is_exported_whatever_the_order(
    drawn: list[tuple[int, int, int, int, int, bool]], size: Size, random: Any
) -> None:
    shapes = shapes_of(drawn)
    found = label_map_report(shapes, TABLE, native=NATIVE, size=size)
    shuffled = random.sample(shapes, len(shapes))
    again = label_map_report(shuffled, TABLE, native=NATIVE, size=size)
    assert (found.labels == label_map(shapes, TABLE.label_of_category, native=NATIVE, size=size)).all()
    assert found.objects == again.objects
    assert found.claimed == again.claimed


@given(boxes())
def test_at_native_size_all_numbers_are_those_of_masks_that_pycocotools_draws(
    drawn: list[tuple[int, int, int, int, int, bool]],
) -> None:
    shapes = shapes_of(drawn)
    found = label_map_report(shapes, TABLE, native=NATIVE, size=NATIVE)
    masks = {
        each.annotation_id: coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(each.segmentation, *NATIVE))) > 0
        for each in shapes
    }
    on_top = np.zeros(NATIVE, dtype=int)
    single = [each for each in shapes if not each.is_crowd]
    for each in sorted(single, key=lambda shape: (-shape.area_px, shape.annotation_id)):
        on_top[masks[each.annotation_id]] = TABLE.label_of_category[each.category_id]
    for one in found.objects:
        mask = masks[one.annotation_id]
        assert one.drawn_px == mask.sum()
        assert one.kept_px == (mask & (on_top == one.label)).sum()
        assert (one.lost_because is None) == (one.kept_px > 0)
    claims = [
        np.any([masks[each.annotation_id] for each in single if each.category_id == category_id] or [0], axis=0)
        for category_id in (CAT, DOG)
    ]
    assert found.claimed.foreground_px == np.broadcast_to(claims[0] | claims[1], NATIVE).sum()
    assert found.claimed.contested_px == np.broadcast_to(claims[0] & claims[1], NATIVE).sum()


@pytest.mark.real
def test_on_real_images_at_native_size_masks_agree_with_pycocotools(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder)
    split = dataset.splits[-1]
    oracle = COCO(str(split.source.path))
    table = label_table(dataset, Selection(classes=("person", "bus", "giraffe"), others=Others.KEEP))
    for image_index in range(0, 40):
        native = split.images.size_at(image_index)
        shapes = split.image_at(image_index).shapes()
        found = label_map_report(shapes, table, native=native, size=native)
        for each in found.objects:
            mask = oracle.annToMask(oracle.anns[each.annotation_id]).astype(bool)
            assert each.drawn_px == mask.sum()
            assert each.kept_px == (mask & (found.labels == each.label)).sum()


def test_losses_are_counted_up_to_the_last_label_there_is(make_dataset: MakeDataset) -> None:
    categories = [category(number, f"c{number}") for number in range(1, 255)]
    record = annotation(1, 1, 254) | {"segmentation": []}
    dataset = make_dataset([image(1)], [record], categories)
    subset = select(dataset, Selection(classes=dataset.category_names))
    assert lost_objects(subset, nobody, size_px=32).lost_by_label == {254: 1}
