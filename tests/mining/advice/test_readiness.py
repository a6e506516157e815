"""What speaks against training on a subset, by hand, and the same numbers by every way to them."""

from pathlib import Path
from typing import Any

import pytest
from datasets import MakeDataset, recipe_of
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CUP, DOG, annotation, crowd, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import plan_cautions, plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.advice.readiness import Caution, Concern, cautions
from cocomine.mining.selection.selection import Mode, Selection, select


def entry(split: str = "train2017", images: int = 9, **counts: Any) -> dict[str, Any]:
    """A split with so many (images, objects) of each class."""
    return {
        "split": split,
        "role": None if split == "photos" else split[:3] if split.startswith("val") else "train",
        "image_count": images,
        "image_counts": {name: count[0] for name, count in counts.items()},
        "instance_counts": {name: count[1] for name, count in counts.items()},
    }


def contents_of(dataset: Dataset, selection: Selection, excluded: Any = ()) -> list[dict[str, Any]]:
    subset = select(dataset, selection, excluded)
    return [subset.contents_of(part) for part in subset.parts]


def told(*splits: dict[str, Any], **more: Any) -> list[str]:
    return [each.sentence for each in cautions(splits, **more)]


WELL = [entry(cat=(5, 9), cup=(2, 2)), entry("val2017", cat=(1, 1), cup=(1, 3))]


def test_nothing_is_said_where_every_class_can_be_learnt_and_judged() -> None:
    assert cautions(WELL) == []


def test_a_class_without_an_image_for_a_use_is_named_with_the_split() -> None:
    found = cautions([entry(cat=(5, 9), bus=(0, 0)), entry("val2017", cat=(0, 0), bus=(1, 1))])
    assert found == [
        Caution(concern=Concern.NO_IMAGE, sentence="bus has no training image (train2017).", classes=("bus",)),
        Caution(concern=Concern.NO_IMAGE, sentence="cat has no validation image (val2017).", classes=("cat",)),
    ]


def test_several_splits_of_one_use_count_together() -> None:
    splits = [entry("train2014", cat=(0, 0)), entry("train2017", cat=(1, 1)), entry("val2017", cat=(1, 1))]
    assert cautions(splits) == []


def test_many_classes_are_told_in_one_sentence() -> None:
    classes: dict[str, Any] = {f"c{index}": (0, 0) for index in range(7)}
    there: dict[str, Any] = dict.fromkeys(classes, (1, 1))
    (sentence,) = told(entry(cat=(5, 9), **classes), entry("val2017", cat=(1, 1), **there))
    assert sentence == "c0, c1, c2, c3 and 3 more classes have no training image (train2017)."
    four: dict[str, Any] = {name: classes[name] for name in ("c0", "c1", "c2", "c3")}
    four_there: dict[str, Any] = dict.fromkeys(four, (1, 1))
    (sentence,) = told(entry(cat=(5, 9), **four), entry("val2017", cat=(1, 1), **four_there))
    assert sentence == "c0, c1, c2 and c3 have no training image (train2017)."


def test_crowd_regions_are_nothing_to_learn_from() -> None:
    splits = [entry(cat=(5, 9), cup=(2, 0)), entry("val2017", cat=(1, 0), cup=(1, 3))]
    assert told(*splits) == [
        "cup has only crowd regions for training (train2017), no object.",
        "cat has only crowd regions for validation (val2017), no object.",
    ]


def test_a_class_that_is_crowd_or_absent_everywhere_is_told_once() -> None:
    splits = [entry(cat=(5, 9), cup=(2, 0), bus=(0, 0)), entry("val2017", cat=(1, 1), cup=(1, 0), bus=(0, 0))]
    assert told(*splits, min_images=2) == [
        "bus has no image in this subset.",
        "cup has only crowd regions, no object to learn from.",
    ]


def test_a_dataset_of_crowds_alone_is_told_as_that() -> None:
    assert told(entry(cat=(5, 0), cup=(2, 0)), entry("val2017", cat=(5, 0), cup=(2, 0))) == [
        "All annotations of these classes are crowd regions: there is no object to learn from."
    ]


def test_a_use_that_no_split_is_for_is_told() -> None:
    assert told(entry(cat=(5, 9))) == ["No split is for validation: train2017 (train)."]
    assert told(entry("photos", cat=(5, 9))) == ["No split is for training and none for validation: photos (no role)."]


def test_an_empty_split_is_told_once_and_not_for_every_class() -> None:
    assert told(entry(cat=(5, 9), cup=(1, 1)), entry("val2017", 0, cat=(0, 0), cup=(0, 0))) == [
        "No validation image: val2017 has none of these images."
    ]


def test_a_split_that_will_be_divided_needs_two_images_of_each_class() -> None:
    splits = [entry("photos", cat=(5, 9), cup=(1, 2))]
    assert told(*splits, is_divided=True) == ["cup has 1 image, which cannot be in both training and validation."]


def test_a_minimum_that_is_not_met_is_told_with_what_is_there() -> None:
    (found,) = cautions(WELL, min_images=5)
    assert found.sentence == "cup has 3 images: you asked for at least 5 of each class."
    assert (found.concern, found.classes, found.min_images) == (Concern.TOO_FEW, ("cup",), 3)
    assert cautions(WELL, min_images=3) == []
    (both,) = cautions(WELL, min_images=100)
    assert (both.classes, both.min_images) == (("cup", "cat"), 3)
    assert told(*WELL, min_images=100) == ["cup has 3 images and cat has 6: you asked for at least 100 of each class."]


@pytest.mark.parametrize(
    ("count", "more"),
    [(4, "c2 has 6 and c3 has 8"), (5, "c3 has 8 and 1 more class too few"), (6, "2 more classes too few")],
)
def test_four_classes_with_too_few_images_are_named(count: int, more: str) -> None:
    few: dict[str, Any] = {f"c{index}": (index + 1, 9) for index in range(count)}
    sentence = told(entry(**few), entry("val2017", **few), min_images=30)[-1]
    assert sentence.endswith(f"{more}: you asked for at least 30 of each class.")


@pytest.mark.parametrize(
    ("bare", "sentence"),
    [
        (15, "No object has a mask that can be drawn: label maps show background alone."),
        (1, "1 object has no mask that can be drawn: background in label maps."),
        (4, "4 objects have no mask that can be drawn: background in label maps."),
    ],
)
def test_objects_without_a_mask_are_told_where_label_maps_are_made(bare: int, sentence: str) -> None:
    splits = [WELL[0] | {"without_mask_count": bare}, WELL[1] | {"without_mask_count": 0}]
    assert told(*splits) == [sentence]
    assert told(*[each | {"without_mask_count": None} for each in WELL]) == []


@pytest.mark.parametrize(
    ("small", "sentence"),
    [
        (15, "Every object is less than a pixel of its label map, which shows background alone. Look at"),
        (1, "1 object is less than a pixel of the label map: little or nothing is seen."),
        (4, "4 objects are less than a pixel of the label map: little or nothing is seen."),
    ],
)
def test_objects_too_small_for_their_label_map_are_told(small: int, sentence: str) -> None:
    [told_sentence] = told(WELL[0] | {"too_small_count": small}, WELL[1] | {"too_small_count": 0})
    assert told_sentence.startswith(sentence)
    assert told(*[each | {"too_small_count": None} for each in WELL]) == []


def test_an_old_manifest_is_judged_by_what_it_says() -> None:
    train, val = (
        {"split": "a", "role": "train", "image_count": 5},
        {"split": "val2017", "role": "val", "image_count": 0},
    )
    assert told(train, val) == ["No validation image: val2017 has none of these images."]


@pytest.fixture(scope="module")
def two_splits(tmp_path_factory: pytest.TempPathFactory) -> Dataset:

    root = tmp_path_factory.mktemp("two")
    train = document([image(1), image(2), image(3)], [annotation(1, 1, CAT), annotation(2, 2, CUP), crowd(3, 2, DOG)])
    write_split(root, train, split="train2017")
    val = document([image(4), image(5)], [annotation(4, 4, CAT), annotation(5, 4, CAT), annotation(6, 5, DOG)])
    write_split(root, val, split="val2017")
    return open_dataset(root)


@given(
    st.lists(st.sampled_from(["cat", "dog", "cup"]), min_size=1, unique=True),
    st.sampled_from(list(Mode)),
    st.sampled_from([(), (("train2017", 2),)]),
)
def test_the_sentences_on_choose_are_those_of_the_export(
    two_splits: Dataset, classes: list[str], mode: Mode, excluded: Any
) -> None:
    selection = Selection(classes=tuple(classes), mode=mode)
    contents = contents_of(two_splits, selection, excluded)
    if not sum(each["image_count"] for each in contents):
        return
    plan = plan_export(two_splits, recipe_of(two_splits, selection, excluded=excluded))
    assert cautions(contents) == plan_cautions(plan)


def test_what_each_split_holds_while_choosing(two_splits: Dataset) -> None:
    first, second = contents_of(two_splits, Selection(classes=("dog", "cat")))
    assert first == {
        "split": "train2017",
        "role": "train",
        "image_count": 2,
        "annotation_count": 2,
        "instance_counts": {"dog": 0, "cat": 1},
        "crowd_counts": {"dog": 1, "cat": 0},
        "image_counts": {"dog": 1, "cat": 1},
    }
    assert second["instance_counts"] == {"dog": 1, "cat": 2}


def test_a_dataset_with_one_split_is_judged_as_it_will_be_divided(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    contents = contents_of(dataset, Selection(classes=("cat", "cup", "dog")))
    assert [each.sentence for each in cautions(contents, is_divided=True)] == [
        "dog has only crowd regions, no object to learn from."
    ]


def test_objects_that_have_a_box_alone_are_counted_before_the_export(make_dataset: MakeDataset) -> None:
    bare = [annotation(index, 11, CAT, segmentation=[]) for index in (1, 2)]
    dataset = make_dataset(annotations=[*bare, annotation(3, 7, CAT), annotation(4, 42, CUP, segmentation=[])])
    chosen = Selection(classes=("cat",))
    told = [each.sentence for each in plan_cautions(plan_export(dataset, recipe_of(dataset, chosen)))]
    assert told[-1] == "2 objects have no mask that can be drawn: background in label maps."
    without_maps = recipe_of(dataset, chosen, formats=("coco",))
    assert len(plan_cautions(plan_export(dataset, without_maps))) == len(told) - 1


def test_the_manifest_says_what_the_plan_said(two_splits: Dataset, tmp_path: Path) -> None:
    recipe = recipe_of(two_splits, Selection(classes=("cat", "cup")), images="none")
    plan = plan_export(two_splits, recipe, min_images=4)
    manifest = write_export(plan, tmp_path / "out")
    assert manifest["warnings"] == [
        "cup has no validation image (val2017).",
        "cup has 1 image and cat has 2: you asked for at least 4 of each class.",
    ]
