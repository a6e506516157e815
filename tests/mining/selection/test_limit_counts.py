"""What limits remove and add, counted by hand and in words."""

from candidates import candidates_of
from datasets import MakeDataset
from records import CAT, CUP, annotation, crowd, image

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.limit_counts import LimitCounts, limit_count_sentences, limit_counts
from cocomine.mining.selection.limits import Crowd, Limits
from cocomine.mining.selection.selection import Selection


def counted(dataset: Dataset, limits: Limits) -> LimitCounts:
    selection = Selection(classes=("cat",), limits=limits)
    return limit_counts(candidates_of(dataset, selection=selection), selection)


def cats(make_dataset: MakeDataset) -> Dataset:
    """Images with a cat, a tiny one, a crowd of cats, a cat and a tiny one, and a cup."""
    records = [
        annotation(1, 1, CAT, (0, 0, 6, 5)),
        annotation(2, 2, CAT, (0, 0, 2, 2)),
        crowd(3, 3, CAT),
        annotation(4, 4, CAT, (0, 0, 6, 5)),
        annotation(5, 4, CAT, (8, 0, 2, 2)),
        annotation(6, 5, CUP, (0, 0, 2, 2)),
    ]
    return make_dataset([image(number) for number in range(1, 6)], records, pictures=False)


def test_what_is_too_small_and_crowds_are_counted_with_the_images_that_they_take(make_dataset: MakeDataset) -> None:
    limits = Limits(min_area_px=10, crowd=Crowd.IGNORE)
    counts = counted(cats(make_dataset), limits)
    assert counts == LimitCounts(
        object_count=4,
        small_count=2,
        crowd_count=1,
        left_out_crowd_count=1,
        lost_image_count=2,
        matching_count=2,
        capped_count=0,
        negative_count=0,
        wanted_negative_count=0,
    )
    assert limit_count_sentences(counts, limits) == [
        "Minimum area: 2 of 4 objects left out.",
        "Crowd: 1 of 1 crowd region left out.",
        "2 images have no other object of the classes.",
    ]


def test_small_objects_and_crowds_are_counted_each_by_its_own_limit(make_dataset: MakeDataset) -> None:
    small, crowds = Limits(min_area_px=10), Limits(crowd=Crowd.IGNORE)
    dataset = cats(make_dataset)
    assert limit_count_sentences(counted(dataset, small), small) == [
        "Minimum area: 2 of 4 objects left out.",
        "1 image has no other object of the classes.",
    ]
    assert limit_count_sentences(counted(dataset, crowds), crowds) == [
        "Crowd: 1 of 1 crowd region left out.",
        "1 image has no other object of the classes.",
    ]


def test_what_a_cap_takes_and_negatives_add_is_counted(make_dataset: MakeDataset) -> None:
    capped, both = Limits(cap=1), Limits(cap=3, negatives=0.5)
    dataset = cats(make_dataset)
    assert limit_count_sentences(counted(dataset, capped), capped) == ["Maximum: 3 of 4 images left out."]
    assert limit_count_sentences(counted(dataset, both), both) == [
        "Maximum: 1 of 4 images left out.",
        "Negatives: 1 image added of 3: there are no more.",
    ]


def test_without_limits_nothing_is_told(make_dataset: MakeDataset) -> None:
    counts = counted(cats(make_dataset), Limits())
    assert (counts.matching_count, counts.lost_image_count) == (4, 0)
    assert limit_count_sentences(counts, Limits()) == []


def test_as_many_negatives_as_were_asked_for_are_no_lack() -> None:
    counts = LimitCounts(
        object_count=9,
        small_count=0,
        crowd_count=0,
        left_out_crowd_count=0,
        lost_image_count=0,
        matching_count=4,
        capped_count=0,
        negative_count=2,
        wanted_negative_count=2,
    )
    assert limit_count_sentences(counts, Limits(negatives=0.5)) == ["Negatives: 2 images added."]
