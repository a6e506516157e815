"""Which classes meet one another least: by hand, against all sets there are, and on what is planted in the demo."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from candidates import candidates_of, images_per_class
from drawn_datasets import dataset_with, split_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cocomine.coco.arrays import Bools
from cocomine.coco.columns import Category
from cocomine.coco.dataset import Dataset
from cocomine.demo import dataset
from cocomine.demo.dataset import CATEGORIES, PLANTED_LONER, PLANTED_PAIRS, TRAIN_SPLIT, VAL_SPLIT, planned_scenes
from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.quiet_sets import (
    QuietChoice,
    QuietSet,
    QuietSetRequest,
    different,
    quiet_advice,
    quiet_sets,
    shrunken_lift,
)
from cocomine.mining.interference.co_occurrence import PairTable, pair_table
from cocomine.mining.selection.counting import SubsetCounts
from cocomine.mining.selection.selection import Mode, Selection, select
from cocomine.mining.statistics.categories import presence

PRESENCE = arrays.arrays(bool, st.tuples(st.integers(0, 30), st.just(7)))


def table_of(matrix: Bools) -> PairTable:
    return pair_table(matrix, tuple(f"c{index}" for index in range(matrix.shape[1])))


def sets_of(table: PairTable, size: int, **more: object) -> list[QuietSet]:
    among = np.ones(len(table.names), dtype=bool)
    return list(quiet_sets(table, size, **({"among": among} | more)))  # type: ignore[arg-type]


def random_table(seed: int, classes: int = 10) -> PairTable:
    """Images of a few scenes, in each of which some classes are frequent."""
    rng = np.random.default_rng(seed)
    frequency = rng.uniform(0.02, 0.5, (4, classes)) * rng.integers(0, 2, (4, classes))
    return table_of(rng.random((400, classes)) < frequency[rng.integers(0, 4, 400)])


def loudness_of(table: PairTable, members: tuple[int, ...]) -> float:
    return max(float(shrunken_lift(table)[pair]) for pair in combinations(members, 2))


def loudness_of_set(table: PairTable, found: QuietSet) -> float:
    return loudness_of(table, tuple(map(table.names.index, found.names)))


def test_the_loudness_of_a_pair_is_by_hand_what_the_formula_says() -> None:
    # 8 images; c0 in 4 of them, c1 in 4, together in 1, where chance brings 2
    matrix = np.array([[1, 1], [1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1], [0, 0]], dtype=bool)
    assert shrunken_lift(table_of(matrix))[0, 1] == pytest.approx((1 + 1) / (2 + 1))


def test_a_pair_never_seen_is_the_quieter_the_more_often_chance_would_have_brought_it() -> None:
    matrix = np.zeros((100, 4), dtype=bool)
    matrix[:5, 0] = matrix[5:11, 1] = matrix[11:51, 2] = matrix[51:91, 3] = True
    loudness = shrunken_lift(table_of(matrix))
    assert loudness[0, 1] == pytest.approx(1 / 1.3)  # 0.3 expected: next to nothing is known
    assert loudness[2, 3] == pytest.approx(1 / 17)
    assert sets_of(table_of(matrix), 2)[0].names == ("c2", "c3")


@given(matrix=PRESENCE, size=st.integers(2, 4))
@settings(max_examples=50)
def test_every_set_is_of_that_size_and_each_of_its_pairs_meets_less_often_than_by_chance(
    matrix: Bools, size: int
) -> None:
    table = table_of(matrix)
    for each in sets_of(table, size):
        index = [table.names.index(name) for name in each.names]
        assert len(set(index)) == size
        assert all(table.counts[pair] < table.expected[pair] for pair in combinations(index, 2))
        assert each.meeting_count == sum(table.counts[pair] for pair in combinations(index, 2))


@given(matrix=PRESENCE)
@settings(max_examples=50)
def test_the_quietest_comes_first_and_the_same_table_gives_the_same_sets(matrix: Bools) -> None:
    table = table_of(matrix)
    found = sets_of(table, 3)
    loudness = [loudness_of_set(table, each) for each in found]
    assert loudness == sorted(loudness)
    assert len({frozenset(each.names) for each in found}) == len(found)
    assert found == sets_of(table, 3)


@given(matrix=PRESENCE)
@settings(max_examples=50)
def test_of_two_classes_the_quietest_pair_is_found(matrix: Bools) -> None:
    table = table_of(matrix)
    found = sets_of(table, 2)
    best = min((loudness_of(table, pair) for pair in combinations(range(7), 2)), default=np.inf)
    assert loudness_of_set(table, found[0]) == best if best < 1 else not found


def test_of_forty_tables_nearly_all_give_the_quietest_set_that_a_search_of_all_finds() -> None:
    gaps = []
    for seed in range(20):
        table = random_table(seed)
        for size in (3, 4):
            best = min(loudness_of(table, each) for each in combinations(range(10), size))
            if best < 1:
                gaps.append(loudness_of_set(table, sets_of(table, size)[0]) / best - 1)
    assert len(gaps) >= 30
    assert np.mean(np.array(gaps) == 0) >= 0.9
    assert max(gaps) <= 0.25


def test_only_classes_that_may_be_taken_are_taken() -> None:
    among = np.ones(10, dtype=bool)
    among[[0, 3]] = False
    names = {name for each in sets_of(random_table(1), 3, among=among) for name in each.names}
    assert names
    assert not names & {"c0", "c3"}


def test_classes_that_must_be_in_a_set_are_in_every_one_and_come_first() -> None:
    table = random_table(1)
    pair = [table.names.index(name) for name in reversed(sets_of(table, 3)[-1].names[1:])]
    found = sets_of(table, 3, containing=pair)
    assert found
    assert all(each.names[:2] == tuple(table.names[index] for index in pair) for each in found)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_one_class_that_must_be_in_a_set_is_in_every_one(size: int) -> None:
    table = random_table(1)
    first = table.names.index(sets_of(table, size)[0].names[0])
    found = sets_of(table, size, containing=[first])
    assert found
    assert all(each.names[0] == table.names[first] and len(set(each.names)) == size for each in found)


@pytest.mark.parametrize("size", [3, 4, 5])
def test_no_exchange_of_a_class_makes_the_first_set_quieter_while_its_seed_stays(size: int) -> None:
    for seed in range(30):
        table = random_table(seed, classes=14)
        for best in sets_of(table, size)[:1]:
            members = [table.names.index(name) for name in best.names]
            assert any(not quieter_exchanges(table, members, kept) for kept in members)


def quieter_exchanges(table: PairTable, members: list[int], kept: int) -> list[tuple[int, ...]]:
    """Return the sets with one class in place of another, but of `kept`, whose loudest pair is quieter."""
    others = [each for each in range(len(table.names)) if each not in members]
    changed = [
        tuple(other if each == gone else each for each in members)
        for gone in members
        if gone != kept
        for other in others
    ]
    return [each for each in changed if loudness_of(table, each) < loudness_of(table, tuple(members))]


def test_classes_never_looked_for_in_one_image_are_not_quiet_but_unknown() -> None:
    # c0 and c1 were never looked for together; c2 was looked for everywhere and meets nobody
    matrix = np.zeros((40, 3), dtype=bool)
    matrix[:10, 0] = matrix[20:30, 1] = matrix[10:20, 2] = matrix[30:, 2] = True
    looked_for = matrix.copy()
    looked_for[:20, 0] = looked_for[20:, 1] = looked_for[:, 2] = True
    table = pair_table(matrix, ("c0", "c1", "c2"), examined=looked_for)
    among = np.ones(3, dtype=bool)
    assert {each.names for each in quiet_sets(table, 2, among=among)} == {("c0", "c2"), ("c1", "c2")}
    assert not list(quiet_sets(table, 3, among=among))


def test_an_empty_dataset_has_no_quiet_set() -> None:
    assert not sets_of(table_of(np.zeros((0, 5), dtype=bool)), 3)
    assert not sets_of(table_of(np.zeros((0, 0), dtype=bool)), 3)


def choice(names: str) -> QuietChoice:
    quiet = QuietSet(names=tuple(names), meeting_count=0, expected=1.0)
    nothing = SubsetCounts(image_count=0, object_count=0, other_object_count=0, images_per_class=(), size_bytes=None)
    return QuietChoice(quiet=quiet, after=nothing)


def test_sets_that_share_more_than_half_of_their_classes_are_not_offered_side_by_side() -> None:
    offered = different(map(choice, ["abcd", "abce", "abef", "cdgh", "ijkl"]), 0)
    assert ["".join(each.quiet.names) for each in offered] == ["abcd", "abef", "cdgh"]


def test_classes_that_every_set_must_hold_do_not_count_as_shared() -> None:
    offered = different(map(choice, ["abcd", "abce", "abcf"]), 2)
    assert ["".join(each.quiet.names) for each in offered] == ["abcd", "abce", "abcf"]


@pytest.fixture(scope="module")
def planted() -> Dataset:
    """What the demo plants, without its pictures."""
    names = [name for _, name, _ in CATEGORIES]
    splits = []
    for split in (TRAIN_SPLIT, VAL_SPLIT):
        size = len(dataset._image_ids(split))
        scenes = planned_scenes(np.random.default_rng([dataset._SEED, size]), size)
        marks = [(image, names.index(name), False) for image, scene in enumerate(scenes) for name in scene]
        splits.append(split_of(split, size, marks))
    categories = (Category(category_id=number, name=name, supercategory=group) for number, name, group in CATEGORIES)
    return Dataset(path=Path("demo"), categories=tuple(categories), splits=tuple(splits))


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_quiet_sets_of_the_demo_avoid_the_planted_pairs_and_begin_with_the_loner(planted: Dataset, size: int) -> None:
    marked = presence(planted)
    table = pair_table(marked, planted.category_names)
    found = sets_of(table, size)
    assert found
    assert not [each for each in found for pair in PLANTED_PAIRS if set(pair) <= set(each.names)]
    assert PLANTED_LONER in found[0].names

    request = QuietSetRequest(size=size)
    advice = quiet_advice(
        candidates_of(planted), table, Selection(), constraints=Constraints(images_per_class=3), request=request
    )
    for each in advice.choices:
        chosen = each.applied_to(Selection(mode=Mode.ALL))
        assert dict(each.after.images_per_class) == images_per_class(select(planted, chosen))
        assert each.after.image_count == select(planted, chosen).image_count
        assert chosen.mode is Mode.ANY


def test_where_no_quiet_set_has_enough_images_the_cheapest_number_that_gives_one_is_named(planted: Dataset) -> None:
    candidates, request = candidates_of(planted), QuietSetRequest()
    table = pair_table(candidates.class_index.every.presence, planted.category_names)
    advice = quiet_advice(
        candidates, table, Selection(), constraints=Constraints(images_per_class=10_000), request=request
    )
    assert not advice.choices
    assert advice.relaxation is not None
    assert advice.relaxed is not None
    assert len(advice.relaxed.quiet.names) == 4
    assert advice.relaxation.constraints.images_per_class == advice.relaxed.after.fewest_images
    assert quiet_advice(
        candidates, table, Selection(), constraints=advice.relaxation.constraints, request=request
    ).choices


@pytest.mark.timeout(60)
def test_where_no_two_classes_keep_apart_there_is_nothing_to_advise() -> None:
    dataset = dataset_with({"cat dog": 10, "": 10})
    table = pair_table(presence(dataset), dataset.category_names)
    advice = quiet_advice(
        candidates_of(dataset),
        table,
        Selection(),
        constraints=Constraints(images_per_class=100),
        request=QuietSetRequest(size=2),
    )
    assert (advice.choices, advice.relaxation, advice.relaxed) == ((), None, None)


def test_a_class_that_must_be_in_a_set_is_in_the_one_that_less_asked_for_lets_in() -> None:
    dataset = dataset_with({"cat": 12, "dog": 10})
    table = pair_table(presence(dataset), dataset.category_names)
    advice = quiet_advice(
        candidates_of(dataset),
        table,
        Selection(),
        constraints=Constraints(images_per_class=100),
        request=QuietSetRequest(size=2, containing=("dog",)),
    )
    assert advice.relaxed is not None
    assert advice.relaxed.quiet.names == ("dog", "cat")
    assert advice.relaxation is not None
    assert advice.relaxation.constraints.images_per_class == 10


@pytest.mark.parametrize("size", [0, 1])
def test_more_classes_than_a_set_has_cannot_all_be_in_it(planted: Dataset, size: int) -> None:
    candidates, table = candidates_of(planted), pair_table(presence(planted), planted.category_names)
    request = QuietSetRequest(size=size, containing=(CATEGORIES[0][1], CATEGORIES[3][1]))
    advice = quiet_advice(candidates, table, Selection(), constraints=Constraints(), request=request)
    assert (advice.choices, advice.relaxed) == ((), None)


def test_a_set_as_small_as_the_classes_it_must_hold_has_no_room_for_another(planted: Dataset) -> None:
    candidates, request = (
        candidates_of(planted),
        QuietSetRequest(size=2, containing=(CATEGORIES[0][1], CATEGORIES[3][1])),
    )
    table = pair_table(candidates.class_index.every.presence, planted.category_names)
    held = Selection(classes=request.containing)
    assert quiet_advice(candidates, table, held, constraints=Constraints(), request=request).choices == ()
