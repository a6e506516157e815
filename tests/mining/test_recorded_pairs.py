"""Every number, order and sentence of classes and their pairs on sixty images is as it was checked and recorded.

The recorded results were compared with plain loops over the records and with pycocotools' masks, and read; see
`recorded` for how they are recorded anew.
"""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pair_tables import two_categories
from recorded import check, written
from stated_values import stated_values

import cocomine.mining
from cocomine.coco.dataset import Dataset
from cocomine.mining.insights import insights
from cocomine.mining.interference.box_overlap import overlap_from_boxes
from cocomine.mining.interference.co_occurrence import OF_MASKS, Measure, PairTable
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
from cocomine.mining.statistics.appearance import appearance, appearance_sentence
from cocomine.mining.statistics.categories import category_statistics, presence, statistics_rows
from cocomine.mining.statistics.instances import Instances, instance_positions, instances_of

RECORDED = Path(__file__).parent / "recorded"


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
