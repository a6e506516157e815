"""A recipe survives its text, and fits only the sources it was made from."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.dataset import Dataset
from cocomine.coco.split_role import SplitRole
from cocomine.errors import CocomineError, RecipeError, SelectionError
from cocomine.mining.selection.division import Division, Fold, SplitMethod
from cocomine.mining.selection.recipe import (
    FORMATS,
    LINK_WAYS,
    Recipe,
    Source,
    recipe_from_text,
    recipe_text,
    sources_of,
)
from cocomine.mining.selection.selection import Mode, Others, Selection

ODD_NAMES = ["yes", "no", "null", "1", "0x10", "1e3", "2017-01-01", "~", "- a", "a: b", "#", "猫", "", " x ", "a\nb"]
NAME = st.sampled_from(ODD_NAMES) | st.text(max_size=8)
EMPTY = Recipe(dataset_name="/data/coco", sources=(), selection=Selection())
DIVIDED = replace(EMPTY, sources=(Source(split="all", file_name="/data/coco/all.json", sha256="0"),))
FORMER_TEXT = """\
cocomine_recipe: 1
dataset: /data/coco
sources:
- split: all
  path: /data/coco/all.json
  sha256: '0'
selection:
  classes: []
  excluded_classes: []
  mode: any
  others: background
excluded: []
val_share: 0.25
seed: 7
size_px: 128
images: link
formats:
- coco
- masks
- mined
"""
"""As recipes were written when there was one method of division."""


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    names = draw(st.lists(NAME, unique=True, max_size=6))
    cut = draw(st.integers(0, len(names)))
    return Selection(
        classes=tuple(names[:cut]),
        excluded_classes=tuple(names[cut:]),
        mode=draw(st.sampled_from(Mode)),
        others=draw(st.sampled_from(Others)),
    )


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    excluded = sorted(draw(st.sets(st.tuples(NAME, st.integers(-(2**63), 2**63 - 1)), max_size=4)))
    reasons = [(image, draw(NAME)) for image in excluded]
    sources = tuple(draw(st.lists(st.builds(Source, split=NAME, file_name=NAME, sha256=NAME), max_size=3)))
    roles = tuple(draw(st.dictionaries(NAME, st.sampled_from(SplitRole), max_size=3)).items())
    fields: dict[str, Any] = {
        "size_px": draw(st.integers(32, 2048)),
        "images": draw(st.sampled_from(LINK_WAYS)),
        "formats": tuple(draw(st.lists(st.sampled_from(FORMATS), unique=True))),
    }
    if draw(st.booleans()):
        chosen = Selection(classes=tuple(draw(st.lists(NAME, unique=True, max_size=3))))
        return Recipe(dataset_name=draw(NAME), sources=sources, selection=chosen, division=draw(listings()), **fields)
    return Recipe(
        dataset_name=draw(NAME),
        sources=sources,
        selection=draw(selections()),
        excluded=tuple(excluded),
        reasons=tuple((image, reason) for image, reason in reasons if reason),
        roles=roles,
        division=draw(divisions(is_single=len(sources) == 1 and not roles)),
        **fields,
    )


@st.composite
def listings(draw: st.DrawFn) -> Division:
    """Every image of a division, named."""
    image_ids = draw(st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, min_size=3, max_size=9))
    splits = draw(st.lists(NAME, min_size=3, max_size=3))
    sides = [image_ids[0::3], image_ids[1::3], image_ids[2::3]]
    listed = [
        (str(role), tuple((split, image_id) for image_id in side))
        for role, split, side in zip(SplitRole, splits, sides, strict=True)
    ]
    return Division(method=SplitMethod.LISTED, listed=tuple(listed), seed=draw(st.integers(0, 2**32)))


@st.composite
def divisions(draw: st.DrawFn, *, is_single: bool) -> Division:
    """What a recipe can say of a division."""
    plain = Division(val_share=draw(st.floats(0.01, 0.5)), seed=draw(st.integers(0, 2**32)))
    val_from = draw(st.none() | NAME)
    if val_from is None and not is_single:
        return plain
    if val_from is None and draw(st.booleans()):
        return replace(plain, method=SplitMethod.RAREST_CLASS)
    images = st.lists(st.tuples(NAME, st.integers(-(2**63), 2**63 - 1)), max_size=3).map(tuple)
    together = draw(st.lists(images, max_size=2).map(tuple))
    fold = draw(st.none() | st.builds(Fold, number=st.integers(0, 1), count=st.integers(2, 9)))
    test_share = 0.0 if fold or val_from is not None else draw(st.just(0.0) | st.floats(0.01, 0.4))
    return replace(plain, val_from=val_from, test_share=test_share, fold=fold, together=together)


def changed(recipe: Recipe = EMPTY, **fields: Any) -> str:
    return yaml.safe_dump(yaml.safe_load(recipe_text(recipe)) | fields)


@given(recipe=recipes())
def test_a_recipe_read_from_its_text_is_the_same(recipe: Recipe) -> None:
    assert recipe_from_text(recipe_text(recipe)) == recipe


@given(recipe=recipes())
def test_a_text_written_again_is_the_same(recipe: Recipe) -> None:
    text = recipe_text(recipe)
    assert recipe_text(recipe_from_text(text)) == text


def test_the_order_in_which_images_were_excluded_does_not_matter() -> None:
    keys = (("val", 3), ("train", 10), ("train", 2))
    one, other = (Recipe(dataset_name="/d", sources=(), selection=Selection(), excluded=k) for k in (keys, keys[::-1]))
    assert recipe_text(one) == recipe_text(other)


def test_a_recipe_names_the_images_taken_out_and_why_where_that_was_said() -> None:
    recipe = replace(EMPTY, excluded=(("val", 3), ("val", 7)), reasons=((("val", 7), "too dark"),))
    assert yaml.safe_load(recipe_text(recipe))["excluded"] == [
        {"split": "val", "image_id": 3},
        {"split": "val", "image_id": 7, "reason": "too dark"},
    ]


def test_a_reason_for_an_image_that_is_not_taken_out_is_left_out() -> None:
    assert recipe_text(replace(EMPTY, reasons=((("val", 7), "too dark"),))) == recipe_text(EMPTY)


@pytest.mark.parametrize("text", ["", "text", "[]", "{}", "cocomine_recipe: 3", "name: pancakes"])
def test_another_yaml_file_is_no_recipe(text: str) -> None:
    with pytest.raises(RecipeError, match=r"no CocoMine recipe of version 1 or 2. Use a recipe.yaml from an export"):
        recipe_from_text(text)


@pytest.mark.parametrize("text", ["a: [", "\0", "{a: b", "!!python/object/apply:os.getcwd []"])
def test_a_text_that_is_no_plain_yaml_is_refused(text: str) -> None:
    with pytest.raises(RecipeError, match=r"not valid YAML [\s\S]*Use a recipe.yaml from an export"):
        recipe_from_text(text)


@pytest.mark.parametrize("key", sorted(set(yaml.safe_load(recipe_text(EMPTY))) - {"cocomine_recipe"}))
def test_a_missing_key_is_named(key: str) -> None:
    value = yaml.safe_load(recipe_text(EMPTY))
    del value[key]
    with pytest.raises(RecipeError, match=f"damaged: KeyError\\('{key}'\\)"):
        recipe_from_text(yaml.safe_dump(value))


@pytest.mark.parametrize("key", ["split_method", "test_share", "val_from"])
def test_a_recipe_of_version_2_says_how_images_are_divided(key: str) -> None:
    value = yaml.safe_load(recipe_text(DIVIDED))
    del value[key]
    with pytest.raises(RecipeError, match=f"damaged: KeyError\\('{key}'\\)"):
        recipe_from_text(yaml.safe_dump(value))


def test_a_recipe_that_names_no_method_has_the_former_one_and_stays_as_it_was_written() -> None:
    recipe = recipe_from_text(FORMER_TEXT)
    assert recipe.division.method is SplitMethod.RAREST_CLASS
    assert recipe_text(recipe) == FORMER_TEXT


def test_a_new_recipe_names_its_method_and_is_refused_by_who_knows_the_former_one_alone() -> None:
    value = yaml.safe_load(recipe_text(DIVIDED))
    assert (value["cocomine_recipe"], value["split_method"]) == (2, "iterative stratification")


@pytest.mark.parametrize("kept", [EMPTY, replace(DIVIDED, roles=(("all", SplitRole.TRAIN),))])
def test_a_recipe_whose_splits_stay_as_they_are_is_written_as_ever(kept: Recipe) -> None:
    value = yaml.safe_load(recipe_text(kept))
    assert value["cocomine_recipe"] == 1
    assert value.keys().isdisjoint({"split_method", "test_share", "val_from", "fold", "together"})


@pytest.mark.parametrize(
    "more", [{"test_share": 0.1}, {"together": ((("all", 1), ("all", 2)),)}, {"fold": Fold(number=0, count=5)}]
)
def test_where_splits_stay_as_they_are_nothing_can_be_asked_of_a_division(more: dict[str, Any]) -> None:
    with pytest.raises(RecipeError, match="Nothing is divided, since the splits stay as they are"):
        replace(EMPTY, division=Division(**more))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"split_method": "by dice"}, "damaged.*'by dice'"),
        ({"test_share": "much"}, "damaged.*much"),
        ({"together": [[{"split": "all", "image_id": "x"}]]}, "damaged.*'x'"),
        ({"together": 3}, "damaged"),
        ({"fold": {"number": 0}}, "damaged: KeyError\\('count'\\)"),
        ({"fold": 3}, "damaged"),
    ],
)
def test_an_odd_division_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe_from_text(changed(DIVIDED, **fields))


def test_a_recipe_of_a_fold_says_which_of_how_many() -> None:
    recipe = replace(DIVIDED, division=Division(fold=Fold(number=2, count=5)))
    assert yaml.safe_load(recipe_text(recipe))["fold"] == {"number": 2, "count": 5}


def test_a_share_that_is_none_is_told_as_such() -> None:
    with pytest.raises(SelectionError, match=r"The validation share is 20.0. Give a number between 0 and 1"):
        recipe_from_text(changed(val_share=20))


NOTHING = {"classes": [], "excluded_classes": [], "mode": "any", "others": "keep"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"selection": None}, "damaged"),
        (
            {"selection": {"classes": "cat", "excluded_classes": [], "mode": "any", "others": "keep"}},
            "'cat' is not a list",
        ),
        (
            {"selection": {"classes": [], "excluded_classes": [], "mode": "some", "others": "keep"}},
            "'some' is not a valid",
        ),
        ({"sources": ["train"]}, "damaged"),
        ({"excluded": [{"split": "val", "image_id": "x"}]}, "damaged.*'x'"),
        ({"val_share": "much"}, "damaged.*much"),
        ({"seed": None}, "damaged"),
        ({"formats": "masks"}, "'masks' is not a list"),
        ({"formats": ["yolo9"]}, "Unknown export format 'yolo9'. Choose from coco, roboflow, masks"),
        ({"formats": ["yolo9", "tiff"]}, "Unknown export format 'yolo9'"),
        ({"roles": {"val": "exam"}}, "damaged.*'exam'"),
        ({"roles": 3}, "damaged"),
        ({"images": "move"}, "Image files can come along by link, copy, symlink, none, not 'move'"),
        ({"size_px": 31}, "31 px cannot be made. Choose a side from 32 to 2048"),
        ({"size_px": 2049}, "2049 px cannot be made"),
    ],
)
def test_an_odd_value_is_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        recipe_from_text(changed(**fields))


def test_a_contradicting_selection_in_a_recipe_is_told_as_such() -> None:
    selection = {"classes": ["cat"], "excluded_classes": ["cat"], "mode": "any", "others": "keep"}
    with pytest.raises(SelectionError, match="cat: both selected and excluded"):
        recipe_from_text(changed(selection=selection))


@given(text=st.text(max_size=60))
def test_any_text_is_a_recipe_or_an_error_of_ours(text: str) -> None:
    with pytest.raises(CocomineError):
        recipe_from_text(text)


def test_a_source_carries_the_hash_of_its_file(four_images: Dataset) -> None:
    (source,) = sources_of(four_images)
    assert source.sha256 == hashlib.sha256(four_images.path.read_bytes()).hexdigest()
    assert (source.split, source.file_name) == ("all2017", "instances_all2017.json")
