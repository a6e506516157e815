"""A published number stands beside a run only where every condition is the same."""

from itertools import combinations
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from run_folders import EVALUATION, INFO

from cocomine.claim.cards import (
    BUILT_IN,
    KEYS,
    MOST_WORDS,
    WITH_BACKGROUND,
    Card,
    Conditions,
    Key,
    comparability,
    read_card,
    read_cards,
    run_conditions,
)
from cocomine.errors import ClaimError
from cocomine.training.runs.expectation import CURVES

RUN = Conditions(
    data="COCO 2017", split="val2017", images=5000, classes=("bus", "car"), measure=WITH_BACKGROUND, input="512 px"
)
CARD = Card(result="a network", value=61.5, source="somewhere", **msgspec.structs.asdict(RUN))
OTHER: dict[Key, object] = {
    "data": "COCO-Stuff-10K",
    "split": "test",
    "images": 1000,
    "classes": ("bus", "car", "person"),
    "measure": "mIoU of all classes",
    "input": "128 px",
}
BUILT_IN_CARDS = read_cards().cards
TABLE_ONE = (37.1, 50.0, 89.6)
"""Of the paper, which sets them side by side."""


def changed(card: Card, key: Key, value: object) -> Card:
    return msgspec.structs.replace(card, **{key: value})


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_card_is_solid_where_every_condition_is_that_of_the_run() -> None:
    assert comparability(CARD, RUN) == []


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("is_stated", [True, False])
def test_a_card_never_matches_a_run_that_differs_in_one_key(key: Key, is_stated: bool) -> None:
    (found,) = comparability(changed(CARD, key, OTHER[key] if is_stated else None), RUN)
    assert found.key == key
    assert comparability(CARD, msgspec.structs.replace(RUN, **{key: None}))[0].key == key


def test_capitals_and_the_order_of_classes_make_no_difference() -> None:
    assert comparability(changed(changed(CARD, "data", "coco  2017"), "classes", ("Car", "bus")), RUN) == []
    (found,) = comparability(changed(CARD, "classes", ("bus", "train")), RUN)
    assert found.words == "other classes"


texts = st.text(min_size=1, max_size=40)


@settings(max_examples=30)
@given(data=texts, split=texts, measure=texts, names=st.lists(texts, min_size=1, max_size=4))
def test_what_differs_is_said_in_at_most_eight_words(data: str, split: str, measure: str, names: list[str]) -> None:
    other = Conditions(data=data, split=split, images=1449, classes=tuple(names), measure=measure, input="9 px or so")
    assert all(len(each.words.split()) <= MOST_WORDS for each in comparability(CARD, other))


def test_the_project_has_a_card_of_each_number_and_none_is_damaged() -> None:
    assert read_cards().faults == ()
    values = [card.value for card in BUILT_IN_CARDS]
    points = [round(100 * value, 1) for curve in CURVES for _, value in curve.points]
    assert len(values) == len(list(BUILT_IN.iterdir())) == 26
    assert not {*TABLE_ONE, *points} - {*values}
    assert all(card.source for card in BUILT_IN_CARDS)


def test_the_numbers_of_table_one_measure_different_things() -> None:
    """None of the three matches another's conditions, and none those of any run of ours."""
    table = [card for card in BUILT_IN_CARDS if card.value in TABLE_ONE]
    assert len(table) == 3
    for first, second in combinations(table, 2):
        assert comparability(first, second)
        assert comparability(second, first)
    for card in table:
        assert {"classes", "measure"} <= {each.key for each in comparability(card, RUN)}


def test_a_number_whose_conditions_are_stated_matches_itself_alone_where_its_classes_are_named() -> None:
    torchvision = [card for card in BUILT_IN_CARDS if "torchvision" in card.source]
    assert len(torchvision) == 6
    assert all(comparability(first, second) == [] for first, second in combinations(torchvision, 2))
    assert all(comparability(torchvision[0], card) for card in BUILT_IN_CARDS if card not in torchvision)


def test_own_cards_come_after_those_of_the_project_and_a_damaged_one_costs_itself(tmp_path: Path) -> None:
    write(tmp_path, yaml.safe_dump({**msgspec.to_builtins(CARD), "classes": ["bus", "car"]}))
    (tmp_path / "broken.yaml").write_text("[", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no card", encoding="utf-8")
    found = read_cards(tmp_path)
    assert found.cards == (*BUILT_IN_CARDS, CARD)
    assert len(found.faults) == 1
    assert found.faults[0].startswith("broken.yaml: the card cannot be read")
    assert read_cards(tmp_path / "nowhere").cards == BUILT_IN_CARDS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value": "high"}, "mine.yaml: the key “value” is wrong: Expected `float`, got `str`. Correct it."),
        ({"value": 120}, "the key “value” is wrong"),
        ({"images": 0}, "the key “images” is wrong"),
        ({"remark": "good"}, "mine.yaml: a card has no key remark. Its keys are classes, data"),
        ({"source": ...}, "mine.yaml: the card has no source. Add it; null is for what the source does not state."),
    ],
)
def test_a_damaged_card_is_refused_with_its_file_and_key(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    value = {**msgspec.to_builtins(CARD), "classes": ["bus"], **change}
    path = write(tmp_path, yaml.safe_dump({key: each for key, each in value.items() if each is not ...}))
    with pytest.raises(ClaimError) as error:
        read_card(path)
    assert message in str(error.value)


def test_what_is_no_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match=r"mine.yaml: this is no card. Write one line for each key: classes, data"):
        read_card(write(tmp_path, "- 89.6"))
    with pytest.raises(ClaimError, match=r"mine.yaml: the card cannot be read"):
        read_card(write(tmp_path, "a: [1"))


def test_the_conditions_of_a_run_are_those_of_its_number() -> None:
    found = run_conditions(INFO, EVALUATION, WITH_BACKGROUND)
    assert (found.split, found.images, found.measure) == (INFO.val_split, EVALUATION.image_count, WITH_BACKGROUND)
    assert found.classes == tuple(label.name for label in INFO.selected_labels)
    assert found.input == f"{INFO.size_px} px"
    assert found.data == (INFO.dataset or None)
