"""Whether measures predict effects: the rank correlation, its interval, and plain words where there is none."""

import json
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from judged_claims import Skill, made_counts, made_protocol, made_test_images
from scipy.stats import spearmanr

from benchmarks.claim_pairs import table
from cocomine.claim.arms import ArmName
from cocomine.claim.judging import judge
from cocomine.claim.prediction import (
    BIASED_PAIRS,
    FEWEST_PAIRS,
    Correlation,
    Pair,
    pair_dilution,
    pair_effects,
    prediction_sentence,
    rank_correlation,
    rank_of,
)
from cocomine.coco.reading.open_dataset import open_dataset


def over(values: object) -> dict[Pair, float]:
    return {("a", str(index)): float(value) for index, value in enumerate(np.asarray(values))}


def test_the_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(2)
    first = rng.integers(0, 8, 30)  # with ties
    second = first + rng.normal(0, 3, 30)
    found = rank_correlation(over(first), over(second))
    assert found is not None
    assert found.value == pytest.approx(spearmanr(first, second).statistic)
    assert found.pair_count == 30
    assert found.low < found.value < found.high


def test_its_interval_holds_zero_in_about_95_of_100_cases_where_there_is_nothing() -> None:
    rng = np.random.default_rng(3)
    found = [rank_correlation(over(rng.random(14)), over(rng.random(14))) for _ in range(400)]
    told = np.mean([each is not None and each.is_told for each in found])
    assert 0.02 < told < 0.09


def test_fewer_than_ten_pairs_with_both_values_tell_nothing() -> None:
    values = np.arange(FEWEST_PAIRS)
    assert rank_correlation(over(values), over(values)) is not None
    assert rank_correlation(over(values[1:]), over(values[1:])) is None
    assert rank_correlation(over([math.nan, *values[1:]]), over(values)) is None
    assert rank_correlation({}, over(values)) is None
    assert rank_correlation(over(np.ones(12)), over(np.arange(12))) is None


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (None, "Whether lift predicts the effects cannot be told: that takes at least 10 pairs."),
        (
            Correlation(value=0.1, low=-0.45, high=0.6, pair_count=14),
            "No sign that lift predicts the effects: rank correlation +0.10 (−0.45 to +0.60) over 14 pairs.",
        ),
        (
            Correlation(value=-0.8, low=-0.95, high=-0.4, pair_count=14),
            "The lower the lift of a pair, the more isolating helped: "
            "rank correlation −0.80 (−0.95 to −0.40) over 14 pairs.",
        ),
    ],
)
def test_it_is_said_plainly(found: Correlation | None, sentence: str) -> None:
    assert prediction_sentence("lift", found) == sentence


def test_the_effect_of_a_pair_is_the_lead_with_the_rival_less_that_without() -> None:
    protocol = made_protocol(test=made_test_images(rivals=("pear", "plum")))
    result = judge(protocol, made_counts(protocol, {ArmName.ALL: Skill(found=0.4)}, np.random.default_rng(1)))
    halves = {
        each.with_rival: each.value
        for each in result.differences
        if each.rival == "plum" and each.comparison.second is ArmName.ALL
    }
    effects = pair_effects([(protocol, result)])
    assert set(effects) == {("apple", "pear"), ("apple", "plum")}
    assert effects["apple", "plum"] == pytest.approx(halves[True] - halves[False])
    several = msgspec.structs.replace(protocol.settings, classes=("apple", "pear"))
    assert pair_effects([(msgspec.structs.replace(protocol, settings=several), result)]) == {}


def test_a_place_is_counted_from_the_highest_and_the_diagonal_is_no_pair() -> None:
    values = np.array([[9.0, 3.0, 1.0], [3.0, 9.0, np.nan], [2.0, 5.0, 9.0]])
    found = rank_of(values, ("a", "b", "c"), ("a", "b"))
    assert found is not None
    assert (found.place, found.pair_count) == (2, 5)
    assert rank_of(values, ("a", "b", "c"), ("b", "c")) is None
    assert rank_of(values, ("a", "b", "c"), ("a", "d")) is None


def annotations(folder: Path) -> Path:
    """Three images: cup, dining table, dining table; cup; person."""
    shown = [("cup", 1), ("dining table", 1), ("dining table", 1), ("cup", 2), ("person", 3)]
    names = ["cup", "dining table", "person"]
    content = {
        "images": [{"id": n, "file_name": f"{n}.jpg", "width": 20, "height": 20} for n in (1, 2, 3)],
        "categories": [{"id": n, "name": name} for n, name in enumerate(names, start=1)],
        "annotations": [
            {"id": n, "image_id": image, "category_id": names.index(name) + 1, "bbox": [n, n, 9, 9], "area": 81.0,
             "iscrowd": 0, "segmentation": [[n, n, n + 9, n, n + 9, n + 9, n, n + 9]]}
            for n, (name, image) in enumerate(shown, start=1)
        ],
    }  # fmt: skip
    path = folder / "instances_val2017.json"
    path.write_text(json.dumps(content))
    return path


def test_dilution_of_a_pair_by_hand(tmp_path: Path) -> None:
    """In the images with a cup there are two cups and two tables."""
    found = pair_dilution(open_dataset(annotations(tmp_path)))
    assert found[0].tolist() == [0.5, 0.5, 0]
    assert found[1].tolist() == pytest.approx([1 / 3, 2 / 3, 0])


def test_the_table_has_a_row_of_each_public_pair(tmp_path: Path) -> None:
    lines = table(open_dataset(annotations(tmp_path))).splitlines()
    assert len(BIASED_PAIRS) == 14
    assert len(lines) == 4 + 14 + 1
    assert lines[4].startswith("| cup, dining table | 1 | ")
    assert lines[5] == "| wine glass, person | – | – | – | – | – |"
