"""What is suggested, and that the numbers of a suggestion are those that the selection then has."""

from dataclasses import replace

import numpy as np
import pytest
from candidates import candidates_of, images_per_class
from datasets import MakeDataset
from drawn_datasets import NAMES, datasets, limited_selections, selections
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CATEGORIES, CUP, DOG, annotation, image

from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.exclude_or_add import (
    Advice,
    Step,
    Suggestion,
    WhatIfCounts,
    add_advice,
    counts_if_added,
    counts_if_excluded,
    exclude_advice,
)
from cocomine.mining.selection.counting import CandidateImages, SubsetCounts
from cocomine.mining.selection.editing import with_excluded
from cocomine.mining.selection.selection import Mode, Selection, select

NOBODY: frozenset[ImageKey] = frozenset()
NO_LIMIT = Constraints()


def sizes_of(dataset: Dataset) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Bytes of each image: another power of two for each, so that every subset has its own sum."""
    return 2 ** np.arange(dataset.image_count)


def sized_candidates(dataset: Dataset, excluded: frozenset[ImageKey]) -> CandidateImages:
    return candidates_of(dataset, excluded, sizes_of(dataset))


def counted(dataset: Dataset, selection: Selection, excluded: frozenset[ImageKey]) -> SubsetCounts:
    """What `select` gives, in the same words."""
    subset = select(dataset, selection, excluded)
    first = np.cumsum([0, *(len(split.images) for split in dataset.splits)])
    sizes = sizes_of(dataset)
    return SubsetCounts(
        image_count=subset.image_count,
        object_count=subset.instance_count,
        other_object_count=subset.other_instance_count,
        images_per_class=tuple(images_per_class(subset).items()),
        size_bytes=sum(
            int(sizes[start + part.image_index].sum()) for start, part in zip(first, subset.parts, strict=False)
        ),
    )


CASES = {
    "dataset": datasets(),
    "selection": selections(),
    "excluded": st.sampled_from([NOBODY, frozenset({("train", 0), ("val", 3)})]),
}


def both(
    dataset: Dataset, selection: Selection, excluded: frozenset[ImageKey], constraints: Constraints
) -> list[Advice]:
    candidates = sized_candidates(dataset, excluded)
    return [advise(candidates, selection, constraints) for advise in (exclude_advice, add_advice)]


@given(**CASES)
def test_an_outcome_is_what_the_selection_counts(
    dataset: Dataset, selection: Selection, excluded: frozenset[ImageKey]
) -> None:
    assert sized_candidates(dataset, excluded).counts(selection) == counted(dataset, selection, excluded)


@given(**CASES)
def test_the_numbers_of_a_suggestion_are_those_that_the_selection_then_has(
    dataset: Dataset, selection: Selection, excluded: frozenset[ImageKey]
) -> None:
    for advice in both(dataset, selection, excluded, NO_LIMIT):
        for each in advice.suggestions:
            after = counted(dataset, each.applied_to(selection), excluded)
            assert each.before == counted(dataset, selection, excluded)
            assert each.after == after


@given(dataset=datasets(), selection=limited_selections(draws=True))
def test_an_outcome_is_what_groups_and_limits_select(dataset: Dataset, selection: Selection) -> None:
    candidates = candidates_of(dataset, (), sizes_of(dataset), selection=selection)
    assert candidates.counts(selection) == counted(dataset, selection, NOBODY)


@given(dataset=datasets(), selection=limited_selections(draws=False))
def test_suggestions_know_groups_and_what_is_left_out(dataset: Dataset, selection: Selection) -> None:
    candidates = candidates_of(dataset, (), sizes_of(dataset), selection=selection)
    for what_if, step in ((counts_if_excluded, Step.EXCLUDE), (counts_if_added, Step.ADD)):
        for at, name in enumerate(candidates.class_index.names):
            if selection.classes and name not in (*selection.classes, *selection.excluded_classes):
                each = what_if(candidates, selection).suggestion(name, at)
                after = counted(dataset, each.applied_to(selection), NOBODY)
                assert (each.step, each.after) == (step, after)


@given(**CASES, least=st.integers(0, 4), most=st.integers(0, 300))
def test_what_is_suggested_meets_the_constraints_and_is_not_picked_or_forbidden_yet(
    dataset: Dataset, selection: Selection, excluded: frozenset[ImageKey], least: int, most: int
) -> None:
    for advice in both(dataset, selection, excluded, Constraints(images_per_class=least, size_bytes=most)):
        for each in advice.suggestions:
            after = counted(dataset, each.applied_to(selection), excluded)
            assert all(count >= max(least, 1) for _, count in after.images_per_class)
            assert after.size_bytes is not None
            assert after.size_bytes <= most
            assert each.name not in (*selection.classes, *selection.excluded_classes)


@given(**CASES)
def test_no_class_left_out_of_the_suggestions_would_be_worth_more(
    dataset: Dataset, selection: Selection, excluded: frozenset[ImageKey]
) -> None:
    def value(each: Suggestion) -> float:
        lost = each.before.image_count - each.after.image_count
        return (each.before.dilution - each.after.dilution) / lost

    before = counted(dataset, selection, excluded)
    offered = both(dataset, selection, excluded, NO_LIMIT)[0].suggestions
    least = min(map(value, offered), default=0.0)
    for name in set(NAMES) - {*selection.classes, *selection.excluded_classes, *(each.name for each in offered)}:
        after = counted(dataset, with_excluded(selection, [name]), excluded)
        suggestion = Suggestion(step=Step.EXCLUDE, name=name, before=before, after=after, object_count=0)
        is_worth_it = before.dilution - after.dilution >= 0.01 and after.fewest_images >= 1
        assert not is_worth_it or (len(offered) == 4 and value(suggestion) <= least + 1e-12)


@given(**CASES)
def test_an_empty_choice_is_advised_nothing(
    dataset: Dataset, selection: Selection, excluded: frozenset[ImageKey]
) -> None:
    for advice in both(dataset, replace(selection, classes=()), excluded, NO_LIMIT):
        assert (advice.suggestions, advice.relaxation) == ((), None)


def dataset_of(make_dataset: MakeDataset, held: list[tuple[int, ...]]) -> Dataset:
    """One image for each tuple, with an object of each of its categories."""
    marks = [(number, each) for number, kinds in enumerate(held, 1) for each in kinds]
    records = [annotation(at, *mark) for at, mark in enumerate(marks, 1)]
    return make_dataset([image(at) for at in range(1, len(held) + 1)], records, CATEGORIES, pictures=False)


@pytest.mark.parametrize(("cats", "suggested"), [(99, ["dog"]), (100, [])])
def test_a_class_is_worth_excluding_from_one_whole_point_of_dilution(
    make_dataset: MakeDataset, cats: int, suggested: list[str]
) -> None:
    dataset = dataset_of(make_dataset, [(CAT,)] * (cats - 1) + [(CAT, DOG)])  # 1 of 100 objects, or of 101
    advice = exclude_advice(candidates_of(dataset), Selection(classes=("cat",)), NO_LIMIT)
    assert [each.name for each in advice.suggestions] == suggested


def test_a_class_that_is_in_every_image_is_never_worth_excluding(make_dataset: MakeDataset) -> None:
    advice = exclude_advice(
        candidates_of(dataset_of(make_dataset, [(CAT, DOG)] * 2)), Selection(classes=("cat",)), NO_LIMIT
    )
    assert (advice.suggestions, advice.worth_count, advice.relaxation) == ((), 0, None)


def test_a_class_without_which_other_objects_are_a_larger_share_is_not_worth_excluding(
    make_dataset: MakeDataset,
) -> None:
    # of 14 objects 6 are of other classes; without dog's image 5 of 10, without the five of cup 1 of 4
    dataset = dataset_of(make_dataset, [(CAT, CUP)] * 5 + [(CAT, CAT, CAT, DOG)])
    advice = exclude_advice(candidates_of(dataset), Selection(classes=("cat",)), NO_LIMIT)
    assert [each.name for each in advice.suggestions] == ["cup"]


def test_exclusions_are_ranked_by_dilution_removed_for_each_image_removed(make_dataset: MakeDataset) -> None:
    # of 15 objects 5 are of other classes; without dog 2 of 9 in 7 images, without cup 3 of 12 in 9
    dataset = dataset_of(make_dataset, [(CAT, DOG)] * 3 + [(CAT, CUP, CUP)] + [(CAT,)] * 6)
    advice = exclude_advice(candidates_of(dataset), Selection(classes=("cat",)), NO_LIMIT)
    assert [(each.name, each.after.image_count) for each in advice.suggestions] == [("cup", 9), ("dog", 7)]


def test_additions_are_ranked_by_the_objects_that_become_labels(make_dataset: MakeDataset) -> None:
    dataset = dataset_of(make_dataset, [(CAT, CUP, CUP), (CAT, DOG)])
    advice = add_advice(candidates_of(dataset), Selection(classes=("cat",)), NO_LIMIT)
    assert [(each.name, each.object_count) for each in advice.suggestions] == [("cup", 2), ("dog", 1)]


def test_where_only_selected_classes_may_occur_additions_are_ranked_by_the_images_gained(
    make_dataset: MakeDataset,
) -> None:
    # images of cats alone: 1, of cats and cups 2, of cats and dogs 3; neither gains the one with all three
    dataset = dataset_of(make_dataset, [(CAT,), (CAT, CUP), (CAT, DOG), (DOG,), (CAT, CUP, DOG)])
    advice = add_advice(candidates_of(dataset), Selection(classes=("cat",), mode=Mode.ONLY), NO_LIMIT)
    assert [(each.name, each.after.image_count) for each in advice.suggestions] == [("dog", 3), ("cup", 2)]


def test_a_class_that_brings_no_image_is_not_added_where_only_selected_classes_may_occur(
    make_dataset: MakeDataset,
) -> None:
    dataset = dataset_of(make_dataset, [(CAT,), (CAT, CUP, DOG)])
    advice = add_advice(candidates_of(dataset), Selection(classes=("cat",), mode=Mode.ONLY), NO_LIMIT)
    assert (advice.suggestions, advice.worth_count) == ((), 0)


def test_where_all_selected_classes_must_occur_the_added_one_has_the_images_that_are_left(
    make_dataset: MakeDataset,
) -> None:
    dataset = dataset_of(make_dataset, [(CAT, CUP, CUP), (CAT,)])
    advice = add_advice(candidates_of(dataset), Selection(classes=("cat",), mode=Mode.ALL), NO_LIMIT)
    assert [each.after.images_per_class for each in advice.suggestions] == [(("cat", 1), ("cup", 1))]


@pytest.mark.parametrize(("cats", "suggested"), [(99, ["dog"]), (100, [])])
def test_a_class_is_worth_adding_from_one_whole_point_of_dilution(
    make_dataset: MakeDataset, cats: int, suggested: list[str]
) -> None:
    dataset = dataset_of(make_dataset, [(CAT,)] * (cats - 1) + [(CAT, DOG)])  # 1 of 100 objects, or of 101
    advice = add_advice(candidates_of(dataset), Selection(classes=("cat",)), NO_LIMIT)
    assert [each.name for each in advice.suggestions] == suggested


def test_the_share_of_other_objects_by_hand(four_images: Dataset) -> None:
    nothing, none_of_a_class = np.zeros(3, dtype=int), np.zeros((0, 3), dtype=int)
    counts = WhatIfCounts(
        step=Step.EXCLUDE,
        before=counted(four_images, Selection(), NOBODY),
        image_count=nothing,
        object_count=np.array([0, 0, 1]),  # a crowd region of a selected class is no object
        total_count=np.array([0, 1, 4]),
        images_per_class=none_of_a_class,
        images_of_class=nothing,
        size_bytes=None,
        cleared_count=nothing,
    )
    assert counts.dilution.tolist() == [0, 1, 0.75]


def test_a_class_of_which_the_images_have_no_object_is_not_worth_adding(make_dataset: MakeDataset) -> None:
    dataset = dataset_of(make_dataset, [(CAT, DOG), (CUP,), (CUP,), (CUP,)])
    advice = add_advice(candidates_of(dataset), Selection(classes=("cat",)), NO_LIMIT)
    assert [each.name for each in advice.suggestions] == ["dog"]
