"""The table of shares, counted by hand."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from datasets import MakeDataset
from records import CAT, CUP, annotation, crowd, image

from cocomine.mining.selection.selection import Selection, Subset, SubsetSplit, select
from cocomine.mining.selection.split_shares import (
    ClassCounts,
    Deviation,
    SplitShares,
    shares_sentence,
    split_shares,
)

ASKED = {"train": 0.4, "val": 0.6}


@pytest.fixture
def five_images(make_dataset: MakeDataset) -> Subset:
    """A cat in 1, two in 2, a crowd of cats in 3, a cat and a cup in 4, a cup in 5."""
    cats = [
        annotation(1, 1, CAT),
        annotation(2, 2, CAT),
        annotation(3, 2, CAT),
        crowd(4, 3, CAT),
        annotation(5, 4, CAT),
    ]
    cups = [annotation(6, 4, CUP), annotation(7, 5, CUP)]
    dataset = make_dataset([image(key) for key in (1, 2, 3, 4, 5)], [*cats, *cups], pictures=False)
    return select(dataset, Selection(classes=("cup", "cat", "dog")))


def shares_of(subset: Subset, first_image_count: int, asked: Mapping[str, float] = ASKED) -> SplitShares:
    """The shares where the first so many images are for training and the others for validation."""
    (part,) = subset.parts
    owners = part.split.annotations.image_index[part.annotation_index]
    sides = {
        "train": (part.image_index[:first_image_count], part.annotation_index[owners < first_image_count]),
        "val": (part.image_index[first_image_count:], part.annotation_index[owners >= first_image_count]),
    }
    parts = [
        SubsetSplit(split=part.split.renamed(name), image_index=images, annotation_index=annotations)
        for name, (images, annotations) in sides.items()
    ]
    return split_shares(subset, parts, asked)


def test_each_class_has_its_images_and_objects_by_split(five_images: Subset) -> None:
    shares = shares_of(five_images, 2)
    assert (shares.splits, shares.image_counts) == (("train", "val"), (2, 3))
    assert [(each.name, each.image_counts, each.object_counts) for each in shares.classes] == [
        ("cup", (0, 2), (0, 2)),
        ("cat", (2, 2), (3, 1)),
        ("dog", (0, 0), (0, 0)),
    ]


def test_shares_are_those_of_what_there_is_and_of_nothing_there_are_none(five_images: Subset) -> None:
    shares = shares_of(five_images, 2)
    assert shares.shares(shares.image_counts) == {"train": 0.4, "val": 0.6}
    assert [shares.shares(each.object_counts) for each in shares.classes] == [
        {"train": 0.0, "val": 1.0},
        {"train": 0.75, "val": 0.25},
        {},
    ]


def test_a_split_that_was_not_made_has_no_share_beside_those_that_were(five_images: Subset) -> None:
    shares = replace(shares_of(five_images, 2), splits=("test", "train", "val"))
    assert shares.shares((50, 3, 1)) == {"train": 0.75, "val": 0.25}
    assert replace(shares, asked={}).shares((50, 40, 10)) == {"test": 0.5, "train": 0.4, "val": 0.1}


def test_the_largest_deviation_is_that_of_the_class_that_is_dealt_out_worst(five_images: Subset) -> None:
    shares = shares_of(five_images, 2)
    cup, cat = (shares.largest_deviation(min_images=count) for count in (1, 3))
    assert cup == Deviation(name="cup", split="train", share=0.0, asked=0.4, image_count=2)
    assert cup.size == pytest.approx(0.4)
    assert cat is not None
    assert (cat.name, cat.split, cat.share, cat.image_count) == ("cat", "train", 0.5, 4)
    assert shares.largest_deviation() is None


def test_where_nothing_was_asked_nothing_deviates(five_images: Subset) -> None:
    assert shares_of(five_images, 2, {}).largest_deviation(min_images=1) is None


def test_a_sentence_has_what_was_asked_and_reached(five_images: Subset) -> None:
    shares = shares_of(five_images, 2)
    images = "Images: train 40 % (asked: 40 %), val 60 % (asked: 60 %)."
    assert shares_sentence(shares) == f"{images} No class has 5 images: shares of so few tell little."
    many = replace(shares, classes=(ClassCounts(name="cat", image_counts=(20, 80), object_counts=(20, 80)),))
    assert shares_sentence(many) == (
        f"{images} Largest deviation of a class with 5 images or more: cat, of whose 100 images 20 % are in train "
        "(asked: 40 %)."
    )
    assert shares_sentence(replace(shares, asked={})) == "Images: train 40 %, val 60 %."


def test_a_manifest_has_what_was_asked_and_reached(five_images: Subset) -> None:
    assert shares_of(five_images, 2).as_json() == {
        "asked": {"train": 0.4, "val": 0.6},
        "reached": {"train": 0.4, "val": 0.6},
        "classes": {"cup": {"train": 0.0, "val": 1.0}, "cat": {"train": 0.5, "val": 0.5}, "dog": {}},
        "largest_deviation": None,
    }


def test_of_no_images_there_are_no_shares(five_images: Subset) -> None:
    nothing = select(five_images.dataset, Selection())
    shares = split_shares(nothing, nothing.parts, {"all2017": 1.0})
    assert (shares.image_counts, shares.shares(shares.image_counts), shares.classes) == ((0,), {}, ())
    assert shares.largest_deviation() is None
