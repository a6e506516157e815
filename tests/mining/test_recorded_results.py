"""Every number, order and sentence of mining on sixty images is as it was checked and recorded.

The recorded results were compared with plain loops over the records, with pycocotools' masks and with what `select`
gives, and read; see `recorded` for how they are recorded anew.
"""

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from candidates import candidates_of
from pair_tables import two_categories
from recorded import check, written
from sixty_images import sixty_images
from stated_values import stated_values

import cocomine.mining
from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.coco.split_role import SplitRole
from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.exclude_or_add import Step, add_advice, every_exclusion, exclude_advice
from cocomine.mining.advice.fixes import violation_of
from cocomine.mining.advice.quiet_sets import QuietSetRequest, quiet_advice, quiet_sets, shrunken_lift
from cocomine.mining.advice.readiness import cautions
from cocomine.mining.advice.sentences import (
    fix_label,
    no_quiet_sentence,
    no_suggestion_sentence,
    quiet_sentence,
    suggestion_sentence,
    violation_sentence,
)
from cocomine.mining.advice.too_few_images import alternative_selections, limiting_conditions
from cocomine.mining.insights import insights
from cocomine.mining.interference.box_overlap import overlap_from_boxes
from cocomine.mining.interference.co_occurrence import OF_MASKS, Measure, PairTable, pair_table
from cocomine.mining.interference.companions import (
    association_sentence,
    avoided_sentence,
    companion_rows,
    companion_sentence,
    companions,
    images_left,
    strongest_association,
)
from cocomine.mining.interference.mask_overlap import mask_counts, overlap_table
from cocomine.mining.interference.pair_measure import PairMeasure, mask_measure, pair_measure
from cocomine.mining.interference.pair_rows import all_pairs_csv, pair_columns
from cocomine.mining.interference.ranking import (
    by_cluster,
    by_strength,
    by_supercategory,
    most_frequent,
    notable_pairs,
    ranked_pair_count,
    ranked_pairs,
    strongest_companions,
    strongest_pairs,
)
from cocomine.mining.interference.sentences import interval_sentence, measure_sentence, notable_sentence
from cocomine.mining.selection.combinations import combination_sentence, combination_table
from cocomine.mining.selection.counting import image_counts_by_mode, images_removed_by_excluding
from cocomine.mining.selection.division import Division, Fold, SplitMethod, divided
from cocomine.mining.selection.editing import with_classes, with_excluded, with_group, without_classes, without_group
from cocomine.mining.selection.licences import licence_counts, licences_allowing
from cocomine.mining.selection.limit_counts import limit_count_sentences, limit_counts
from cocomine.mining.selection.limits import Counted, Crowd, Limits
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
from cocomine.mining.statistics.appearance import appearance, appearance_sentence
from cocomine.mining.statistics.categories import category_statistics, examined, presence, statistics_rows
from cocomine.mining.statistics.instances import Instances, instance_positions, instances_of

RECORDED = Path(__file__).parent / "recorded"
STREET, KITCHEN = ("car", "bus", "traffic light"), ("cup", "dining table", "fork")
PETS = ClassGroup(name="pet", members=("cat", "dog"))
SEATS = ClassGroup(name="furniture", members=("dining table",))
EXCLUDED = (("train2017", 1000), ("val2017", 1000 - 7 * 50))
ATTRIBUTION = ("Attribution License", "not named")
SELECTIONS = {
    "nothing": Selection(),
    "street, any": Selection(classes=STREET),
    "street, all": Selection(classes=STREET, mode=Mode.ALL),
    "street, only": Selection(classes=("car", "bus"), mode=Mode.ONLY),
    "kitchen without people": Selection(classes=KITCHEN, excluded_classes=("person",)),
    "two licences": Selection(classes=("person", "dog"), licences=ATTRIBUTION),
    "no licence": Selection(classes=("person",), licences=()),
    "groups": Selection(classes=("pet", "furniture"), groups=(PETS, SEATS)),
    "groups, all": Selection(classes=("pet", "person"), groups=(PETS, SEATS), mode=Mode.ALL),
    "minimum area": Selection(classes=("traffic light", "cup"), limits=Limits(min_area_px=30)),
    "no crowds": Selection(classes=("zebra", "person"), limits=Limits(crowd=Crowd.IGNORE)),
    "cap of images": Selection(classes=("person", "car", "fork"), limits=Limits(cap=5)),
    "cap of objects": Selection(classes=("person", "car", "fork"), limits=Limits(cap=9, counted=Counted.OBJECTS)),
    "balance": Selection(classes=("person", "car", "fork"), limits=Limits(balance=1.5)),
    "balance of objects, another seed": Selection(
        classes=("person", "bus"), limits=Limits(balance=1.2, counted=Counted.OBJECTS, seed=7)
    ),
    "negatives": Selection(classes=("bus",), limits=Limits(negatives=0.6)),
    "more negatives than there are": Selection(classes=("person", "car", "cup"), limits=Limits(negatives=0.9)),
    "all limits": Selection(
        classes=("person", "car", "pet"),
        excluded_classes=("laptop",),
        groups=(PETS,),
        licences=("Attribution License", "Attribution-NonCommercial License", "No known copyright restrictions"),
        limits=Limits(min_area_px=12, crowd=Crowd.IGNORE, cap=8, balance=2.0, negatives=0.25, seed=3),
    ),
}
SOURCES = (
    Source(split="train2017", file_name="instances_train2017.json", sha256="0123456789abcdef" * 4),
    Source(split="val2017", file_name="instances_val2017.json", sha256="fedcba9876543210" * 4),
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The sixty images."""
    return sixty_images(tmp_path_factory.mktemp("sixty"))


@pytest.fixture(scope="module")
def pairs(dataset: Dataset) -> PairTable:
    """All pairs of their classes."""
    return pair_table(presence(dataset), dataset.category_names)


@pytest.fixture(scope="module")
def federated(tmp_path_factory: pytest.TempPathFactory) -> PairTable:
    """All pairs, where not every class was looked for in each image."""
    dataset = sixty_images(tmp_path_factory.mktemp("federated"), is_federated=True)
    return pair_table(presence(dataset), dataset.category_names, examined=examined(dataset))


def sizes_of(dataset: Dataset) -> Any:
    """Bytes of each image's file, made up."""
    return 1000 + 37 * np.arange(dataset.image_count)


def names_of(pairs: Sequence[tuple[int, int]], table: PairTable) -> list[str]:
    return [f"{table.names[first]}, {table.names[second]}" for first, second in pairs]


def test_statistics_of_the_classes(dataset: Dataset) -> None:
    statistics = category_statistics(dataset)
    check(RECORDED / "statistics.json", written({"records": statistics, "rows": statistics_rows(statistics)}))


def test_values_that_modules_state() -> None:
    check(RECORDED / "stated_values.txt", stated_values(cocomine.mining))


def test_appearance_of_a_class_in_crowded_images(dataset: Dataset) -> None:
    """One object in the first image, two in the second and so on; every fourth box has no height or no width."""
    numbers = np.repeat(np.arange(24), np.arange(1, 25))
    places = np.arange(len(numbers))
    boxes = np.stack(
        [places % 50 - 5, places % 31, places % 4 * (1.0 + places % 7), (places + 1) % 4 * 2.5], axis=1
    ).astype(float)
    instances = Instances(
        image_number=numbers,
        image_widths=np.full(len(numbers), 60),
        image_heights=np.full(len(numbers), 40),
        areas_px=np.geomspace(0.2, 20_000, len(numbers)),
        boxes_xywh=boxes,
    )
    look = appearance(instances, input_size_px=256)
    of_two = appearance(instances.__class__(**_first(instances, 3)), input_size_px=128)
    told = {
        "image sizes": [look.image_sizes, look.input_sizes, look.vanishing_share, look.most_per_image],
        "per image": look.per_image,
        "area shares": look.area_shares,
        "log2 aspects": look.log2_aspects,
        "location": [look.location.shares.sum(), look.location.shares[3], look.location.left_out_count],
        "sentence": appearance_sentence(category_statistics(dataset)[0], of_two),
    }
    check(RECORDED / "crowded.json", written(told, 5))


def _first(instances: Instances, count: int) -> dict[str, Any]:
    return {each.name: getattr(instances, each.name)[:count] for each in fields(instances)}


def test_appearance_of_the_classes(dataset: Dataset) -> None:
    positions, looks = instance_positions(dataset), {}
    for index, category in enumerate(category_statistics(dataset)):
        look = appearance(instances_of(dataset, positions, index), input_size_px=320 if index % 2 else 128)
        shares = look.location.shares
        looks[category.name] = {
            "sentence": appearance_sentence(category, look),
            "vanishing": look.vanishing_share,
            **{
                name: getattr(look, name)
                for name in ("image_sizes", "input_sizes", "per_image", "area_shares", "log2_aspects")
            },
            "location": [shares.shape, shares.sum(), shares[:, 10].sum(), shares[20], look.location.left_out_count],
        }
    check(RECORDED / "appearance.json", written(looks, 5))


@pytest.mark.parametrize("name", ["pairs", "federated"])
def test_measures_of_all_pairs(name: str, request: pytest.FixtureRequest, dataset: Dataset) -> None:
    table: PairTable = request.getfixturevalue(name)
    masks = overlap_table(mask_counts(dataset, lambda _done, _total: None), dataset.category_names, size_px=256)
    boxes = overlap_from_boxes(dataset)
    rows = all_pairs_csv(table, {Measure.OVERLAP: masks.overlap, Measure.CONTACT: masks.contact})
    check(RECORDED / f"{name}.csv", rows)
    told = {
        "cautious lift": table.cautious_lift,
        "apart": np.argwhere(table.keeps_apart),
        "masks": [masks.image_count, masks.size_px],
        "boxes": [boxes.image_count, boxes.size_px, boxes.overlap, boxes.contact],
        "sentences": [_sentences(table, pair) for pair in ((0, 1), (1, 7), (2, 3), (8, 7), (0, 10), (11, 11), (9, 1))],
        "measures": {
            measure: _measured(_view(table, measure, masks if fewest else boxes, fewest))
            for measure, fewest in zip(Measure, (0, 3, 2, 3, 0, 4, 0), strict=True)
        },
    }
    check(RECORDED / f"{name}.json", written(told, 5))


def _sentences(table: PairTable, pair: tuple[int, int]) -> list[str]:
    told = [interval_sentence(table, *pair)]
    return [*told, notable_sentence(table, *pair)] if table.expected[pair] else told


def _view(table: PairTable, measure: Measure, overlaps: Any, fewest: int) -> PairMeasure:
    if measure in OF_MASKS:
        shares = getattr(overlaps, measure)
        return mask_measure(table, measure, shares, is_estimate=not overlaps.from_masks, fewest_images=fewest)
    return pair_measure(table, measure, fewest_images=fewest)


def _measured(view: PairMeasure) -> Any:
    ranked = ranked_pairs(view)
    return {
        "ranked": names_of(ranked[:14], view.table),
        "with dog": names_of(ranked_pairs(view, having=[5], limit=4), view.table),
        "count": [ranked_pair_count(view), ranked_pair_count(view, having=[5, 6])],
        "beside": [strongest_companions(view, [0], 4), strongest_companions(view, [1, 7], 3)],
        "gaps": [np.argwhere(each) for each in view.gaps([0, 1, 6, 10], [3, 6, 10])],
        "columns": pair_columns(view, ranked[:3]),
        "sentences": [measure_sentence(view, *pair) for pair in (*ranked[:3], (5, 6), (11, 5), (10, 1), (4, 4))],
    }


def test_orders_and_what_stands_out(dataset: Dataset, pairs: PairTable) -> None:
    above = [category.supercategory for category in dataset.categories]
    told: dict[str, Any] = {
        "by supercategory": by_supercategory(above),
        "by strength": by_strength(pairs),
        "by cluster": [by_cluster(pairs, range(12)), by_cluster(pairs, [3, 7, 1, 8, 2]), by_cluster(pairs, [5, 4])],
        "most frequent": most_frequent(pairs, 5),
        "strongest": {fewest: names_of(strongest_pairs(pairs, fewest_images=fewest), pairs) for fewest in (0, 3, 6)},
        "notable": {limit: names_of(notable_pairs(pairs, fewest_images=2, limit=limit), pairs) for limit in (1, 3, 8)},
        "notable with cup": names_of(notable_pairs(pairs, having=[1]), pairs),
        "insights": [insights(category_statistics(dataset), pairs, fewest_images=fewest) for fewest in (0, 3, 6)],
    }
    apart = two_categories(0, 20, 30, 5)
    told["two that keep apart"] = [
        insights(category_statistics(dataset)[:2], apart, fewest_images=1),
        avoided_sentence(apart, 0),
        interval_sentence(apart, 0, 1),
    ]
    check(RECORDED / "orders.json", written(told))


@pytest.mark.parametrize("name", ["pairs", "federated"])
def test_companions(name: str, request: pytest.FixtureRequest, dataset: Dataset) -> None:
    table: PairTable = request.getfixturevalue(name)
    told = {}
    for index in (0, 1, 5, 8, 11):
        beside = companions(table, index)
        strongest = strongest_association(beside)
        told[table.names[index]] = {
            "rows": companion_rows(beside),
            "sentences": [companion_sentence(each) for each in beside],
            "strongest": association_sentence(strongest) if strongest else None,
            "avoided": avoided_sentence(table, index),
            "left": [images_left(presence(dataset), index, [each.index for each in beside[:n]]) for n in range(3)],
        }
    check(RECORDED / f"companions-{name}.json", written(told))


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


DIVISIONS = {
    "usual": Division(),
    "another seed": Division(seed=11),
    "three sides": Division(val_share=0.25, test_share=0.15, seed=2),
    "fold 1 of 4": Division(fold=Fold(number=1, count=4)),
    "mostly for validation": Division(val_share=0.7),
    "rarest class": Division(method=SplitMethod.RAREST_CLASS),
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


ADVISED = {
    "street": SELECTIONS["street, any"],
    "street, all": SELECTIONS["street, all"],
    "cars, only": Selection(classes=("car",), mode=Mode.ONLY),
    "kitchen without people": SELECTIONS["kitchen without people"],
    "forks and buses": Selection(classes=("fork", "bus"), mode=Mode.ALL, excluded_classes=("person",)),
    "three rare ones": Selection(classes=("fork", "bus", "laptop"), mode=Mode.ALL, licences=ATTRIBUTION),
    "dogs, only": Selection(classes=("dog", "cat"), mode=Mode.ONLY, licences=ATTRIBUTION),
}
CONSTRAINTS = (
    Constraints(),
    Constraints(images_per_class=7),
    Constraints(images_per_class=12, size_bytes=30_000),
    Constraints(images_per_class=200),
)


@pytest.mark.parametrize("name", ADVISED)
def test_advice(name: str, dataset: Dataset) -> None:
    selection = ADVISED[name]
    candidates = candidates_of(dataset, EXCLUDED, sizes_of(dataset))
    told: dict[str, Any] = {
        "limiting": limiting_conditions(candidates, selection),
        "alternatives": alternative_selections(candidates, selection),
        "every exclusion": [
            suggestion_sentence(each, selection.mode) for each in every_exclusion(candidates, selection)
        ],
    }
    for constraints in CONSTRAINTS:
        violation = violation_of(candidates, selection, constraints)
        told[f"{constraints.images_per_class} images, {constraints.size_bytes} bytes"] = {
            **{
                step: _advice(step, advise(candidates, selection, constraints), constraints, selection.mode)
                for step, advise in ((Step.EXCLUDE, exclude_advice), (Step.ADD, add_advice))
            },
            "violation": violation and violation_sentence(violation, constraints),
            "fixes": violation
            and {fix_label(fix, constraints): [fix.constraints, fix.after] for fix in violation.fixes},
        }
    check(RECORDED / "advice" / f"{name}.json", written(told))


def _advice(step: Step, advice: Any, constraints: Constraints, mode: Mode) -> list[Any]:
    suggested: list[Any] = [[suggestion_sentence(each, mode), each.after] for each in advice.suggestions]
    return [advice.worth_count, *(suggested or [no_suggestion_sentence(step, advice, constraints, mode)])]


def test_quiet_sets(dataset: Dataset, pairs: PairTable) -> None:
    candidates = candidates_of(dataset, EXCLUDED, sizes_of(dataset))
    told: dict[str, Any] = {
        "loudness": shrunken_lift(pairs),
        "sets": {
            size: list(quiet_sets(pairs, size, among=pairs.counts.diagonal() >= 6, containing=containing))[:8]
            for size, containing in ((2, ()), (3, ()), (4, (7,)), (5, ()))
        },
    }
    for constraints in CONSTRAINTS:
        for request in (QuietSetRequest(), QuietSetRequest(size=3, containing=("car",)), QuietSetRequest(size=2)):
            selection = Selection(classes=("cup",), excluded_classes=("dog",))
            advice = quiet_advice(candidates, pairs, selection, constraints=constraints, request=request)
            said = [[each.quiet.names, quiet_sentence(each)] for each in advice.choices]
            key = f"{request.size} with {request.containing}: {constraints.images_per_class}, {constraints.size_bytes}"
            told[key] = said or no_quiet_sentence(advice, constraints)
    check(RECORDED / "quiet_sets.json", written(told))


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
