"""What becomes of the rest: the four images by hand, laws over every selection."""

import math
from pathlib import Path

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CUP, HEIGHT, WIDTH, Record, annotation, crowd, image

from cocomine.coco import pieces
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.selection.other_classes import (
    Amount,
    OtherClasses,
    crowd_sentence,
    other_classes,
    policy_sentence,
    summable_areas,
)
from cocomine.mining.selection.selection import Mode, Others, Selection, select

CHOICES = st.lists(st.sampled_from(["cat", "dog", "cup"]), unique=True).map(tuple)


def rest_of(dataset: Dataset, *classes: str, excluded_classes: tuple[str, ...] = ()) -> OtherClasses:
    return other_classes(select(dataset, Selection(classes=classes, excluded_classes=excluded_classes)))


def test_areas_below_nothing_or_without_an_end_are_not_summed() -> None:
    areas_px = np.array([0.0, 0.5, -0.5, np.nan, np.inf])
    assert summable_areas(areas_px).tolist() == [True, True, False, False, False]


def test_the_four_images_by_hand(four_images: Dataset) -> None:
    rest = rest_of(four_images, "cat")
    assert rest.selected == Amount(object_count=2, area_px=24 + 25)
    assert rest.by_class == {
        "cup": Amount(object_count=1, area_px=4),
        "dog": Amount(crowd_count=1),
    }
    assert rest.image_area_px == 2 * WIDTH * HEIGHT
    assert rest.dilution_by_objects == pytest.approx(1 / 3)
    assert rest.dilution_by_pixels == pytest.approx(4 / 53)
    assert rest.share_of_images == pytest.approx(4 / 400)


def test_pieces_do_not_change_a_sum(monkeypatch: pytest.MonkeyPatch, make_dataset: MakeDataset) -> None:
    areas = [0.1, 1e308, 0.7, -1, 1e4, 3, 0.3, 1e308, 0.4, 7.7]  # the sum of the even ones depends on their order
    of_classes = ((CAT, CUP)[number % 2] for number in range(30))
    records = [annotation(number, 1, each, area=areas[number % 10]) for number, each in enumerate(of_classes, 1)]
    dataset = make_dataset([image(1)], [*records, crowd(31, 1, CUP)])
    whole = rest_of(dataset, "cat")
    monkeypatch.setattr(pieces, "PIECE_ROWS", 3)
    assert rest_of(dataset, "cat") == whole
    assert whole.selected == Amount(object_count=15, area_px=math.inf, unknown_area_count=3)
    assert whole.total.area_px == pytest.approx(30_004.5)


@pytest.mark.parametrize("policy", Others)
def test_a_crowd_of_a_picked_class_is_ignored_under_every_policy(four_images: Dataset, policy: Others) -> None:
    assert crowd_sentence(rest_of(four_images, "cat", "dog"), policy) == "1 crowd region is ignored."


@pytest.mark.parametrize("policy", Others)
def test_a_crowd_of_another_class_is_ignored_unless_it_is_background(four_images: Dataset, policy: Others) -> None:
    becomes = "becomes background" if policy is Others.BACKGROUND else "is ignored"
    assert crowd_sentence(rest_of(four_images, "cat"), policy) == f"1 crowd region {becomes}."


def test_crowds_of_selected_and_of_other_classes_are_added_up(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT), crowd(2, 1, CAT), crowd(3, 1, CUP)]
    rest = rest_of(make_dataset([image(1)], records), "cat")
    assert crowd_sentence(rest, Others.IGNORE) == "2 crowd regions are ignored."
    assert crowd_sentence(rest, Others.BACKGROUND) == "1 crowd region becomes background, 1 crowd region is ignored."


@pytest.mark.parametrize(
    ("others", "sentence"),
    [(0, "0 objects become background"), (1, "1 object becomes background"), (2, "2 objects become background")],
)
def test_what_becomes_of_the_others_is_told_with_their_number(
    make_dataset: MakeDataset, others: int, sentence: str
) -> None:
    records = [annotation(1, 1, CAT), *(annotation(at, 1, CUP) for at in range(2, 2 + others))]
    assert policy_sentence(rest_of(make_dataset([image(1)], records), "cat"), Others.BACKGROUND) == sentence


@given(classes=CHOICES, mode=st.sampled_from(Mode), policy=st.sampled_from(Others))
def test_every_annotation_of_the_images_is_selected_or_other(
    four_images: Dataset, classes: tuple[str, ...], mode: Mode, policy: Others
) -> None:
    subset = select(four_images, Selection(classes=classes, mode=mode, others=policy))
    rest = other_classes(subset)
    whole = Amount.sum_of([rest.selected, rest.total])
    (part,) = subset.parts
    columns = part.split.annotations
    inside = np.isin(columns.image_index, part.image_index)
    assert whole.object_count + whole.crowd_count == inside.sum()
    assert whole.area_px == pytest.approx(columns.areas_px[inside & ~columns.is_crowd].sum())


@given(classes=CHOICES, mode=st.sampled_from(Mode), policy=st.sampled_from(Others))
def test_counts_and_dilution_are_those_of_the_subset(
    four_images: Dataset, classes: tuple[str, ...], mode: Mode, policy: Others
) -> None:
    subset = select(four_images, Selection(classes=classes, mode=mode, others=policy))
    rest = other_classes(subset)
    assert rest.selected.object_count == subset.instance_count
    (part,) = subset.parts
    columns = part.split.annotations
    named = [four_images.category_index_of(name) for name in classes]
    inside = np.isin(columns.image_index, part.image_index) & np.isin(columns.category_index, named)
    assert rest.selected.crowd_count == (inside & columns.is_crowd).sum()
    assert rest.total.object_count == subset.other_instance_count
    objects = subset.instance_count + subset.other_instance_count
    assert rest.dilution_by_objects == pytest.approx(subset.other_instance_count / max(objects, 1))


def test_a_forbidden_class_has_no_part_in_it(four_images: Dataset) -> None:
    assert rest_of(four_images, "cat", excluded_classes=("dog",)).by_class.keys() == {"cup"}


def test_an_empty_choice_has_no_rest(four_images: Dataset) -> None:
    rest = rest_of(four_images)
    assert rest == OtherClasses(selected_by_class={}, by_class={}, image_area_px=0.0)
    assert (rest.dilution_by_objects, rest.dilution_by_pixels, rest.share_of_images) == (0, 0, 0)


def test_areas_that_are_not_known_are_counted_apart(make_dataset: MakeDataset) -> None:
    nothing: Record = {"bbox": None, "area": None}
    records = [
        annotation(1, 1, CAT, (0, 0, 5, 5)),
        annotation(2, 1, CAT) | nothing,
        annotation(3, 1, CUP) | nothing,
        annotation(4, 1, CUP, area=-7),
        annotation(5, 1, CUP, (0, 0, 3, 3), area=None),  # its box stands in
        crowd(6, 1, CUP) | nothing,
    ]
    rest = rest_of(make_dataset([image(1)], records), "cat")
    assert rest.selected == Amount(object_count=2, area_px=25, unknown_area_count=1)
    assert rest.total == Amount(object_count=3, area_px=9, unknown_area_count=2, crowd_count=1)


def test_the_other_classes_come_by_their_pixels(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT), annotation(2, 1, CUP, (0, 0, 2, 2)), annotation(3, 1, 3, (0, 0, 6, 6))]
    assert list(rest_of(make_dataset([image(1)], records), "cat").by_class) == ["dog", "cup"]


def test_of_classes_with_as_many_pixels_the_one_with_more_objects_comes_first(make_dataset: MakeDataset) -> None:
    two_cups = [annotation(at, 1, CUP, (0, 0, 2, 4)) for at in (2, 3)]
    records = [annotation(1, 1, CAT), *two_cups, annotation(4, 1, 3, (0, 0, 4, 4))]
    assert list(rest_of(make_dataset([image(1)], records), "cat").by_class) == ["cup", "dog"]


@pytest.mark.real
def test_real_pixels_agree_with_a_loop_over_annotations(coco_folder: Path) -> None:
    subset = select(open_dataset(coco_folder), Selection(classes=("bus", "laptop")))
    expected: dict[str, float] = {}
    for part in subset.parts:
        columns, inside = part.split.annotations, set(part.image_index.tolist())
        for place in range(len(columns)):
            if columns.image_index[place] in inside and not columns.is_crowd[place]:
                name = subset.dataset.category_names[columns.category_index[place]]
                expected[name] = expected.get(name, 0.0) + columns.areas_px[place]
    rest = other_classes(subset)
    assert rest.selected.area_px == pytest.approx(expected.pop("bus") + expected.pop("laptop"))
    assert {name: pytest.approx(amount.area_px) for name, amount in rest.by_class.items() if amount.object_count} == (
        expected
    )
