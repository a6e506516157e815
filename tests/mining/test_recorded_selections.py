"""What selections, divisions and recipes give of sixty images, and what is said of it, is as it was recorded.

The recorded results were compared with plain loops over the records, and read; see `recorded` for how they are
recorded anew.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from candidates import candidates_of
from recorded import check, written
from sixty_selections import EXCLUDED, KITCHEN, SELECTIONS, STREET, sizes_of

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.coco.split_role import SplitRole
from cocomine.mining.advice.readiness import cautions
from cocomine.mining.selection.combinations import combination_sentence, combination_table
from cocomine.mining.selection.counting import image_counts_by_mode, images_removed_by_excluding
from cocomine.mining.selection.division import Division, Fold, SplitMethod, divided
from cocomine.mining.selection.editing import with_classes, with_excluded, with_group, without_classes, without_group
from cocomine.mining.selection.licences import licence_counts, licences_allowing
from cocomine.mining.selection.limit_counts import limit_count_sentences, limit_counts
from cocomine.mining.selection.lines import groups_from_line, groups_to_line, limits_from_line, limits_to_line
from cocomine.mining.selection.near_duplicates import near_duplicates
from cocomine.mining.selection.other_classes import (
    crowd_sentence,
    other_classes,
    other_classes_sentence,
    pixels_sentence,
    policy_sentence,
)
from cocomine.mining.selection.recipe import MaskShape, Recipe, Source, recipe_from_text, recipe_text
from cocomine.mining.selection.recipe_changes import recipe_changes
from cocomine.mining.selection.sample_images import sample_images
from cocomine.mining.selection.selection import Mode, Others, Selection, Subset, SubsetSplit, select
from cocomine.mining.selection.sentences import groups_sentence, limit_phrases, limits_sentences
from cocomine.mining.selection.serialisation import selection_from_text, selection_text, without_unknown_names
from cocomine.mining.selection.split_shares import shares_sentence, split_shares
from cocomine.mining.statistics.categories import examined, presence

RECORDED = Path(__file__).parent / "recorded"
SOURCES = (
    Source(split="train2017", file_name="instances_train2017.json", sha256="0123456789abcdef" * 4),
    Source(split="val2017", file_name="instances_val2017.json", sha256="fedcba9876543210" * 4),
)


@pytest.mark.parametrize("name", SELECTIONS)
def test_selections(name: str, dataset: Dataset) -> None:
    selection = SELECTIONS[name]
    subset = select(dataset, selection, EXCLUDED)
    candidates = candidates_of(dataset, EXCLUDED, sizes_of(dataset), selection=selection)
    others, counts = other_classes(subset), limit_counts(candidates, selection)
    told = {
        "contents": [subset.contents_of(part) for part in subset.parts],
        "images": _images(subset.parts),
        "counts": candidates.counts(selection),
        "objects": [subset.annotation_count, subset.instance_count, subset.other_instance_count],
        "by mode": image_counts_by_mode(candidates, selection),
        "removed by excluding": images_removed_by_excluding(candidates, selection),
        "limits": [counts, limit_count_sentences(counts, selection.limits)],
        "limits in words": [limits_sentences(selection.limits), limit_phrases(selection.limits)],
        "groups in words": groups_sentence(selection.groups),
        "same from lines": [
            groups_from_line(groups_to_line(selection.groups)) == selection.groups,
            limits_from_line(limits_to_line(selection.limits)) == selection.limits,
        ],
        "lines": [groups_to_line(selection.groups), limits_to_line(selection.limits)],
        "others": others,
        "dilution": [others.dilution_by_objects, others.dilution_by_pixels, others.share_of_images],
        "sentences": [
            other_classes_sentence(others),
            *(f"{policy_sentence(others, policy)}; {crowd_sentence(others, policy)}" for policy in Others),
            pixels_sentence(others),
        ],
        "samples": sample_images(subset, most=6),
        "combinations": _combinations(candidates, selection),
        "cautions": cautions([subset.contents_of(part) for part in subset.parts], min_images=6),
    }
    check(RECORDED / "selections" / f"{name}.json", written(told))


def _images(parts: Sequence[SubsetSplit]) -> dict[str, Any]:
    return {part.split.name: part.split.images.ids[part.image_index] for part in parts}


def _combinations(candidates: Any, selection: Selection) -> list[Any]:
    table = combination_table(candidates, selection)
    sentences = [combination_sentence(each, table) for each in table.combinations]
    return [table.classes, table.image_counts, table.image_count, sentences]


@pytest.mark.parametrize("name", ["negatives", "more negatives than there are"])
def test_negatives_are_of_images_in_which_each_class_was_looked_for(name: str, federated_dataset: Dataset) -> None:
    selection = SELECTIONS[name]
    dataset = select(federated_dataset, selection).dataset  # with its groups
    candidates = candidates_of(federated_dataset, (), selection=selection)
    assert candidates.counts(selection).image_count == select(federated_dataset, selection).image_count
    classes = [dataset.category_index_of(each) for each in selection.classes]
    has, was_looked_for = presence(dataset)[:, classes].any(axis=1), examined(dataset)[:, classes].all(axis=1)
    chosen = candidates.drawn(selection)
    assert (chosen & ~has).any()
    assert not (chosen & ~has & ~was_looked_for).any()


DIVISIONS = {
    "usual": Division(),
    "another seed": Division(seed=11),
    "three sides": Division(val_share=0.25, test_share=0.15, seed=2),
    "fold 1 of 4": Division(fold=Fold(number=1, count=4)),
    "mostly for validation": Division(val_share=0.7),
    "rarest class": Division(method=SplitMethod.RAREST_CLASS),
    "rarest class, one image": Division(method=SplitMethod.RAREST_CLASS, val_share=0.03),
    "rarest class, another seed": Division(method=SplitMethod.RAREST_CLASS, val_share=0.34, seed=5),
    "together": Division(together=((("train2017", 1000), ("train2017", 986), ("train2017", 972)),)),
}


@pytest.mark.parametrize("name", DIVISIONS)
def test_divisions(name: str, dataset: Dataset) -> None:
    division = DIVISIONS[name]
    subset = select(dataset.with_splits(["train2017"]), Selection(classes=("person", "cup", "car", "bus", "fork")))
    check(RECORDED / "divisions" / f"{name}.json", written(_divided(subset, division)))


def test_a_division_of_one_of_two_splits(dataset: Dataset) -> None:
    subset = select(dataset, Selection(classes=("person", "cup", "cat")))
    told = _divided(subset, Division(val_from="train2017", val_share=0.1))
    check(RECORDED / "divisions" / "of one of two splits.json", written(told))


def _divided(subset: Subset, division: Division) -> dict[str, Any]:
    parts = divided(subset, division)
    shares = split_shares(subset, parts, {name: float(share) for name, share in division.shares_by_split.items()})
    told = [shares.as_json(), shares_sentence(shares)]
    return {"images": _images(parts), "shares": told, "roles": [part.split.role for part in parts]}


def test_licences(dataset: Dataset) -> None:
    told = {
        "counts": licence_counts(dataset),
        **{
            f"commercial: {commercial}, changes: {changes}": licences_allowing(
                dataset, commercial=commercial, changes=changes
            )
            for commercial in (False, True)
            for changes in (False, True)
        },
    }
    check(RECORDED / "licences.json", written(told))


def recipe(selection: Selection, **more: Any) -> Recipe:
    return Recipe(dataset_name="sixty", sources=SOURCES, selection=selection, **more)


RECIPES = {
    "usual": recipe(Selection(classes=STREET)),
    "one split": replace(recipe(Selection(classes=STREET)), sources=SOURCES[:1]),
    "all limits": recipe(SELECTIONS["all limits"], size_px=256, images="copy", formats=("coco", "yolo", "voc", "hf")),
    "native, roles, exclusions": recipe(
        Selection(classes=("traffic light", "car"), mode=Mode.ALL, others=Others.IGNORE, licences=()),
        mask_shape=MaskShape.NATIVE,
        roles=(("train2017", SplitRole.VAL), ("val2017", SplitRole.TRAIN)),
        excluded=EXCLUDED,
        reasons=((EXCLUDED[0], "blurred: the cup is not to be seen"),),
    ),
    "three sides": replace(recipe(Selection(classes=STREET)), sources=SOURCES[:1], division=DIVISIONS["three sides"]),
    "fold": replace(recipe(Selection(classes=STREET)), sources=SOURCES[:1], division=DIVISIONS["fold 1 of 4"]),
    "carved, together": recipe(
        Selection(classes=KITCHEN, excluded_classes=("person",), others=Others.MERGE),
        division=Division(val_from="train2017", seed=9, together=DIVISIONS["together"].together),
    ),
    "listed": recipe(
        Selection(classes=("cup", "name with: signs, \u2028 and ü", "long " * 30)),
        division=Division(
            method=SplitMethod.LISTED,
            listed=(("train", (("train2017", 1000), ("train2017", 993))), ("val", (("val2017", 692),))),
        ),
        mask_shape=MaskShape.LONGEST,
    ),
}


@pytest.mark.parametrize("name", RECIPES)
def test_texts_of_recipes_and_selections(name: str) -> None:
    recipe = RECIPES[name]
    assert recipe_from_text(recipe_text(recipe)) == recipe
    assert selection_from_text(selection_text(recipe.selection)) == recipe.selection
    check(RECORDED / "recipes" / f"{name}.yaml", f"{recipe_text(recipe)}---\n{selection_text(recipe.selection)}")


def test_differences_of_recipes() -> None:
    told = {
        f"{one} → {other}": recipe_changes(RECIPES[one], RECIPES[other])
        for first, second in pairwise((*RECIPES, "usual", "native, roles, exclusions", "fold", "all limits"))
        for one, other in ((first, second), (second, first))
    }
    check(RECORDED / "differences.json", written(told))


def test_edited_selections() -> None:
    start = Selection(classes=("car", "cat", "bus"), excluded_classes=("dog", "fork"))
    grouped = with_group(start, "pet", ["cat", "dog", "zebra"])
    told = {
        "with": with_classes(start, ["dog", "cup", "car"]),
        "without": without_classes(start, ["cat", "fork"]),
        "excluded": with_excluded(start, ["bus", "zebra"]),
        "group": grouped,
        "group of an excluded one": with_group(start, "cutlery", ["fork", "cup"]),
        "group taken apart": without_group(grouped, "pet"),
        "near duplicates": near_duplicates([0, 15, None, 31, 1 << 63, (1 << 63) | 7, 0xFFFF << 20, 0xFFFE << 20]),
    }
    check(RECORDED / "edited.json", written(told))


def test_names_that_a_dataset_lacks(dataset: Dataset) -> None:
    asked = Selection(
        classes=("cup ", "tasse", "Car", "dog"),
        excluded_classes=("persn", "bus"),
        licences=("Attribution License ", "CC"),
        groups=(ClassGroup(name="vehicle", members=("car", "truck")), ClassGroup(name="cat", members=("fork", "cat"))),
    )
    kept, sentences = without_unknown_names(asked, dataset)
    check(RECORDED / "unknown names.json", written([kept, sentences]))
