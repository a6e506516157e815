"""A selection after an edit, by hand."""

from dataclasses import replace

import pytest

from cocomine.coco.class_groups import ClassGroup
from cocomine.errors import SelectionError
from cocomine.mining.selection.editing import with_group, without_group
from cocomine.mining.selection.selection import Selection

PETS = ClassGroup(name="pets", members=("cat", "dog"))
CROCKERY = ClassGroup(name="crockery", members=("cup", "bowl"))
ZOO = ClassGroup(name="zoo", members=("lion", "bear"))


def test_selected_classes_become_one_in_the_place_of_the_first() -> None:
    chosen = Selection(classes=("bus", "dog", "cup", "cat"), excluded_classes=("kite",))
    assert with_group(chosen, "pets", ("cat", "dog")) == replace(chosen, classes=("bus", "pets", "cup"), groups=(PETS,))


def test_a_group_of_an_excluded_class_is_excluded_unless_it_is_selected() -> None:
    excluded = Selection(classes=("bus",), excluded_classes=("kite", "dog"))
    assert with_group(excluded, "pets", ("cat", "dog")) == replace(
        excluded, excluded_classes=("kite", "pets"), groups=(PETS,)
    )
    both = Selection(classes=("cat",), excluded_classes=("dog",))
    assert with_group(both, "pets", ("cat", "dog")) == Selection(classes=("pets",), groups=(PETS,))


def test_a_group_of_classes_in_no_list_is_in_none() -> None:
    chosen = Selection(classes=("bus",), excluded_classes=("kite",))
    assert with_group(chosen, "pets", ("cat", "dog")) == replace(chosen, groups=(PETS,))


def test_a_group_in_a_group_brings_its_classes_and_leaves_the_others_alone() -> None:
    chosen = Selection(classes=("pets", "lion", "crockery"), groups=(PETS, CROCKERY))
    animals = ClassGroup(name="animals", members=("cat", "dog", "lion"))
    assert with_group(chosen, "animals", ("pets", "lion")) == Selection(
        classes=("animals", "crockery"), groups=(CROCKERY, animals)
    )


@pytest.mark.parametrize("gone", [PETS, CROCKERY, ZOO])
def test_without_a_group_its_classes_stand_where_it_stood_and_other_groups_stay(gone: ClassGroup) -> None:
    groups = (PETS, CROCKERY, ZOO)
    chosen = Selection(classes=("bus", *(each.name for each in groups), "kite"), groups=groups)
    expected = [names for each in groups for names in (each.members if each is gone else (each.name,))]
    assert without_group(chosen, gone.name) == Selection(
        classes=("bus", *expected, "kite"), groups=tuple(each for each in groups if each is not gone)
    )


def test_without_an_excluded_group_its_classes_are_excluded() -> None:
    chosen = Selection(classes=("bus",), excluded_classes=("crockery", "pets"), groups=(PETS, CROCKERY))
    assert without_group(chosen, "pets") == Selection(
        classes=("bus",), excluded_classes=("crockery", "cat", "dog"), groups=(CROCKERY,)
    )


def test_a_group_of_a_class_of_its_own_name_is_refused() -> None:
    with pytest.raises(SelectionError, match="holds cat alone"):
        with_group(Selection(classes=("cat",)), "cat", ("cat",))


@pytest.mark.parametrize("field", ["classes", "excluded_classes"])
def test_a_class_of_a_group_is_no_class_any_more(field: str) -> None:
    with pytest.raises(SelectionError, match=r"dog is part of the group pets\. Choose pets, or take the group apart"):
        Selection(**{field: ("dog",)}, groups=(PETS,))  # type: ignore[arg-type]
