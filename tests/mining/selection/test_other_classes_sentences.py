"""What becomes of the rest, in sentences."""

import pytest
from datasets import MakeDataset
from records import CAT, CUP, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.other_classes import Amount, OtherClasses, other_classes, policy_result
from cocomine.mining.selection.other_classes_sentences import (
    crowd_sentence,
    other_classes_sentence,
    pixels_sentence,
    policy_sentence,
    share_text,
)
from cocomine.mining.selection.selection import Others, Selection, select


def rest_of(*counts: int) -> OtherClasses:
    """A rest of classes a, b, c … with so many objects of 10 px."""
    others = {
        name: Amount(object_count=count, area_px=10.0 * count) for name, count in zip("abcdefgh", counts, strict=False)
    }
    return OtherClasses(
        picked_by_class={"x": Amount(object_count=10, area_px=100)}, by_class=others, image_area_px=1000
    )


def test_the_rest_of_the_four_images_is_told(four_images: Dataset) -> None:
    rest = other_classes(select(four_images, Selection(classes=("cat",))))
    assert other_classes_sentence(rest) == (
        "1 labelled object in your images belongs to classes you did not pick: cup (1) and 1 more. "
        "That is 33 % of the labelled objects and 7.5 % of the labelled pixels."
    )


def test_the_most_frequent_classes_are_named_and_the_others_counted() -> None:
    said = other_classes_sentence(rest_of(1, 2, 3, 4, 5, 6))
    assert "21 labelled objects" in said
    assert ": f (6), e (5), d (4), c (3) and 2 more." in said
    assert ": b (2), a (1). That" in other_classes_sentence(rest_of(1, 2))


@pytest.mark.parametrize(
    ("policy", "one", "two"),
    [
        (Others.BACKGROUND, "1 object becomes background", "7 objects become background"),
        (Others.KEEP, "1 object stays a class of its own", "7 objects stay 2 classes of their own"),
        (Others.MERGE, "1 object becomes “other”", "7 objects become “other”"),
        (Others.IGNORE, "1 object is ignored", "7 objects are ignored"),
    ],
)
def test_each_policy_is_told(policy: Others, one: str, two: str) -> None:
    for rest, said in ((rest_of(1), one), (rest_of(3, 4), two)):
        assert policy_sentence(rest, policy_result(rest, policy), policy) == said


def test_objects_of_one_class_stay_one_class() -> None:
    assert (
        policy_sentence(rest_of(3), policy_result(rest_of(3), Others.KEEP), Others.KEEP)
        == "3 objects stay a class of their own"
    )


def test_crowds_are_told_apart() -> None:
    rest = OtherClasses(
        picked_by_class={"x": Amount(crowd_count=1)}, by_class={"a": Amount(crowd_count=2)}, image_area_px=1
    )
    background = "2 crowd regions become background, 1 crowd region is ignored."
    assert crowd_sentence(policy_result(rest, Others.BACKGROUND)) == background
    assert crowd_sentence(policy_result(rest, Others.MERGE)) == "3 crowd regions are ignored."
    assert crowd_sentence(policy_result(rest_of(1), Others.MERGE)) == ""


def test_objects_of_unknown_size_are_told(make_dataset: MakeDataset) -> None:
    unknown = annotation(2, 1, CUP) | {"area": None, "bbox": None}
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT), unknown])
    rest = other_classes(select(dataset, Selection(classes=("cat",))))
    assert pixels_sentence(rest).endswith("1 object of unknown size adds no pixels.")
    assert "unknown" not in pixels_sentence(rest_of(1))


def test_nothing_is_told_as_nothing() -> None:
    assert (share_text(0.0), share_text(0.25)) == ("0 %", "25 %")
