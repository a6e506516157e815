"""Two recipes are told apart in words, and nothing that decides an export is passed over."""

from dataclasses import fields, replace
from typing import Any

import pytest

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.split_role import SplitRole
from cocomine.mining.selection.division import Division, Fold, SplitMethod
from cocomine.mining.selection.limits import Limits
from cocomine.mining.selection.recipe import MaskShape, Recipe, Source
from cocomine.mining.selection.recipe_changes import recipe_changes
from cocomine.mining.selection.selection import Mode, Others, Selection

TRAIN = Source(split="train", file_name="train.json", sha256="a" * 64)
VAL = Source(split="val", file_name="val.json", sha256="b" * 64)
RECIPE = Recipe(
    dataset_name="coco",
    sources=(TRAIN,),
    selection=Selection(classes=("bus", "cup"), excluded_classes=("dog",)),
    excluded=(("train", 3), ("train", 5)),
    reasons=((("train", 3), "blurred"),),
)


def changed(**fields: Any) -> Recipe:
    return replace(RECIPE, **fields)


def selecting(**fields: Any) -> Recipe:
    return changed(selection=replace(RECIPE.selection, **fields))


def divided(**fields: Any) -> Recipe:
    return changed(division=replace(RECIPE.division, **fields))


CHANGES: list[tuple[Recipe, list[str]]] = [
    (RECIPE, []),
    (changed(dataset_name="/elsewhere/copy"), []),
    (changed(sources=(replace(TRAIN, file_name="/elsewhere/train.json"),)), []),
    (changed(sources=(TRAIN, VAL), division=Division()), ["Splits added: val."]),
    (
        changed(sources=(replace(TRAIN, sha256="c" * 64),)),
        ["The annotations of train are others (SHA-256 aaaaaaaaaaaa… → cccccccccccc…)."],
    ),
    (selecting(classes=("bus", "cup", "kite", "boat")), ["Classes added: kite and boat."]),
    (selecting(classes=("kite", "cup")), ["Classes added: kite.", "Classes removed: bus."]),
    (selecting(classes=("cup", "bus")), ["Classes in another order: cup, bus."]),
    (selecting(excluded_classes=()), ["Excluded classes removed: dog."]),
    (selecting(mode=Mode.ALL), ["Images kept: Any selected class → All selected classes."]),
    (selecting(others=Others.IGNORE), ["Unselected classes: Background → Ignore (255)."]),
    (selecting(licences=("CC BY",)), ["Licences: all → CC BY."]),
    (divided(seed=4), ["Seed of the division: 0 → 4."]),
    (divided(val_share=0.25), ["Share of images for validation: 20 % → 25 %."]),
    (divided(test_share=0.1), ["Share of images for testing: 0 % → 10 %."]),
    (divided(fold=Fold(number=1, count=5)), ["Fold for validation: none → 1 of 5."]),
    (changed(size_px=256), ["Mask size: 128 px → 256 px."]),
    (changed(mask_shape=MaskShape.NATIVE), ["Mask shape: square → native."]),
    (changed(images="copy"), ["Image files: links → copies."]),
    (
        changed(formats=("coco", "yolo")),
        ["Formats added: YOLO segment.", "Formats removed: Masks (PNG) and mined.json."],
    ),
    (changed(roles=(("train", SplitRole.TEST),)), ["Use of train: by its name → test."]),
    (changed(excluded=(*RECIPE.excluded, ("train", 9))), ["1 image more excluded: train 9."]),
    (changed(excluded=(("train", 3),)), ["1 image not excluded any more: train 5."]),
    (changed(reasons=()), ["Other reasons for 1 excluded image."]),
    (
        divided(together=((("train", 1), ("train", 2)),)),
        ["Images that stay on one side: 0 sets → 1 set, of other images."],
    ),
]


@pytest.mark.parametrize(("after", "sentences"), CHANGES)
def test_a_change_is_told_in_words(after: Recipe, sentences: list[str]) -> None:
    told = recipe_changes(RECIPE, after)
    assert [sentence for sentence in sentences if sentence not in told] == []
    assert len(told) == len(sentences) or after.roles or len(after.sources) > 1  # nothing is divided then: that is told


def test_a_method_of_division_is_told() -> None:
    former = divided(method=SplitMethod.RAREST_CLASS)
    assert any(
        sentence.startswith("Method of division: none → iterative") for sentence in recipe_changes(former, RECIPE)
    )


def test_what_has_no_words_of_its_own_is_told_by_its_name() -> None:
    limited = selecting(limits=Limits(min_area_px=40))
    assert [each for each in recipe_changes(RECIPE, limited) if each.startswith("Limit ")]


def test_every_field_of_a_recipe_and_a_selection_is_compared() -> None:
    """A field that is new must be in CHANGES, so that no change is silent."""
    told = [after for after, _ in CHANGES]
    for name in {field.name for field in fields(Recipe)}:
        assert any(getattr(after, name) != getattr(RECIPE, name) for after in told), name
    for name in {field.name for field in fields(Selection)} - {"groups", "limits"}:
        assert any(getattr(after.selection, name) != getattr(RECIPE.selection, name) for after in told), name


def test_groups_that_came_went_or_hold_others_are_told() -> None:
    pets, zoo = ClassGroup(name="pets", members=("cat", "fox")), ClassGroup(name="zoo", members=("lion", "bear"))
    more = ClassGroup(name="pets", members=("cat", "fox", "parrot"))
    assert recipe_changes(selecting(groups=(pets,)), selecting(groups=(pets,))) == []
    assert recipe_changes(RECIPE, selecting(groups=(pets, zoo))) == [
        "Group added: pets = cat, fox.",
        "Group added: zoo = lion, bear.",
    ]
    assert recipe_changes(selecting(groups=(pets, zoo)), selecting(groups=(more,))) == [
        "Group removed: zoo = lion, bear.",
        "Group pets: cat, fox → cat, fox, parrot.",
    ]
    assert recipe_changes(selecting(groups=(more,)), selecting(groups=(pets,))) == [
        "Group pets: cat, fox, parrot → cat, fox."
    ]


@pytest.mark.parametrize(("count", "end"), [(5, "5."), (6, "5, ….")])
def test_five_images_are_named(count: int, end: str) -> None:
    after = replace(RECIPE, excluded=(*RECIPE.excluded, *(("new2017", number) for number in range(1, count + 1))))
    (sentence,) = recipe_changes(RECIPE, after)
    assert sentence.startswith(
        f"{count} images more excluded: new2017 1, new2017 2, new2017 3, new2017 4, new2017 {end}"
    )


def test_images_that_are_listed_and_no_more_are_told_by_their_side() -> None:
    def listed(**sides: tuple[int, ...]) -> Recipe:
        lists = tuple((side, tuple(("all2017", each) for each in ids)) for side, ids in sides.items())
        plain = changed(excluded=(), reasons=(), selection=Selection(classes=("bus",)))
        return replace(plain, division=Division(method=SplitMethod.LISTED, listed=lists))

    before, after = listed(train=(1, 2), val=(3,)), listed(train=(1, 4, 5), test=(3,))
    told = [each for each in recipe_changes(before, after) if "listed for" in each]
    assert told == [
        "2 images listed for train: all2017 4, all2017 5.",
        "1 image not listed for train any more: all2017 2.",
        "1 image not listed for val any more: all2017 3.",
        "1 image listed for test: all2017 3.",
    ]
    assert not [each for each in recipe_changes(after, after) if "listed for" in each]
