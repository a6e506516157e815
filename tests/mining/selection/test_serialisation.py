"""A selection outside the app: the file and the line of names read back as they were, and are checked."""

import pytest
import yaml
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import category

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.errors import SelectionError
from cocomine.mining.selection.recipe import Recipe, recipe_text
from cocomine.mining.selection.selection import Mode, Others, Selection
from cocomine.mining.selection.serialisation import (
    selection_from_text,
    selection_text,
    without_unknown_names,
    yaml_text,
)
from cocomine.wording import names_from_line, names_to_line

NAMES = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=6)


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    names = draw(NAMES)
    cut = draw(st.integers(0, len(names)))
    return Selection(
        classes=tuple(names[:cut]),
        excluded_classes=tuple(names[cut:]),
        mode=draw(st.sampled_from(Mode)),
        others=draw(st.sampled_from(Others)),
        licences=draw(st.none() | NAMES.map(tuple)),
    )


@given(selection=selections())
def test_a_file_reads_back_as_the_selection_it_was_written_from(selection: Selection) -> None:
    assert selection_from_text(selection_text(selection)) == selection


def test_names_in_other_scripts_stay_legible_in_the_file() -> None:
    assert "Küchentisch, 長い" in selection_text(Selection(classes=("Küchentisch, 長い",)))


@given(selection=selections())
def test_the_selection_of_a_recipe_can_be_read_as_well(selection: Selection) -> None:
    recipe = Recipe(dataset_name="/data", sources=(), selection=selection)
    assert selection_from_text(recipe_text(recipe)) == selection


@given(
    names=st.lists(st.text() | st.sampled_from(["", " ", '"', 'a"', '""', "a,", "\n", " a ", "\u2028"]), unique=True)
)
def test_names_with_commas_quotes_blanks_and_line_breaks_survive_one_line(names: list[str]) -> None:
    assert names_from_line(names_to_line(names)) == tuple(names)


def test_names_can_be_written_by_hand() -> None:
    assert names_from_line("giraffe, bus,,giraffe") == ("giraffe", "bus")
    assert names_from_line('"fruit, cut",bus') == ("fruit, cut", "bus")
    assert names_from_line("") == ()
    assert names_from_line('cup , "cup ",  " cup",') == ("cup", "cup ", " cup")
    assert names_from_line('table,""') == ("table", "")
    assert names_from_line('5" pipe, "open') == ('5" pipe', '"open')


@pytest.mark.parametrize(
    ("asked", "names", "known"),
    [
        ("person", ["person ", "cup"], ("person ",)),
        ('"person "', ["person ", "person"], ("person ",)),
        ("person", ["person ", "person"], ("person",)),
        ('""', ["", "cup"], ("",)),
        ('person,"person "', ["person "], ("person ",)),
    ],
)
def test_a_name_is_found_without_its_blanks_where_one_is_meant(
    make_dataset: MakeDataset, asked: str, names: list[str], known: tuple[str, ...]
) -> None:
    dataset = make_dataset([], [], [category(number, name) for number, name in enumerate(names)])
    assert without_unknown_names(Selection(classes=names_from_line(asked)), dataset) == (Selection(classes=known), [])


def test_a_name_that_may_be_two_is_refused_with_both(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([], [], [category(1, "cup "), category(2, " cup")])
    known, sentences = without_unknown_names(Selection(classes=("cup",)), dataset)
    assert known == Selection()
    assert sentences == [
        "The category 'cup' may be 'cup ' or ' cup'. Write the one you mean in double quotes, with its blanks."
    ]


def test_licences_are_written_only_where_some_were_chosen() -> None:
    assert "licences" not in selection_text(Selection(classes=("cat",)))
    assert "licences: []" in selection_text(Selection(classes=("cat",), licences=()))


def file_of(classes: str = "[]", excluded_classes: str = "[]", mode: str = "any") -> str:
    """A selection's file, written by hand."""
    return (
        f"cocomine_selection: 1\nclasses: {classes}\nexcluded_classes: {excluded_classes}\nmode: {mode}\nothers: keep"
    )


def test_a_file_that_calls_the_excluded_classes_by_their_former_name_is_read() -> None:
    former = file_of(classes="[a]", excluded_classes="[b]").replace("excluded_classes", "forbidden")
    assert selection_from_text(former) == Selection(classes=("a",), excluded_classes=("b",), others=Others.KEEP)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not valid YAML"),
        ("a: " + "[" * 5000, "not valid YAML"),
        ("a: 2026-13-45", "not valid YAML"),
        ("[1, 2]", "neither a CocoMine selection"),
        ("cocomine_selection: 9", "neither a CocoMine selection"),
        ("cocomine_selection: 1", "damaged: KeyError"),
        (file_of(classes="cat"), "not a list of names"),
        (file_of(mode="some"), "damaged: ValueError"),
        (
            file_of(classes="[a]", excluded_classes="[a]"),
            "both selected and excluded",
        ),
        ("cocomine_recipe: 1\nselection: 3", "damaged"),
    ],
)
def test_what_is_no_selection_is_refused_with_its_reason(text: str, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        selection_from_text(text)


def test_unknown_names_are_dropped_and_answered_with_the_nearest(four_images: Dataset) -> None:
    asked = Selection(classes=("cat", "cap"), excluded_classes=("dogg",), licences=("Attribution Licence", "not named"))
    known, sentences = without_unknown_names(asked, four_images)
    assert known == Selection(classes=("cat",), licences=("not named",))
    assert [sentence.partition(".")[2].strip() for sentence in sentences] == [
        "Did you mean cup or cat?",
        "Did you mean dog?",
        "Did you mean Attribution License?",
    ]


def test_a_selection_of_known_names_stays_as_it_is(four_images: Dataset) -> None:
    asked = Selection(classes=("cat",), excluded_classes=("dog",), licences=())
    assert without_unknown_names(asked, four_images) == (asked, [])


@pytest.mark.parametrize("sign", ["x", "長", "\u2028"])
def test_keys_stay_in_their_order_whatever_signs_the_values_hold(sign: str) -> None:
    value = {"z": sign, "a": [sign], "m": 1}
    read = yaml.safe_load(yaml_text(value))
    assert (read, list(read)) == (value, ["z", "a", "m"])


@pytest.mark.parametrize("sign", ["", "\u2028"])
@pytest.mark.parametrize("key", ["k", "kk"])
def test_a_line_breaks_at_the_first_space_after_100_signs(key: str, sign: str) -> None:
    first, *_ = yaml_text({key: "a " * 120 + sign + "b"}).splitlines()
    assert 100 < len(first.removesuffix("\\")) <= 102


def test_of_several_groups_those_that_the_dataset_has_stay(four_images: Dataset) -> None:
    unknown = ClassGroup(name="far", members=("lion", "bear"))
    pets, crockery = ClassGroup(name="pets", members=("cat", "dog")), ClassGroup(name="mug", members=("cup",))
    chosen = Selection(classes=("pets",), groups=(unknown, pets, crockery))
    kept, sentences = without_unknown_names(chosen, four_images)
    assert (kept.classes, kept.groups) == (("pets",), (pets, crockery))
    assert [name in sentence for name, sentence in zip(("'lion'", "'bear'"), sentences, strict=True)] == [True, True]
    beaker = ClassGroup(name="beaker", members=("cup",))  # of one member, whose name comes after its own
    assert without_unknown_names(Selection(groups=(beaker,)), four_images) == (Selection(groups=(beaker,)), [])
