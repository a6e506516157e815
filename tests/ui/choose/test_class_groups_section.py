"""Classes are grouped, renamed and taken apart on Choose, from `app.py`; each is one step, and in the link."""

from pathlib import Path

import pytest
from apps import OpenApp, widget
from records import CAT, CUP, DOG, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.coco.class_groups import ClassGroup
from cocomine.mining.selection.selection import Selection

PETS = ClassGroup(name="pet", members=("cat", "dog"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Cats in images 1 to 4, dogs in 3 to 6, a cup in 6."""
    marks = [(1, CAT), (2, CAT), (3, CAT), (4, CAT), (3, DOG), (4, DOG), (5, DOG), (6, DOG), (6, CUP)]
    records = [annotation(number, *marked) for number, marked in enumerate(marks, 1)]
    write_split(tmp_path / "data", document([image(number) for number in range(1, 8)], records))
    return tmp_path / "data"


def chosen(app: AppTest) -> Selection:
    assert not app.exception
    selection: Selection = app.session_state["selection"]
    return selection


def group(app: AppTest, name: str, members: list[str], number: int = 0) -> None:
    app.multiselect(key=f"group-members-{number}").set_value(members)
    app.text_input(key=f"group-name-{number}").set_value(name)
    app.button(key=f"group-{number}").click().run()


def captions(app: AppTest) -> str:
    return "\n".join(str(each.value) for each in (*app.caption, *app.warning))


def test_two_classes_become_one_with_the_images_of_both(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cup,cat", exclude="dog")
    group(app, "pet", ["cat", "dog"])
    assert chosen(app) == Selection(classes=("cup", "pet"), groups=(PETS,))
    assert "cat and dog · 6 images" in captions(app)
    assert [metric.value for metric in app.metric][:2] == ["6", "9"]
    assert app.query_params["groups"] == '"pet,cat,dog"'
    next(button for button in app.button if button.label == "Undo").click().run()
    assert chosen(app) == Selection(classes=("cup", "cat"), excluded_classes=("dog",))


def test_a_link_with_groups_opens_them_on_every_page(open_app: OpenApp, folder: Path) -> None:
    for page in ("understand", "choose", "check", "export"):
        app = open_app(page, data=str(folder), classes="pet", groups='"pet,cat,dog"')
        assert chosen(app) == Selection(classes=("pet",), groups=(PETS,))
    assert [each.value for each in app.metric if each.label in {"Objects", "Classes"}] == ["8", "1"]


def test_the_data_page_shows_the_classes_of_the_file(open_app: OpenApp, folder: Path) -> None:
    app = open_app("data", data=str(folder), groups='"pet,cat,dog"')
    assert next(metric.value for metric in app.metric if metric.label == "Categories") == "3"


def test_a_group_is_renamed_and_taken_apart(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="pet", groups='"pet,cat,dog"')
    widget(app.text_input, "group-name-cat").set_value("animal").run()
    assert chosen(app) == Selection(classes=("animal",), groups=(ClassGroup(name="animal", members=("cat", "dog")),))
    app.button(key="ungroup-cat").click().run()
    assert chosen(app) == Selection(classes=("cat", "dog"))


def test_one_class_is_renamed(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cup")
    group(app, "mug", ["cup"])
    assert chosen(app) == Selection(classes=("mug",), groups=(ClassGroup(name="mug", members=("cup",)),))


@pytest.mark.parametrize(
    ("name", "members", "message"),
    [
        ("pet", [], "Select the classes to group first."),
        ("", ["cat", "dog"], "has no name. Give it one."),
        ("cup", ["cat", "dog"], "is named like a class that is not in it"),
        ("cat", ["cat"], "Add a class, or rename it."),
    ],
)
def test_what_cannot_be_a_group_is_said_and_what_was_typed_stays(
    open_app: OpenApp, folder: Path, name: str, members: list[str], message: str
) -> None:
    app = open_app("choose", data=str(folder), classes="cat")
    group(app, name, members)
    assert chosen(app) == Selection(classes=("cat",))
    assert message in captions(app)
    assert app.multiselect(key="group-members-0").value == members


def test_groups_are_merged_with_other_classes(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), groups='"pet,cat,dog"')
    group(app, "all", ["pet", "cup"])
    assert chosen(app) == Selection(groups=(ClassGroup(name="all", members=("cat", "dog", "cup")),))


@pytest.mark.parametrize("groups", ["pet", '"pet,cat","pet,dog"', '"pet,cat,ferret"', "car=a,b", '"",",,"'])
def test_nonsense_in_the_link_opens_the_page(open_app: OpenApp, folder: Path, groups: str) -> None:
    app = open_app("choose", data=str(folder), classes="cup", groups=groups)
    assert chosen(app).classes == ("cup",)


def test_a_group_keeps_the_classes_that_the_dataset_has(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "other", document())
    app = open_app("choose", data=str(tmp_path / "other"), classes="pet,cup", groups='"pet,cat,ferret"')
    assert chosen(app) == Selection(classes=("pet", "cup"), groups=(ClassGroup(name="pet", members=("cat",)),))
