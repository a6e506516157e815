"""Which mask value stands for which categories, under each policy for the others."""

import json

import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CUP, DOG, category

from cocomine.coco.dataset import Dataset
from cocomine.errors import ExportError, SelectionError
from cocomine.labels.table import Label, LabelTable, class_table, label_table, label_table_from_json
from cocomine.mining.selection.selection import Others, Selection


def names(table: LabelTable) -> list[tuple[int, str, tuple[int, ...], bool]]:
    return [(label.label, label.name, label.category_ids, label.selected) for label in table.labels]


BACKGROUND = (0, "background", (), False)


def test_picked_classes_are_1_to_n_in_the_order_they_were_picked(four_images: Dataset) -> None:
    table = label_table(four_images, Selection(classes=("cup", "cat")))
    assert names(table) == [BACKGROUND, (1, "cup", (CUP,), True), (2, "cat", (CAT,), True)]
    assert table.label_of_category == {CUP: 1, CAT: 2}


def test_others_that_are_kept_follow_in_the_order_of_the_dataset(four_images: Dataset) -> None:
    table = label_table(four_images, Selection(classes=("cup",), others=Others.KEEP))
    expected = [BACKGROUND, (1, "cup", (CUP,), True), (2, "cat", (CAT,), False), (3, "dog", (DOG,), False)]
    assert names(table) == expected


def test_others_that_are_merged_share_one_label(four_images: Dataset) -> None:
    table = label_table(four_images, Selection(classes=("cup",), others=Others.MERGE))
    assert names(table) == [BACKGROUND, (1, "cup", (CUP,), True), (2, "other", (CAT, DOG), False)]
    assert table.label_of_category == {CUP: 1, CAT: 2, DOG: 2, CUP + 1: 2}
    assert table.merged_category_id == CUP + 1


def test_with_nothing_to_merge_there_is_no_class_other(four_images: Dataset) -> None:
    table = label_table(four_images, Selection(classes=("cup", "cat", "dog"), others=Others.MERGE))
    assert [label.name for label in table.labels] == ["background", "cup", "cat", "dog"]


def test_others_that_are_ignored_are_255(four_images: Dataset) -> None:
    table = label_table(four_images, Selection(classes=("cup",), others=Others.IGNORE))
    assert names(table) == [BACKGROUND, (1, "cup", (CUP,), True)]
    assert table.label_of_category == {CUP: 1, CAT: 255, DOG: 255}


@given(selected=st.lists(st.sampled_from(["cat", "dog", "cup"]), unique=True), others=st.sampled_from(Others))
def test_a_table_read_from_its_json_is_the_same(four_images: Dataset, selected: list[str], others: Others) -> None:
    table = label_table(four_images, Selection(classes=tuple(selected), others=others))
    assert label_table_from_json(json.loads(json.dumps(table.as_json(size_px=64)))) == table


@given(selected=st.lists(st.sampled_from(["cat", "dog", "cup"]), unique=True), others=st.sampled_from(Others))
def test_values_rise_by_one_from_the_background(four_images: Dataset, selected: list[str], others: Others) -> None:
    table = label_table(four_images, Selection(classes=tuple(selected), others=others))
    assert [label.label for label in table.labels] == list(range(len(table.labels)))


def test_a_class_has_the_same_colour_in_every_selection(four_images: Dataset) -> None:
    def colour_of_cup(selection: Selection) -> str:
        found: list[Label] = [label for label in label_table(four_images, selection).labels if label.name == "cup"]
        return found[0].colour

    assert colour_of_cup(Selection(classes=("cup",))) == colour_of_cup(Selection(classes=("cat", "cup", "dog")))


def test_the_json_says_the_size_and_the_rule(four_images: Dataset) -> None:
    value = label_table(four_images, Selection(classes=("cup",))).as_json(size_px=64)
    assert (value["size_px"], value["background_label"], value["ignored_label"]) == (64, 0, 255)
    assert value["rule"].startswith("Smaller objects lie over larger ones")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("cat", "dog"), ["background", "cat", "other"]),
        (("other", "dog"), ["background", "other", "other (merged)"]),
        (("Other ", "dog"), ["background", "Other ", "other (merged)"]),
        (("background", "dog"), ["background (no object)", "background", "other"]),
        (("dog", "other"), ["background", "dog", "other"]),
    ],
)
def test_no_two_labels_have_one_name(make_dataset: MakeDataset, names: tuple[str, str], expected: list[str]) -> None:
    dataset = make_dataset(categories=[category(CAT, names[0]), category(DOG, names[1]), category(CUP, "cup")])
    table = label_table(dataset, Selection(classes=names[:1], others=Others.MERGE))
    assert [label.name for label in table.labels] == expected


def test_a_class_called_other_is_told_from_the_merged_others_even_twice(make_dataset: MakeDataset) -> None:
    names = ("other", "other (merged)", "dog")
    dataset = make_dataset(categories=[category(index + 1, name) for index, name in enumerate(names)], annotations=[])
    table = label_table(dataset, Selection(classes=names[:2], others=Others.MERGE))
    assert [label.name for label in table.labels][1:] == [*names[:2], "other (merged) (merged)"]


def test_253_classes_have_room_beside_the_merged_others(make_dataset: MakeDataset) -> None:
    categories = [category(index, f"c{index}") for index in range(300)]
    dataset = make_dataset([], [], categories)
    selected = tuple(f"c{index}" for index in range(253))
    table = label_table(dataset, Selection(classes=selected, others=Others.MERGE))
    assert table.labels[-1].label == 254


@pytest.mark.parametrize("others", [Others.KEEP, Others.BACKGROUND])
def test_more_classes_than_values_are_an_error(make_dataset: MakeDataset, others: Others) -> None:
    dataset = make_dataset([], [], [category(index, f"c{index}") for index in range(255)])
    selected = ("c0",) if others is Others.KEEP else dataset.category_names
    with pytest.raises(
        ExportError, match=r"255 classes need a label .* room for 254. Select fewer classes.* without label"
    ):
        label_table(dataset, Selection(classes=selected, others=others))


def test_without_mask_values_there_is_room_for_every_class(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([], [], [category(index, f"c{index}") for index in range(1203)])
    table = class_table(dataset, Selection(classes=dataset.category_names))
    assert [table.class_index_of_category[index] for index in range(1203)] == list(range(1203))


def test_an_unknown_class_is_an_error(four_images: Dataset) -> None:
    with pytest.raises(SelectionError, match="no category 'mug'"):
        label_table(four_images, Selection(classes=("mug",)))


def test_a_table_that_calls_the_selected_classes_by_their_former_word_is_read(four_images: Dataset) -> None:
    table = label_table(four_images, Selection(classes=("cat",), others=Others.MERGE))
    value = table.as_json(size_px=128)
    for entry in value["labels"]:
        entry["picked"] = entry.pop("selected")
    assert label_table_from_json(value) == table


@pytest.mark.parametrize(("largest", "merged"), [(9, 10), (2**31 - 2, 2**31 - 1), (2**31 - 1, 1)])
def test_merged_classes_get_the_id_after_the_largest_where_other_programs_can_hold_it(
    make_dataset: MakeDataset, largest: int, merged: int
) -> None:
    dataset = make_dataset([], [], [category(2, "cat"), category(largest, "dog")])
    table = label_table(dataset, Selection(classes=("cat",), others=Others.MERGE))
    assert table.merged_category_id == merged
