"""Choices near one with few images: their counts by law, the best one by brute force, their words by hand."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from candidates import candidates_of
from datasets import MakeDataset
from drawn_datasets import dataset_with
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CATEGORIES, CUP, DOG, annotation, image

from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.advice.too_few_images import (
    alternative_selections,
    any_of,
    is_too_few,
    limiting_conditions,
    most_that_meet,
    widest,
)
from cocomine.mining.selection.selection import Mode, Selection, select

NAMES = ("cat", "dog", "cup")
OUT = st.lists(st.sampled_from([11, 7, 42, 30]), unique=True).map(lambda ids: [("all2017", each) for each in ids])
HELD = st.lists(st.lists(st.booleans(), min_size=5, max_size=5).filter(any), min_size=1, max_size=12).map(np.array)


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    states = [draw(st.sampled_from(["select", "exclude", "leave"])) for _ in NAMES]
    return Selection(
        classes=tuple(name for name, state in zip(NAMES, states, strict=True) if state == "select"),
        excluded_classes=tuple(name for name, state in zip(NAMES, states, strict=True) if state == "exclude"),
        mode=draw(st.sampled_from(Mode)),
        licences=draw(st.sampled_from([None, (), ("Attribution License",)])),
    )


@given(selection=selections(), out=OUT)
def test_a_choice_gives_what_it_says_and_more_than_now(
    four_images: Dataset, selection: Selection, out: list[tuple[str, int]]
) -> None:
    now = select(four_images, selection, out).image_count
    for choice in alternative_selections(candidates_of(four_images, out), selection):
        assert choice.image_count == select(four_images, choice.selection, out).image_count > now
        assert f" {choice.image_count} image" in choice.sentence


@given(selection=selections(), out=OUT)
def test_where_few_images_fit_there_is_a_choice_and_a_reason_and_else_neither(
    four_images: Dataset, selection: Selection, out: list[tuple[str, int]]
) -> None:
    candidates = candidates_of(four_images, out)
    few = is_too_few(candidates.image_count(selection), of=candidates.image_count(widest(selection)))
    assert bool(alternative_selections(candidates, selection)) == few
    assert bool(limiting_conditions(candidates, selection)) == few


@given(selection=selections())
def test_the_same_choice_is_not_offered_twice(four_images: Dataset, selection: Selection) -> None:
    offered = [choice.selection for choice in alternative_selections(candidates_of(four_images), selection)]
    assert len(set(offered)) == len(offered)
    assert selection not in offered


@pytest.mark.parametrize("mode", Mode)
def test_an_empty_choice_is_near_to_nothing(four_images: Dataset, mode: Mode) -> None:
    selection = Selection(excluded_classes=("dog",), mode=mode)
    assert alternative_selections(candidates_of(four_images), selection) == []
    assert limiting_conditions(candidates_of(four_images), selection) == ""


@given(held=HELD)
def test_the_most_that_meet_are_the_best_of_all_smaller_sets(held: Bools) -> None:
    size = held.shape[1]
    best = most_that_meet(held, list(range(size)))
    by_size = {
        number: max(int(held[:, each].all(axis=1).sum()) for each in map(list, combinations(range(size), number)))
        for number in range(1, size)
    }
    largest = max((number for number, count in by_size.items() if count), default=0)
    assert len(best) == largest
    assert held[:, best].all(axis=1).sum() == by_size[largest]


@pytest.mark.parametrize(
    ("count", "of", "few"),
    [(0, 0, False), (0, 1, True), (19, 38, True), (19, 37, False), (20, 900, False), (99, 10_000, True)],
)
def test_few_is_measured_against_the_widest_choice(count: int, of: int, few: bool) -> None:
    assert is_too_few(count, of=of) == few


def sentences(dataset: Dataset, selection: Selection) -> tuple[str, list[str]]:
    candidates = candidates_of(dataset)
    return limiting_conditions(candidates, selection), [
        each.sentence for each in alternative_selections(candidates, selection)
    ]


def test_all_of_three_classes_by_hand(four_images: Dataset) -> None:
    assert sentences(four_images, Selection(classes=NAMES, mode=Mode.ALL)) == (
        "No image contains all 3 selected classes: at most 2 of them appear together.",
        [
            "Remove cup: 1 image with cat and dog.",
            "Remove dog and cup: 2 images with cat.",
            "Keep images with any selected class: 3 images.",
        ],
    )


def test_only_one_class_by_hand(four_images: Dataset) -> None:
    assert sentences(four_images, Selection(classes=("cat",), mode=Mode.ONLY)) == (
        "All 2 images with cat contain other classes: dog is in 1, cup in 1.",
        [
            "Include cup: 2 images, 1 of them with cat.",
            "Include cup and dog: 3 images, 2 of them with cat.",
            "Keep images with any selected class and exclude dog: 1 image.",
            "Keep images with any selected class: 2 images.",
        ],
    )


def test_an_excluded_class_by_hand(four_images: Dataset) -> None:
    assert sentences(four_images, Selection(classes=("cat",), excluded_classes=("dog", "cup"))) == (
        "The excluded classes leave 0 of 2 images with cat: dog is in 1, cup in 1.",
        ["Stop excluding cup: 1 image.", "Stop excluding cup and dog: 2 images."],
    )


def test_a_licence_by_hand(four_images: Dataset) -> None:
    assert sentences(four_images, Selection(classes=("cup",), licences=())) == (
        "The allowed licences leave 0 of 2 images with cup.",
        ["Allow all licences: 2 images."],
    )


def test_when_no_single_change_helps_the_widest_choice_is_offered(four_images: Dataset) -> None:
    selection = Selection(classes=("cat",), excluded_classes=("dog", "cup"), licences=(), mode=Mode.ALL)
    (choice,) = alternative_selections(candidates_of(four_images), selection)
    assert choice.selection == replace(selection, mode=Mode.ANY, excluded_classes=(), licences=None)
    assert choice.sentence.endswith("exclude none and allow all licences: 2 images.")


@pytest.fixture
def crowded(make_dataset: MakeDataset) -> Callable[[int], Dataset]:
    """Images with cat and dog, as many with cat, dog and cup, and one with cat alone."""

    def make(many: int) -> Dataset:
        held = [(CAT, DOG)] * many + [(CAT, DOG, CUP)] * many + [(CAT,)]
        marks = [(number, each) for number, classes in enumerate(held, 1) for each in classes]
        records = [annotation(at, *mark) for at, mark in enumerate(marks, 1)]
        return make_dataset([image(at) for at in range(1, len(held) + 1)], records, CATEGORIES, pictures=False)

    return make


def test_the_class_that_keeps_most_images_out_is_let_in_first(crowded: Callable[[int], Dataset]) -> None:
    reason, offered = sentences(crowded(30), Selection(classes=("cat",), mode=Mode.ONLY))
    assert reason == "Only 1 of 61 images with cat contains no other class: dog is in 60, cup in 30."
    assert offered[0] == "Include dog: 31 images."
    assert "Include dog and cup" not in " ".join(offered)  # one step is enough
    assert "Keep images with any selected class and exclude dog: 1 image." not in offered  # no more than now


def test_a_class_that_keeps_images_out_alone_is_let_in_before_one_in_more_images() -> None:
    _, offered = sentences(dataset_with({"cat dog": 5, "cat cup bus": 8}), Selection(classes=("cat",), mode=Mode.ONLY))
    assert offered[0] == "Include dog: 5 images."


@pytest.mark.parametrize(
    ("many", "reason"),
    [
        (1, "Only 1 of 3 images with cat or cup contains both: cup is in 1."),
        (2, "Only 2 of 5 images with cat or cup contain both: cup is in 2."),
        (3, "Only 3 of 7 images with cat or cup contain both: cup is in 3."),
    ],
)
def test_two_classes_are_both(crowded: Callable[[int], Dataset], many: int, reason: str) -> None:
    assert sentences(crowded(many), Selection(classes=("cat", "cup"), mode=Mode.ALL))[0] == reason


def test_classes_that_never_meet_are_told_so(make_dataset: MakeDataset) -> None:
    marks = [annotation(at, at, kind) for at, kind in enumerate((CAT, DOG, CUP), 1)]
    reason = partial(sentences, make_dataset([image(1), image(2), image(3)], marks))
    assert reason(Selection(classes=NAMES, mode=Mode.ALL))[0] == (
        "No image contains all 3 selected classes: no two of them appear together."
    )
    assert reason(Selection(classes=("cat", "cup"), mode=Mode.ALL))[0] == "No image contains both cat and cup."


def test_one_image_that_contains_another_class_is_told_as_one(make_dataset: MakeDataset) -> None:
    marks = [annotation(1, 1, CAT), annotation(2, 1, DOG)]
    reason = sentences(make_dataset([image(1), image(2)], marks), Selection(classes=("cat",), mode=Mode.ONLY))[0]
    assert reason == "The one image with cat contains other classes: dog is in 1."


@pytest.mark.parametrize(
    ("dogs", "cups", "reason"),
    [
        (
            10,
            85,
            "The excluded classes leave 90 of 100 images with cat: dog is in 10. "
            "Only 5 of 90 images with cat contain no other class: cup is in 85.",
        ),
        (9, 86, "Only 5 of 91 images with cat contain no other class: cup is in 86."),
        (
            30,
            65,
            "The excluded classes leave 70 of 100 images with cat: dog is in 30. "
            "Only 5 of 70 images with cat contain no other class: cup is in 65.",
        ),
        (
            90,
            5,
            "The excluded classes leave 10 of 100 images with cat: dog is in 90. "
            "Only 5 of 10 images with cat contain no other class: cup is in 5.",
        ),
        (90, 4, "The excluded classes leave 10 of 100 images with cat: dog is in 90."),
    ],
)
def test_what_removes_a_tenth_of_all_images_or_half_of_those_left_is_named(dogs: int, cups: int, reason: str) -> None:
    dataset = dataset_with({"cat dog": dogs, "cat cup": cups, "cat": 100 - dogs - cups})
    selection = Selection(classes=("cat",), excluded_classes=("dog",), mode=Mode.ONLY)
    assert sentences(dataset, selection)[0] == reason


def test_three_classes_are_named_and_four_are_your_classes() -> None:
    assert [any_of(("bus", "car", "cat", "dog")[:count]) for count in (1, 2, 3, 4)] == [
        "bus",
        "bus or car",
        "bus, car or cat",
        "your classes",
    ]


def test_how_many_classes_meet_at_most_is_told_however_many_images_each_has() -> None:
    reason, _ = sentences(dataset_with({"cat dog": 3, "cup": 4}), Selection(classes=NAMES, mode=Mode.ALL))
    assert reason == "No image contains all 3 selected classes: at most 2 of them appear together."


def test_at_most_two_excluded_classes_are_allowed_again_at_once() -> None:
    selection = Selection(classes=("cat",), excluded_classes=("dog", "cup", "bus", "kite"))
    _, offered = sentences(dataset_with({"cat dog": 3, "cat cup": 3, "cat bus": 3, "cat kite": 3}), selection)
    assert offered == ["Stop excluding kite: 3 images.", "Stop excluding kite and bus: 6 images."]


def test_the_three_strongest_companions_are_excluded_where_that_leaves_images_enough() -> None:
    dataset = dataset_with({"cat dog": 40, "cat cup": 30, "cat bus": 30, "cat kite": 30, "cat": 10})
    _, offered = sentences(dataset, Selection(classes=("cat",), mode=Mode.ONLY))
    assert "Keep images with any selected class and exclude dog, cup and bus: 40 images." in offered


@pytest.mark.real
def test_real_choices_give_what_they_say(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder)
    for mode in Mode:
        for classes in [("bus",), ("giraffe", "bus", "broccoli", "laptop"), ("person", "car", "truck", "bus", "chair")]:
            selection = Selection(classes=classes, mode=mode, excluded_classes=("cup", "dining table"))
            for choice in alternative_selections(candidates_of(dataset), selection):
                assert choice.image_count == select(dataset, choice.selection).image_count
