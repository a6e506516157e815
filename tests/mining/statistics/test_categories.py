"""Images count with crowds, instances without; `test_instances` holds the numbers against pycocotools."""

from dataclasses import replace

import pytest
from datasets import MakeDataset
from records import CAT, CATEGORIES, CUP, DOG, FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.mining.statistics.categories import category_statistics, examined, presence, statistics_rows


def test_the_four_images_counted_by_hand(four_images: Dataset) -> None:
    cat, dog, cup = category_statistics(four_images)
    assert (cat.id, cat.name, cat.supercategory) == (CAT, "cat", "animal")
    assert [each.image_count for each in (cat, dog, cup)] == [2, 1, 2]
    assert [each.instance_count for each in (cat, dog, cup)] == [2, 0, 3]
    assert [each.crowd_count for each in (cat, dog, cup)] == [0, 1, 0]
    assert [each.instances_per_image for each in (cat, dog, cup)] == [1, 0, 1.5]
    assert [each.median_area_share for each in (cat, dog, cup)] == [24.5 / 200, 0, 25 / 200]


def test_the_four_images_in_shape_and_number_by_hand(four_images: Dataset) -> None:
    cat, dog, cup = category_statistics(four_images)
    assert [each.median_per_image for each in (cat, dog, cup)] == [1, 0, 1.5]
    assert [each.most_per_image for each in (cat, dog, cup)] == [1, 0, 2]
    assert [each.median_aspect for each in (cat, dog, cup)] == [pytest.approx((6 / 4 * 13 / 5) ** 0.5), 0, 1]


@pytest.mark.parametrize(("box", "expected"), [([0, 0, 1, 5e-324], 2.0**1023), ([0, 0, 5e-324, 1], 2.0**-1023)])
def test_a_box_of_next_to_no_height_or_width_has_the_last_shape_that_can_be_told(
    make_dataset: MakeDataset, box: list[float], expected: float
) -> None:
    cat = category_statistics(make_dataset([image(1)], [annotation(1, 1, CAT, bbox=box)]))[0]
    assert cat.median_aspect == expected


def test_an_object_vanishes_below_one_pixel_of_128_by_128(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, area=6.2), annotation(2, 1, CAT, area=6.3)]  # 400 · 250 / 128² = 6.1
    large = image(1, width=400, height=250)
    assert category_statistics(make_dataset([large], records))[0].vanishing_share_at_128 == 0
    records[0]["area"] = 6.1
    assert category_statistics(make_dataset([large], records))[0].vanishing_share_at_128 == 0.5


def test_presence_says_which_image_has_what_crowds_included(four_images: Dataset) -> None:
    expected = [[True, False, True], [True, True, False], [False, False, True], [False, False, False]]
    assert presence(four_images).tolist() == expected


def test_in_an_ordinary_dataset_everything_was_looked_for(four_images: Dataset) -> None:
    assert examined(four_images).tolist() == [[True] * 3] * 4
    assert not four_images.is_federated


def test_in_a_federated_dataset_that_was_looked_for_which_is_marked_or_said_to_be_absent(
    make_dataset: MakeDataset,
) -> None:
    absent: tuple[list[int], ...] = ([DOG], [], [CAT, DOG], [])
    images = [record | {"neg_category_ids": ids} for record, ids in zip(FOUR_IMAGES, absent, strict=True)]
    images[0]["not_exhaustive_category_ids"] = [CUP]  # marked, though not every one of them
    images[3]["not_exhaustive_category_ids"] = [CAT]  # not marked at all: it must not count as absent
    dataset = make_dataset(images)
    assert dataset.is_federated
    assert examined(dataset).tolist() == [[True] * 3, [True, True, False], [True] * 3, [False] * 3]


def test_sizes_are_divided_at_coco_s_bounds(make_dataset: MakeDataset) -> None:
    areas = [32**2 - 1, 32**2, 96**2 - 1, 96**2]
    records = [annotation(index, 1, CAT, area=area) for index, area in enumerate(areas)]
    cat = category_statistics(make_dataset([image(1)], records))[0]
    assert (cat.small_share, cat.medium_share, cat.large_share) == (0.25, 0.5, 0.25)


def test_an_instance_without_area_and_box_counts_but_has_no_size(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (0, 0, 4, 5)), annotation(2, 1, CAT, area=None, bbox=None)]
    records.append(annotation(3, 1, CUP, area=None, bbox=None))
    cat, _, cup = category_statistics(make_dataset([image(1)], records))
    assert (cat.instance_count, cat.small_share, cat.large_share, cat.median_area_share) == (2, 1, 0, 0.1)
    assert (cup.instance_count, cup.small_share, cup.large_share, cup.median_area_share) == (1, 0, 0, 0)


def test_crowds_have_no_part_in_sizes(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (0, 0, 4, 5)), annotation(2, 1, CAT, area=96**2, iscrowd=1)]
    cat = category_statistics(make_dataset([image(1)], records))[0]
    assert (cat.large_share, cat.median_area_share) == (0, 0.1)


def test_the_order_of_annotations_does_not_change_a_number(make_dataset: MakeDataset, four_images: Dataset) -> None:
    backwards = make_dataset(FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS[::-1])
    assert category_statistics(backwards) == category_statistics(four_images)


def test_splits_add_up(four_images: Dataset) -> None:
    twice = replace(four_images, splits=four_images.splits * 2)
    assert presence(twice).shape == (8, 3)
    assert [each.instance_count for each in category_statistics(twice)] == [4, 0, 6]
    assert [each.median_per_image for each in category_statistics(twice)] == [1, 0, 1.5]


def test_no_split_in_view_counts_nothing(four_images: Dataset) -> None:
    nothing = four_images.with_splits([])
    assert presence(nothing).shape == (0, 3)
    assert [each.image_count for each in category_statistics(nothing)] == [0, 0, 0]


def test_no_image_counts_nothing(make_dataset: MakeDataset) -> None:
    statistics = category_statistics(make_dataset([], [], CATEGORIES))
    assert [(each.image_count, each.instance_count, each.median_area_share) for each in statistics] == [(0, 0, 0)] * 3


def test_a_crowd_alone_makes_an_image_count_and_no_instance(four_images: Dataset) -> None:
    dog = category_statistics(four_images)[1]
    assert (dog.id, dog.image_count, dog.instance_count, dog.crowd_count) == (DOG, 1, 0, 1)


def test_statistics_are_told_in_the_words_of_the_page(four_images: Dataset) -> None:
    found = statistics_rows(category_statistics(four_images))
    assert [(row["category"], row["images"], row["objects"], row["crowd regions"]) for row in found] == [
        ("cat", 2, 2, 0),
        ("dog", 1, 0, 1),
        ("cup", 2, 3, 0),
    ]


def test_statistics_tell_shape_and_number_rounded(four_images: Dataset) -> None:
    cat, dog, cup = statistics_rows(category_statistics(four_images))
    assert (cat["median width : height"], dog["median width : height"]) == (1.97, 0)
    assert (cup["median per image"], cup["most in one image"], cup["under 1 px at 128 px"]) == (1.5, 2, 0)


def test_objects_per_image_are_told_to_a_hundredth(make_dataset: MakeDataset) -> None:
    cats = [annotation(at, image_id, CAT) for at, image_id in enumerate((1, 2, 3, 3), 1)]
    cat = statistics_rows(category_statistics(make_dataset([image(1), image(2), image(3)], cats)))[0]
    assert cat["objects per image"] == 1.33
