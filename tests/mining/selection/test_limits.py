"""What limits leave out, and which images are drawn: laws over drawn datasets, the four images by hand."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from drawn_datasets import datasets, limited_selections
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CUP, DOG, annotation, crowd, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.grouping import grouped
from cocomine.errors import SelectionError
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.other_classes import other_classes
from cocomine.mining.selection.selection import Mode, Others, Selection, Subset, select
from cocomine.mining.statistics.categories import split_presence

CATS_AND_CUPS = Selection(classes=("cat", "cup"))
NO_CAPS = {"cap": None, "balance": None}


def image_ids(subset: Subset) -> list[int]:
    return [int(part.split.images.ids[at]) for part in subset.parts for at in part.image_index]


def annotation_ids(subset: Subset) -> list[int]:
    return [int(part.split.annotations.ids[at]) for part in subset.parts for at in part.annotation_index]


def limited(selection: Selection, **changes: Any) -> Selection:
    return replace(selection, limits=replace(selection.limits, **changes))


def images_of(subset: Subset) -> set[tuple[str, int]]:
    return {(part.split.name, int(at)) for part in subset.parts for at in part.image_index}


def totals(subset: Subset, counted: Counted) -> dict[str, int]:
    """How much of each selected class a subset has."""
    what = "image_counts" if counted is Counted.IMAGES else "instance_counts"
    counts = [subset.class_counts(part)[what] for part in subset.parts]
    return {name: sum(each[name] for each in counts) for name in subset.selection.classes}


@given(dataset=datasets(), selection=limited_selections(draws=True))
def test_limits_but_negatives_only_ever_take_images_away(dataset: Dataset, selection: Selection) -> None:
    without = select(dataset, replace(selection, limits=Limits()))
    assert images_of(select(dataset, limited(selection, negatives=0.0))) <= images_of(without)


@given(dataset=datasets(), selection=limited_selections(draws=True))
def test_caps_hold_and_only_images_leave(dataset: Dataset, selection: Selection) -> None:
    limits = selection.limits
    before, after = (
        select(dataset, limited(selection, **changes, negatives=0.0)) for changes in (NO_CAPS, {"seed": limits.seed})
    )
    matching, capped = totals(before, limits.counted), totals(after, limits.counted)
    rarest = min((count for count in matching.values() if count), default=0)
    for count in capped.values():
        assert limits.cap is None or count <= limits.cap
        assert limits.balance is None or count <= limits.balance * rarest
    inside = images_of(after)
    for one, other in zip(before.parts, after.parts, strict=True):
        columns = one.split.annotations
        stay = [at for at in one.annotation_index if (one.split.name, int(columns.image_index[at])) in inside]
        assert other.annotation_index.tolist() == stay


@given(dataset=datasets(), selection=limited_selections(draws=True))
def test_no_image_is_passed_over_that_would_fit(dataset: Dataset, selection: Selection) -> None:
    capped = limited(selection, cap=2, balance=None, counted=Counted.IMAGES, negatives=0.0)
    every, some = (select(dataset, each) for each in (limited(capped, **NO_CAPS), capped))
    counts = totals(some, Counted.IMAGES)
    for part in every.parts:
        presence = _kept_presence(every, part.split.name)
        for at in part.image_index:
            if (part.split.name, int(at)) not in images_of(some):
                assert any(counts[name] >= 2 for name in selection.classes if presence[name][at])


def _kept_presence(subset: Subset, split_name: str) -> Mapping[str, Any]:
    part = next(each for each in subset.parts if each.split.name == split_name)
    columns, index = part.split.annotations, part.all_annotation_index
    has = np.zeros((len(part.split.images), len(subset.dataset.categories)), dtype=bool)
    has[columns.image_index[index], columns.category_index[index]] = True
    return {name: has[:, subset.dataset.category_index_of(name)] for name in subset.selection.classes}


@given(dataset=datasets(), selection=limited_selections(draws=True))
def test_negatives_have_no_selected_and_no_excluded_class_and_an_allowed_licence(
    dataset: Dataset, selection: Selection
) -> None:
    without, with_them = (select(dataset, limited(selection, negatives=share)) for share in (0.0, 0.5))
    new = images_of(with_them) - images_of(without)
    assert images_of(without) <= images_of(with_them)
    seen = grouped(dataset, selection.groups)
    named = [seen.category_index_of(name) for name in (*selection.classes, *selection.excluded_classes)]
    for split in seen.splits:
        presence = split_presence(split, len(seen.categories))
        drawn = [at for name, at in new if name == split.name]
        assert not presence[drawn][:, named].any()
        assert selection.licences is None or all(split.images.licence_ids[at] > 0 for at in drawn)
        positive = sum(name == split.name for name, _ in images_of(without))
        assert len(drawn) <= positive


@given(dataset=datasets(), selection=limited_selections(draws=True))
def test_a_subset_of_a_subset_is_the_subset(dataset: Dataset, selection: Selection) -> None:
    """Images that were not taken, excluded by hand, change nothing: so a written subset gives itself again."""
    selection = limited(selection, balance=None)
    once = select(dataset, selection)
    kept = {(part.split.name, int(part.split.images.ids[at])) for part in once.parts for at in part.image_index}
    rest = [
        (split.name, image_id)
        for split in dataset.splits
        for image_id in split.images.ids.tolist()
        if (split.name, image_id) not in kept
    ]
    assert images_of(select(dataset, selection, rest)) == images_of(once)


@given(dataset=datasets(), selection=limited_selections(draws=True), seed=st.integers(0, 5))
def test_the_same_seed_draws_the_same_images(dataset: Dataset, selection: Selection, seed: int) -> None:
    seeded = limited(selection, seed=seed)
    assert image_ids(select(dataset, seeded)) == image_ids(select(dataset, seeded))


@given(dataset=datasets(), selection=limited_selections(draws=True))
def test_a_rare_class_keeps_all_its_images_beside_a_balance(dataset: Dataset, selection: Selection) -> None:
    balanced = limited(selection, cap=None, balance=1.0, counted=Counted.IMAGES, negatives=0.0)
    matching = totals(select(dataset, limited(balanced, balance=None)), Counted.IMAGES)
    rarest = min((count for count in matching.values() if count), default=0)
    if rarest and sum(count == rarest for count in matching.values()) == 1:
        name = next(name for name, count in matching.items() if count == rarest)
        assert totals(select(dataset, balanced), Counted.IMAGES)[name] == rarest


def test_objects_below_the_minimum_area_are_left_out_and_bring_no_image(four_images: Dataset) -> None:
    subset = select(four_images, limited(Selection(classes=("cup",)), min_area_px=5))
    assert (image_ids(subset), annotation_ids(subset)) == ([42], [105, 106])
    assert other_classes(subset).selected.object_count == 2


def test_objects_of_other_classes_are_left_out_too(four_images: Dataset) -> None:
    subset = select(four_images, limited(Selection(classes=("cat",), others=Others.KEEP), min_area_px=5))
    assert (image_ids(subset), annotation_ids(subset)) == ([11, 7], [101, 103, 104])
    assert subset.other_instance_count == 0


def test_an_area_of_just_the_minimum_stays_and_so_does_an_unknown_one(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, area=5), annotation(2, 1, CAT, area=4.99)]
    bare = {"id": 3, "image_id": 1, "category_id": CAT, "segmentation": [[0, 0, 2, 0, 2, 2]], "iscrowd": 0}
    dataset = make_dataset([image(1)], [*records, bare])
    assert annotation_ids(select(dataset, limited(Selection(classes=("cat",)), min_area_px=5))) == [1, 3]


@pytest.mark.parametrize("area", [0, -3.5])
def test_where_an_area_of_nothing_is_written_the_box_has_the_minimum_or_not(
    make_dataset: MakeDataset, area: float
) -> None:
    records = [annotation(1, 1, CAT, (1, 1, 4, 4), area=area), annotation(2, 1, CAT, (1, 1, 2, 2), area=area)]
    dataset = make_dataset([image(1)], [*records, annotation(3, 1, CAT, (1, 1, -4, -4), area=area)])
    assert annotation_ids(select(dataset, limited(Selection(classes=("cat",)), min_area_px=5))) == [1]


def test_crowd_regions_that_are_ignored_are_no_annotation_and_bring_no_image(four_images: Dataset) -> None:
    ignoring = limited(Selection(classes=("cat", "dog")), crowd=Crowd.IGNORE)
    assert annotation_ids(select(four_images, ignoring)) == [101, 103]
    assert image_ids(select(four_images, replace(ignoring, classes=("dog",)))) == []


def test_an_area_below_nothing_is_below_no_minimum_that_was_not_asked_for(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, area=-7, bbox=None), crowd(2, 1, CAT)])
    selection = Selection(classes=("cat",))
    assert annotation_ids(select(dataset, limited(selection, crowd=Crowd.IGNORE))) == [1]
    assert annotation_ids(select(dataset, limited(selection, min_area_px=1))) == [2]


@pytest.mark.parametrize(
    "selection", [Selection(classes=("cat",), excluded_classes=("dog",)), Selection(classes=("cup",), mode=Mode.ONLY)]
)
def test_what_must_be_absent_is_absent_in_every_size(four_images: Dataset, selection: Selection) -> None:
    limits = Limits(min_area_px=25, crowd=Crowd.IGNORE)
    assert image_ids(select(four_images, replace(selection, limits=limits))) == image_ids(
        select(four_images, selection)
    )[-1:] * (selection.mode is Mode.ONLY)


def test_a_cap_prefers_images_with_the_rarer_class(make_dataset: MakeDataset) -> None:
    cups = [annotation(100 + at, at, CUP) for at in range(1, 9)]
    dataset = make_dataset([image(at) for at in range(1, 9)], [*cups, annotation(1, 8, DOG), annotation(2, 7, DOG)])
    for seed in range(5):
        subset = select(dataset, limited(Selection(classes=("cup", "dog")), cap=2, seed=seed))
        assert image_ids(subset) == [7, 8]


def test_a_cap_of_objects_passes_over_an_image_with_too_many(make_dataset: MakeDataset) -> None:
    many = [annotation(10 + at, 1, CAT) for at in range(5)]
    dataset = make_dataset([image(1), image(2), image(3)], [*many, annotation(1, 2, CAT), crowd(2, 3, CAT)])
    subset = select(dataset, limited(Selection(classes=("cat",)), cap=3, counted=Counted.OBJECTS))
    assert image_ids(subset) == [2, 3]


def test_a_class_of_which_there_is_nothing_does_not_empty_a_balanced_subset(four_images: Dataset) -> None:
    selection = limited(Selection(classes=("cat", "cup", "dog"), excluded_classes=()), crowd=Crowd.IGNORE, balance=1.0)
    assert len(image_ids(select(four_images, selection))) == 3


def test_negatives_are_a_share_of_each_split_as_far_as_there_are_any(four_images: Dataset) -> None:
    assert image_ids(select(four_images, limited(Selection(classes=("cat",)), negatives=0.3))) in (
        [11, 7, 42],
        [11, 7, 30],
    )
    assert image_ids(select(four_images, limited(Selection(classes=("cat",)), negatives=0.9))) == [11, 7, 42, 30]
    assert image_ids(select(four_images, limited(CATS_AND_CUPS, negatives=0.9))) == [11, 7, 42, 30]
    assert image_ids(select(four_images, limited(Selection(), negatives=0.9))) == []


def test_an_image_with_the_class_in_a_tiny_object_is_no_negative(four_images: Dataset) -> None:
    selection = limited(Selection(classes=("cup",)), min_area_px=5, negatives=0.9)
    assert image_ids(select(four_images, selection)) == [7, 42, 30]


def test_in_federated_data_a_negative_was_looked_through_for_every_class(make_dataset: MakeDataset) -> None:
    looked: dict[str, Any] = {"not_exhaustive_category_ids": []}
    images = [image(1, neg_category_ids=[], **looked), image(2, neg_category_ids=[CAT], **looked)]
    images += [image(3, neg_category_ids=[DOG], **looked), image(4, neg_category_ids=[CAT, DOG], **looked)]
    dataset = make_dataset(images, [annotation(1, 1, CAT)])
    assert image_ids(select(dataset, limited(Selection(classes=("cat",)), negatives=0.9))) == [1, 2, 4]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"min_area_px": -1}, "minimum area is -1 px. Give 0 or more"),
        ({"cap": 0}, "cap is 0 images of each class. Give 1 or more"),
        ({"balance": 0.5}, "balance is 0.5 times the rarest class. Give 1 or more"),
        ({"balance": float("nan")}, "balance is nan times"),
        ({"negatives": 1.0}, "share of negative images is 1. Give a number from 0 to 0.9"),
        ({"seed": -1}, "seed is -1. Give a whole number from 0"),
    ],
)
def test_limits_out_of_their_range_are_told(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        Limits(**fields)
