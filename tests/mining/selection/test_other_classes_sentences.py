"""What becomes of the rest, in sentences."""

import pytest
from datasets import MakeDataset
from records import CAT, CUP, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.other_classes import (
    Amount,
    OtherClasses,
    crowd_sentence,
    other_classes,
    other_classes_sentence,
    pixels_sentence,
    policy_sentence,
)
from cocomine.mining.selection.selection import Others, Selection, select


def rest_of(*counts: int) -> OtherClasses:
    """A rest of classes a, b, c … with so many objects of 10 px."""
    others = {
        name: Amount(object_count=count, area_px=10.0 * count) for name, count in zip("abcdefgh", counts, strict=False)
    }
    return OtherClasses(
        selected_by_class={"x": Amount(object_count=10, area_px=100)}, by_class=others, image_area_px=1000
    )


def test_the_rest_of_the_four_images_is_told(four_images: Dataset) -> None:
    rest = other_classes(select(four_images, Selection(classes=("cat",))))
    assert other_classes_sentence(rest) == (
        "1 object in these images of unselected classes: cup (1) and 1 more. "
        "Share of unselected classes: 33 % of the labelled objects, 7.5 % of the labelled pixels."
    )


def test_the_most_frequent_classes_are_named_and_the_others_counted() -> None:
    said = other_classes_sentence(rest_of(1, 2, 3, 4, 5, 6))
    assert said.startswith("21 objects")
    assert ": f (6), e (5), d (4), c (3) and 2 more." in said
    assert ": b (2) and a (1). Share" in other_classes_sentence(rest_of(1, 2))


@pytest.mark.parametrize(
    ("policy", "one", "two"),
    [
        (Others.BACKGROUND, "1 object becomes background", "7 objects become background"),
        (Others.KEEP, "1 object is kept as its own class", "7 objects are kept as 2 classes"),
        (Others.MERGE, "1 object is merged into “other”", "7 objects are merged into “other”"),
        (Others.IGNORE, "1 object is ignored", "7 objects are ignored"),
    ],
)
def test_each_policy_is_told(policy: Others, one: str, two: str) -> None:
    for rest, said in ((rest_of(1), one), (rest_of(3, 4), two)):
        assert policy_sentence(rest, policy) == said


def test_objects_of_one_class_stay_one_class() -> None:
    assert policy_sentence(rest_of(3), Others.KEEP) == "3 objects are kept as their own class"


def test_crowds_are_told_apart() -> None:
    rest = OtherClasses(
        selected_by_class={"x": Amount(crowd_count=1)}, by_class={"a": Amount(crowd_count=2)}, image_area_px=1
    )
    background = "2 crowd regions become background, 1 crowd region is ignored."
    assert crowd_sentence(rest, Others.BACKGROUND) == background
    assert crowd_sentence(rest, Others.MERGE) == "3 crowd regions are ignored."
    assert crowd_sentence(rest_of(1), Others.MERGE) == ""


def test_objects_of_unknown_size_are_told(make_dataset: MakeDataset) -> None:
    unknown = annotation(2, 1, CUP) | {"area": None, "bbox": None}
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT), unknown])
    rest = other_classes(select(dataset, Selection(classes=("cat",))))
    assert pixels_sentence(rest).endswith("1 object of unknown size adds no pixels.")
    assert "unknown" not in pixels_sentence(rest_of(1))


@pytest.mark.parametrize(
    ("count", "said"), [(0, None), (1, "1 object of unknown size adds"), (2, "2 objects of unknown size add")]
)
def test_how_many_objects_are_of_unknown_size_agrees_with_its_verb(count: int, said: str | None) -> None:
    rest = OtherClasses(
        selected_by_class={"x": Amount(unknown_area_count=count // 2)},
        by_class={"a": Amount(unknown_area_count=count - count // 2)},
        image_area_px=1,
    )
    sentence = pixels_sentence(rest)
    assert sentence.endswith("counted separately." if said is None else f" {said} no pixels.")
