"""Which selected classes meet: laws over any presence, the four images by hand, an independent count for real ones."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from candidates import candidates_of, images_per_class
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import FOUR_IMAGES, category, image
from records import annotation as mark

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.selection.combinations import (
    MOST_CLASSES,
    Combination,
    CombinationTable,
    combination_sentence,
    combination_table,
)
from cocomine.mining.selection.selection import Mode, Selection, select
from cocomine.wording import join_names

NAMES = ("cat", "dog", "cup")
STATES = st.lists(st.sampled_from(["want", "forbid", "leave"]), min_size=3, max_size=3)
OUT = st.lists(st.sampled_from([11, 7, 42, 30]), unique=True).map(lambda ids: [("all2017", each) for each in ids])


def chosen(states: list[str], mode: Mode = Mode.ANY) -> Selection:
    wanted = tuple(name for name, state in zip(NAMES, states, strict=True) if state == "want")
    excluded = tuple(name for name, state in zip(NAMES, states, strict=True) if state == "forbid")
    return Selection(classes=wanted, excluded_classes=excluded, mode=mode)


def counts(table: CombinationTable) -> dict[tuple[str, ...], int]:
    return {each.classes: each.image_count for each in table.combinations}


@given(states=STATES, out=OUT, mode=st.sampled_from(Mode))
def test_the_counts_sum_to_any_and_the_full_set_is_all(
    four_images: Dataset, states: list[str], out: list[tuple[str, int]], mode: Mode
) -> None:
    selection = chosen(states, mode)
    table = combination_table(candidates_of(four_images, out), selection)
    assert table.image_count == select(four_images, replace(selection, mode=Mode.ANY), out).image_count
    every = select(four_images, replace(selection, mode=Mode.ALL), out).image_count
    assert counts(table).get(selection.classes, 0) == every
    some = select(four_images, replace(selection, mode=Mode.ANY), out)
    assert table.image_counts == tuple(images_per_class(some).values())


@given(order=st.permutations(NAMES))
def test_the_order_of_the_classes_changes_nothing_but_the_order(four_images: Dataset, order: list[str]) -> None:
    def sets(classes: tuple[str, ...]) -> dict[frozenset[str], int]:
        table = combination_table(candidates_of(four_images), Selection(classes=classes))
        return {frozenset(names): count for names, count in counts(table).items()}

    assert sets(tuple(order)) == sets(NAMES)


def test_the_four_images_by_hand(four_images: Dataset) -> None:
    table = combination_table(candidates_of(four_images), Selection(classes=NAMES))
    assert counts(table) == {("cup",): 1, ("cat", "dog"): 1, ("cat", "cup"): 1}
    assert [each.classes for each in table.combinations] == [("cup",), ("cat", "dog"), ("cat", "cup")]
    assert (table.image_counts, table.left_out, table.image_count) == ((2, 1, 2), (), 3)


def test_a_licence_leaves_its_images_alone(four_images: Dataset) -> None:
    selection = Selection(classes=NAMES, licences=("Attribution License",))
    assert counts(combination_table(candidates_of(four_images), selection)) == {("cat", "cup"): 1}


def test_an_empty_choice_has_no_combination(four_images: Dataset) -> None:
    table = combination_table(candidates_of(four_images), Selection(excluded_classes=("dog",)))
    assert (table.classes, table.combinations, table.image_count) == ((), (), 0)


def test_of_very_many_classes_those_with_most_images_are_compared(make_dataset: MakeDataset) -> None:
    size = MOST_CLASSES + 2
    categories = [category(index, f"c{index:02}") for index in range(1, size + 1)]
    marks = [(int(one["id"]), index) for index in range(1, size + 1) for one in FOUR_IMAGES[: 1 if index < 3 else 2]]
    records = [mark(number, image_id, index) for number, (image_id, index) in enumerate(marks, 1)]
    dataset = make_dataset([*FOUR_IMAGES, image(50)], records, categories)
    names = dataset.category_names
    table = combination_table(candidates_of(dataset), Selection(classes=names[::-1]))
    assert table.left_out == ("c02", "c01")
    assert counts(table) == {names[:1:-1]: 2}


@pytest.mark.parametrize(
    ("classes", "of", "left_out", "said"),
    [
        (
            ("bus", "person"),
            ("bus", "person", "car"),
            (),
            "84 images have bus and person and no other of your classes.",
        ),
        (("bus",), ("bus", "person"), (), "84 images have bus and no other of your classes."),
        (("bus", "car"), ("bus", "car"), (), "84 images have both bus and car."),
        (("a", "b", "c"), ("a", "b", "c"), (), "84 images have all 3: a, b and c."),
        (("bus",), ("bus",), (), "84 images have bus."),
        (("a", "b"), ("a", "b"), ("z",), "84 images have a and b and no other of the 2 classes shown."),
    ],
)
def test_a_combination_is_a_sentence(
    classes: tuple[str, ...], of: tuple[str, ...], left_out: tuple[str, ...], said: str
) -> None:
    combination = Combination(classes=classes, image_count=84)
    table = CombinationTable(classes=of, image_counts=(90,) * len(of), left_out=left_out, combinations=(combination,))
    assert combination_sentence(combination, table) == said


def test_one_image_is_told_in_the_singular() -> None:
    combination = Combination(classes=("bus",), image_count=1)
    table = CombinationTable(classes=("bus", "car"), image_counts=(1, 0), left_out=(), combinations=(combination,))
    assert combination_sentence(combination, table) == "1 image has bus and no other of your classes."


def test_names_are_listed_as_in_a_sentence() -> None:
    assert [join_names(names) for names in (("a",), ("a", "b"), ("a", "b", "c"))] == ["a", "a and b", "a, b and c"]


@pytest.mark.real
def test_real_images_agree_with_an_independent_count(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder)
    wanted = ("person", "car", "bus", "traffic light", "chair", "cup")
    expected: Counter[tuple[str, ...]] = Counter()
    for split in dataset.splits:
        held: dict[int, set[str]] = {}
        columns = split.annotations
        for place, kind in zip(columns.image_index.tolist(), columns.category_index.tolist(), strict=True):
            held.setdefault(place, set()).add(dataset.category_names[kind])
        expected.update(tuple(name for name in wanted if name in names) for names in held.values())
    expected.pop((), None)
    table = combination_table(candidates_of(dataset), Selection(classes=wanted))
    assert counts(table) == dict(expected)
    assert np.all(np.diff([each.image_count for each in table.combinations]) <= 0)
