"""The table of shares, counted by hand."""

import pytest
from datasets import MakeDataset
from records import CAT, CUP, annotation, crowd, image

from cocomine.mining.selection.selection import Selection, Subset, SubsetSplit, select
from cocomine.mining.selection.split_shares import SplitShares, split_shares


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


def shares_of(subset: Subset, first_image_count: int) -> SplitShares:
    """The shares where the first so many images are for training and the others for validation."""
    (part,) = subset.parts
    owners = part.split.annotations.image_index[part.annotation_index]
    sides = {
        "train": (part.image_index[:first_image_count], part.annotation_index[owners < first_image_count]),
        "val": (part.image_index[first_image_count:], part.annotation_index[owners >= first_image_count]),
    }
    return split_shares(
        subset,
        [
            SubsetSplit(split=part.split.renamed(name), image_index=images, annotation_index=annotations)
            for name, (images, annotations) in sides.items()
        ],
    )


def test_each_class_has_its_images_and_objects_by_split(five_images: Subset) -> None:
    shares = shares_of(five_images, 2)
    assert (shares.splits, shares.image_counts, shares.image_shares) == (("train", "val"), (2, 3), (0.4, 0.6))
    cup, cat, _ = shares.classes
    assert (cup.name, cup.image_counts, cup.object_counts) == ("cup", (0, 2), (0, 2))
    assert (cup.image_shares, cup.object_shares) == ((0.0, 1.0), (0.0, 1.0))
    assert (cat.name, cat.image_counts, cat.object_counts) == ("cat", (2, 2), (3, 1))
    assert (cat.image_shares, cat.object_shares) == ((0.5, 0.5), (0.75, 0.25))


def test_a_class_that_is_nowhere_has_no_share(five_images: Subset) -> None:
    dog = shares_of(five_images, 2).classes[2]
    assert (dog.name, dog.image_counts, dog.image_shares, dog.object_shares) == ("dog", (0, 0), None, None)


def test_the_largest_deviation_is_that_of_the_class_that_is_dealt_out_worst(five_images: Subset) -> None:
    shares = shares_of(five_images, 2)
    assert shares.largest_deviation([0.4, 0.6]) == pytest.approx(0.4)  # cup: 0 of 2
    assert shares.largest_deviation([0.4, 0.6], min_images=3) == pytest.approx(0.1)  # cat: 2 of 4
    assert shares.largest_deviation([0.4, 0.6], min_images=5) == 0


def test_of_no_images_there_are_no_shares(five_images: Subset) -> None:
    nothing = select(five_images.dataset, Selection())
    shares = split_shares(nothing, nothing.parts)
    assert (shares.image_counts, shares.image_shares, shares.classes) == ((0,), None, ())
    assert shares.largest_deviation([1.0]) == 0
