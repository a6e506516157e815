"""A grouped dataset counts what the union of its members counts, and its records stay what they are."""

import numpy as np
import pytest
from datasets import MakeDataset
from drawn_datasets import NAMES, datasets, groupings
from hypothesis import given
from records import CAT, CATEGORIES, CUP, DOG, annotation, image

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.coco.grouping import grouped, source_categories, ungrouped
from cocomine.errors import SelectionError
from cocomine.mining.interference.co_occurrence import pair_table
from cocomine.mining.statistics.categories import category_statistics, examined, presence

PETS = ClassGroup(name="pet", members=("dog", "cat"))


@given(dataset=datasets(), groups=groupings())
def test_grouping_then_counting_is_counting_the_union(dataset: Dataset, groups: tuple[ClassGroup, ...]) -> None:
    result = grouped(dataset, groups)
    before = {each.name: each for each in category_statistics(dataset)}
    has = presence(dataset)
    for each in category_statistics(result):
        members = next((group.members for group in groups if group.name == each.name), (each.name,))
        columns = [dataset.category_index_of(name) for name in members]
        assert each.image_count == has[:, columns].any(axis=1).sum()
        assert each.instance_count == sum(before[name].instance_count for name in members)
        assert each.crowd_count == sum(before[name].crowd_count for name in members)
        assert each.id == before[members[0]].id
    assert len(result.categories) == len(NAMES) - sum(len(group.members) - 1 for group in groups)


@given(dataset=datasets(), groups=groupings())
def test_co_occurrence_of_groups_counts_images_with_a_member_of_each(
    dataset: Dataset, groups: tuple[ClassGroup, ...]
) -> None:
    result, has = grouped(dataset, groups), presence(dataset)
    counts = pair_table(presence(result), result.category_names).counts
    union = [
        has[:, [dataset.category_index_of(name) for name in _members(result, each)]].any(axis=1)
        for each in result.category_names
    ]
    for first, one in enumerate(union):
        for second, other in enumerate(union):
            assert counts[first, second] == (one & other).sum()


def _members(dataset: Dataset, name: str) -> tuple[str, ...]:
    return next((group.members for group in dataset.groups if group.name == name), (name,))


@given(dataset=datasets(), groups=groupings(), others=groupings())
def test_the_last_groups_hold_whatever_came_before(
    dataset: Dataset, groups: tuple[ClassGroup, ...], others: tuple[ClassGroup, ...]
) -> None:
    once, twice = grouped(dataset, others), grouped(grouped(dataset, groups), others)
    assert once.categories == twice.categories
    for one, other in zip(once.splits, twice.splits, strict=True):
        np.testing.assert_array_equal(one.annotations.category_index, other.annotations.category_index)
    assert grouped(twice, ()) is dataset
    assert ungrouped(once) is dataset


def test_a_group_has_the_place_and_the_id_of_its_first_member(four_images: Dataset) -> None:
    result = grouped(four_images, [PETS])
    assert [(each.category_id, each.name, each.supercategory) for each in result.categories] == [
        (DOG, "pet", "animal"),
        (CUP, "cup", "kitchen"),
    ]
    assert result.splits[0].category_ids == (DOG, CUP)
    assert result.splits[0].annotations.category_index.tolist() == [0, 1, 0, 0, 1, 1]
    assert [each.category_id for each in source_categories(result, PETS)] == [DOG, CAT]


def test_all_columns_but_one_are_shared(four_images: Dataset) -> None:
    (one,), (other,) = four_images.splits, grouped(four_images, [PETS]).splits
    assert other.images is one.images
    for name in ("ids", "image_index", "is_crowd", "areas_px", "boxes_xywh", "spans"):
        assert getattr(other.annotations, name) is getattr(one.annotations, name)


def test_a_group_of_one_renames_its_class(four_images: Dataset) -> None:
    result = grouped(four_images, [ClassGroup(name="mug", members=("cup",))])
    assert result.category_names == ("cat", "dog", "mug")
    with pytest.raises(SelectionError, match=r"cup is part of the group mug\. Name the group, or take it apart."):
        result.category_index_of("cup")


def test_members_of_several_supercategories_share_none(four_images: Dataset) -> None:
    result = grouped(four_images, [ClassGroup(name="thing", members=("cup", "cat"))])
    assert [(each.name, each.supercategory) for each in result.categories] == [("dog", "animal"), ("thing", "")]


def test_roles_and_splits_in_view_are_those_of_the_ungrouped_dataset_too(four_images: Dataset) -> None:
    result = grouped(four_images, [PETS]).with_splits(["all2017"])
    assert ungrouped(result).split("all2017").annotations.category_index.tolist() == [0, 2, 0, 1, 2, 2]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([ClassGroup(name="pet", members=("cat", "dgo"))], "no category 'dgo' in this dataset. Did you mean dog"),
        ([ClassGroup(name="cup", members=("cat", "dog"))], r"group 'cup' \(cat, dog\) is named like a class"),
        ([PETS, ClassGroup(name="beast", members=("cat",))], "cat: in two groups"),
        ([PETS, ClassGroup(name="pet", members=("cup",))], "pet: the name of two groups"),
    ],
)
def test_groups_that_cannot_be_are_told(four_images: Dataset, groups: list[ClassGroup], message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        grouped(four_images, groups)


@pytest.mark.parametrize(
    ("name", "members", "message"),
    [
        (" ", ("cat",), "The group of cat has no name"),
        ("pet", (), "The group 'pet' has no class"),
        ("cat", ("cat",), "holds cat alone"),
    ],
)
def test_a_group_needs_a_name_and_classes(name: str, members: tuple[str, ...], message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        ClassGroup(name=name, members=members)


def test_a_group_may_have_the_name_of_a_member(four_images: Dataset) -> None:
    assert grouped(four_images, [ClassGroup(name="cat", members=("dog", "cat"))]).category_names == ("cat", "cup")


def test_a_group_was_looked_for_where_it_is_or_each_member_was(make_dataset: MakeDataset) -> None:
    images = [
        image(1, neg_category_ids=[DOG, CAT], not_exhaustive_category_ids=[]),
        image(2, neg_category_ids=[DOG], not_exhaustive_category_ids=[]),
        image(3, neg_category_ids=[DOG], not_exhaustive_category_ids=[CAT, DOG]),
    ]
    dataset = make_dataset(images, [annotation(1, 3, CAT)], CATEGORIES, pictures=False)
    result = grouped(dataset, [PETS])
    assert examined(result)[:, 0].tolist() == [True, False, True]
    assert result.splits[0].images.not_exhaustive.tolist() == [[2, 0]]
