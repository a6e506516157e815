"""Grouping and taking apart change the rest of a selection as little as they can."""

import pytest
from drawn_datasets import NAMES, limited_selections
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.class_groups import ClassGroup
from cocomine.errors import SelectionError
from cocomine.mining.selection.editing import with_group, without_group
from cocomine.mining.selection.limits import Limits
from cocomine.mining.selection.lines import groups_from_line, groups_to_line, limits_from_line, limits_to_line
from cocomine.mining.selection.selection import Selection
from cocomine.mining.selection.serialisation import selection_from_text, selection_text


def test_a_group_takes_the_place_of_its_first_class_that_was_included() -> None:
    before = Selection(classes=("cup", "dog", "kite", "cat"), excluded_classes=("bus",))
    after = with_group(before, "pet", ("cat", "dog"))
    assert (after.classes, after.excluded_classes) == (("cup", "pet", "kite"), ("bus",))
    assert without_group(after, "pet").classes == ("cup", "cat", "dog", "kite")


def test_a_group_is_excluded_where_one_of_its_classes_was_and_none_included() -> None:
    before = Selection(classes=("cup",), excluded_classes=("dog", "bus"))
    assert with_group(before, "pet", ("cat", "dog")).excluded_classes == ("bus", "pet")
    both = with_group(before, "mix", ("cup", "dog"))
    assert (both.classes, both.excluded_classes) == (("mix",), ("bus",))


def test_groups_in_a_group_are_flattened() -> None:
    pets = with_group(Selection(), "pet", ("cat", "dog"))
    assert with_group(pets, "all", ("cup", "pet")).groups == (ClassGroup(name="all", members=("cup", "cat", "dog")),)
    assert with_group(pets, "animal", ("pet",)).groups == (ClassGroup(name="animal", members=("cat", "dog")),)


def test_a_name_that_another_group_has_is_refused() -> None:
    pets = with_group(Selection(), "pet", ("cat", "dog"))
    with pytest.raises(SelectionError, match="pet: the name of two groups"):
        with_group(pets, "pet", ("cup", "bus"))


def test_a_member_cannot_be_selected_beside_its_group() -> None:
    pets = ClassGroup(name="pet", members=("cat", "dog"))
    with pytest.raises(SelectionError, match=r"cat is part of the group pet\. Choose pet"):
        Selection(classes=("cat",), groups=(pets,))
    with pytest.raises(SelectionError, match="dog is part of the group pet"):
        Selection(excluded_classes=("dog",), groups=(pets,))


@given(selection=limited_selections(draws=True))
def test_a_file_and_a_link_carry_groups_and_limits(selection: Selection) -> None:
    assert selection_from_text(selection_text(selection)) == selection
    assert groups_from_line(groups_to_line(selection.groups)) == selection.groups
    assert limits_from_line(limits_to_line(selection.limits)) == selection.limits


@given(name=st.text(min_size=1).filter(str.strip), members=st.lists(st.text(min_size=1), min_size=2, unique=True))
def test_any_names_come_through_a_link(name: str, members: list[str]) -> None:
    groups = (ClassGroup(name=name, members=tuple(members)),)
    assert groups_from_line(groups_to_line(groups)) == groups


@pytest.mark.parametrize("selection", [Selection(), Selection(classes=NAMES, licences=("free",))])
def test_without_groups_and_limits_a_file_is_of_the_first_version(selection: Selection) -> None:
    text = selection_text(selection)
    assert text.startswith("cocomine_selection: 1\n")
    assert "groups" not in text
    assert "limits" not in text


def test_with_either_a_file_is_of_the_second_version() -> None:
    assert selection_text(Selection(limits=Limits(cap=5))).startswith("cocomine_selection: 2\n")
    assert selection_text(with_group(Selection(), "pet", ("cat", "dog"))).startswith("cocomine_selection: 2\n")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("limits:\n  colour: red\n", "'colour' is no limit; choose from min_area_px"),
        ("limits:\n  weight: 4\n  colour: red\n", "'colour' is no limit; choose from min_area_px"),
        ("limits:\n  cap: many\n", "damaged"),
        ("limits: 5\n", "damaged"),
        ("groups: [cat]\n", "damaged"),
        ("groups:\n  pet: cat\n", "is not a list of names"),
        ("limits:\n  cap: 0\n", "cap is 0 images"),
    ],
)
def test_damage_is_told(lines: str, message: str) -> None:
    text = "cocomine_selection: 2\nclasses: [cup]\nexcluded_classes: []\nmode: any\nothers: background\n" + lines
    with pytest.raises(SelectionError, match=message):
        selection_from_text(text)
