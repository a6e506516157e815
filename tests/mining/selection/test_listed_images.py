"""Listed images come exactly as they are listed, side by side, whatever is in them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasets import export_of, files_in, recipe_of
from records import document, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.split_role import SplitRole
from cocomine.errors import RecipeError, SelectionError
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.replay import dataset_of_recipe
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.division import Division, Fold, SplitMethod
from cocomine.mining.selection.limits import Limits
from cocomine.mining.selection.listing import Listed, select_listed
from cocomine.mining.selection.recipe import recipe_from_text, recipe_text
from cocomine.mining.selection.recipe_changes import recipe_changes
from cocomine.mining.selection.selection import Mode, Others, Selection, SubsetSplit

SPLIT = "all2017"
CUPS = Selection(classes=("cup",))


def keys(*image_ids: int, split: str = SPLIT) -> tuple[tuple[str, int], ...]:
    return tuple((split, image_id) for image_id in image_ids)


LISTED: Listed = (("train", keys(42, 30)), ("val", keys(11)), ("test", keys(7)))
"""Two cups and no object; a cat and a cup; a cat and a crowd of dogs."""


def listing(listed: Listed = LISTED, **more: Any) -> Division:
    return Division(method=SplitMethod.LISTED, listed=listed, **more)


def ids_of(part: SubsetSplit) -> list[int]:
    return [int(image_id) for image_id in part.split.images.ids[part.image_index]]


def test_each_side_has_exactly_its_images_in_the_order_of_the_file(four_images: Dataset) -> None:
    parts = plan_export(four_images, recipe_of(four_images, CUPS, division=listing())).parts
    assert [(part.split.name, part.split.role, ids_of(part)) for part in parts] == [
        ("train", SplitRole.TRAIN, [42, 30]),
        ("val", SplitRole.VAL, [11]),
        ("test", SplitRole.TEST, [7]),
    ]


@pytest.mark.parametrize(
    ("others", "annotation_ids"),
    [(Others.BACKGROUND, [[105, 106], [102], []]), (Others.KEEP, [[105, 106], [101, 102], [103, 104]])],
)
def test_the_selection_decides_which_annotations_come(
    four_images: Dataset, others: Others, annotation_ids: list[list[int]]
) -> None:
    plan = plan_export(four_images, recipe_of(four_images, replace(CUPS, others=others), division=listing()))
    found = [part.split.annotations.ids[part.annotation_index].tolist() for part in plan.parts]
    assert found == annotation_ids


def test_a_replay_of_listed_images_gives_the_same_bytes(four_images: Dataset, tmp_path: Path) -> None:
    manifest = export_of(four_images, tmp_path / "one", CUPS, division=listing())
    assert manifest["defects"] == []
    recipe = recipe_from_text((tmp_path / "one" / "recipe.yaml").read_text(encoding="utf-8"))
    write_export(plan_export(dataset_of_recipe(recipe, path=four_images.path), recipe), tmp_path / "again")
    assert files_in(tmp_path / "again") == files_in(tmp_path / "one")


def test_sides_may_be_of_several_splits_whose_images_share_ids(tmp_path: Path) -> None:
    for name in ("train2017", "val2017"):
        write_split(tmp_path, document(), split=name)
    listed = (("train", keys(11, 42, split="train2017")), ("test", keys(11, split="val2017")))
    dataset = open_dataset(tmp_path)
    manifest = export_of(dataset, tmp_path / "export", CUPS, division=listing(listed))
    assert [(each["split"], each["image_count"]) for each in manifest["splits"]] == [("train", 2), ("test", 1)]
    assert manifest["defects"] == []
    again = open_dataset(tmp_path / "export")
    assert {split.name: split.images.ids.tolist() for split in again.splits} == {"train": [11, 42], "test": [11]}
    found = select_listed(dataset, CUPS, (listed[0], ("test", keys(7, split="val2017"))))
    assert [(part.split.name, ids_of(part)) for part in found.parts] == [("train2017", [11, 42]), ("val2017", [7])]


def test_who_does_not_know_the_method_is_told_its_name(four_images: Dataset) -> None:
    value = yaml.safe_load(recipe_text(recipe_of(four_images, CUPS, division=listing())))
    assert (value["cocomine_recipe"], value["split_method"]) == (2, "listed images")
    assert value["listed"][0] == {"side": "train", "split": SPLIT, "image_ids": [42, 30]}


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ((), "listed for no side. Name each side once"),
        ((("train", ()),), "images listed for train are of no split"),
        ((("learn", keys(7)),), "listed for 'learn'. Choose from train, val, test"),
        ((("val", keys(11)), ("learn", keys(7)), ("judge", keys(30))), "listed for 'learn'. Choose from train"),
        ((("train", keys(7)), ("train", keys(11))), "listed for train, train. Name each side once"),
        (
            (("train", keys(7, 11)), ("val", keys(11))),
            "Image 11 of all2017 is listed for train and for val. Choose one",
        ),
        (
            (("val", keys(7, 11)), ("train", keys(11))),
            "Image 11 of all2017 is listed for val and for train. Choose one",
        ),
        ((("train", keys(7, 11, 7)),), "Image 7 of all2017 is listed twice for train"),
        ((("train", keys(7, 11, 11)),), "Image 11 of all2017 is listed twice for train"),
        ((("train", (("a", 1), ("b", 1))),), "listed for train are of a and b. Take those of one split"),
    ],
)
def test_lists_from_which_no_export_can_be_made_are_refused(listed: Listed, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        listing(listed)


@pytest.mark.parametrize(
    "more",
    [{"test_share": 0.1}, {"val_from": SPLIT}, {"fold": Fold(number=0, count=2)}, {"together": (keys(7, 11),)}],
)
def test_nothing_else_can_be_asked_of_listed_images(more: dict[str, Any]) -> None:
    with pytest.raises(SelectionError, match=r"The images of each side are listed, so that no share, fold, split"):
        listing(**more)


def test_images_are_listed_by_that_method_alone() -> None:
    with pytest.raises(SelectionError, match="Images are listed, but the method of division is 'iterative"):
        Division(listed=LISTED)


@pytest.mark.parametrize(
    "more",
    [
        {"selection": replace(CUPS, mode=Mode.ALL)},
        {"selection": replace(CUPS, excluded_classes=("dog",))},
        {"selection": replace(CUPS, licences=("Attribution License",))},
        {"selection": replace(CUPS, limits=Limits(cap=1))},
        {"excluded": keys(7)},
        {"roles": ((SPLIT, SplitRole.TRAIN),)},
    ],
)
def test_nothing_but_the_list_says_which_images_are_taken(four_images: Dataset, more: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="are listed, but more is said of which images are taken"):
        replace(recipe_of(four_images, CUPS, division=listing()), **more)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ((("train", keys(7, 8)),), "all2017: there is no image with id 8"),
        ((("train", keys(7, split="val2017")),), "There is no split 'val2017' in this dataset"),
    ],
)
def test_an_image_that_is_not_there_is_named(four_images: Dataset, listed: Listed, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        plan_export(four_images, recipe_of(four_images, CUPS, division=listing(listed)))


@pytest.mark.parametrize(
    "fields", [{"listed": 3}, {"listed": [{"side": "train"}]}, {"listed": [{"side": "train", "split": "a"}]}]
)
def test_damaged_lists_are_named(four_images: Dataset, fields: dict[str, Any]) -> None:
    value = yaml.safe_load(recipe_text(recipe_of(four_images, CUPS, division=listing()))) | fields
    with pytest.raises(RecipeError, match="The recipe is damaged"):
        recipe_from_text(yaml.safe_dump(value))


def test_other_lists_are_told_side_by_side(four_images: Dataset) -> None:
    before = recipe_of(four_images, CUPS, division=listing())
    after = replace(before, division=listing((("train", keys(42, 7)), ("val", keys(11)))))
    assert recipe_changes(before, after) == [
        "1 image listed for train: all2017 7.",
        "1 image not listed for train any more: all2017 30.",
        "1 image not listed for test any more: all2017 7.",
    ]
