"""Suggestions on Choose, from `app.py`: each click is one step that can be undone, and what is asked for holds."""

from pathlib import Path

import pytest
from apps import OpenApp, widget
from records import CAT, CUP, DOG, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.mining.selection.selection import Mode, Selection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cat in each of ten images, eight dogs in the first, a cup beside the cat in the last two, six cups alone."""
    images = [image(number) for number in range(1, 17)]
    cats = [(number, CAT) for number in range(1, 11)]
    others = [(1, DOG)] * 8 + [(number, CUP) for number in (9, 10, *range(11, 17))]
    records = [annotation(number, *marked) for number, marked in enumerate(cats + others, 1)]
    write_split(tmp_path / "data", document(images, records))
    return tmp_path / "data"


def chosen(app: AppTest) -> Selection:
    selection: Selection = app.session_state["selection"]
    return selection


def keys(app: AppTest, prefix: str) -> list[str]:
    return [str(button.key) for button in app.button if str(button.key).startswith(prefix)]


def read(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(str(element.value) for kind in (app.markdown, app.caption) for element in kind)


def undo(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Undo").click().run()


def test_without_a_class_only_classes_that_seldom_meet_are_offered(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder))
    app.number_input(key="quiet-size").set_value(2).run()
    assert keys(app, "quiet-") == ["quiet-cat and cup", "quiet-dog and cup"]
    assert keys(app, "exclude-") + keys(app, "add-") == []
    app.button(key="quiet-cat and cup").click().run()
    assert chosen(app) == Selection(classes=("cat", "cup"))
    assert read(app)


def test_a_class_is_excluded_by_one_click_and_allowed_by_another(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat")
    assert r"Excluding dog \(8 objects\) removes 1 of 10 images; unselected objects drop from 50 % to 18 %." in read(
        app
    )
    app.button(key="exclude-dog").click().run()
    assert chosen(app) == Selection(classes=("cat",), excluded_classes=("dog",))
    assert "dog excluded." in app.toast[0].value
    undo(app)
    assert chosen(app) == Selection(classes=("cat",))


def test_a_class_is_added_by_one_click(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat")
    app.button(key="add-cup").click().run()
    assert chosen(app).classes == ("cat", "cup")
    assert read(app)


def test_a_quiet_set_can_hold_the_picked_class(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cup")
    app.number_input(key="quiet-size").set_value(2).run()
    app.toggle(key="quiet-with-mine").set_value(True).run()
    assert keys(app, "quiet-") == ["quiet-cup and cat", "quiet-cup and dog"]


def test_a_broken_constraint_is_named_and_mended_by_one_click(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat,dog", least="5")
    assert "dog has 1 image; minimum 5 per class" in read(app)
    app.button(key="fix-remove").click().run()
    assert chosen(app).classes == ("cat",)
    undo(app)
    app.button(key="fix-relax").click().run()
    assert (chosen(app).classes, widget(app.number_input, "min_images").value) == (("cat", "dog"), 1)
    assert "least" not in app.query_params
    assert "minimum 5 per class" not in read(app)


def test_a_suggestion_that_breaks_a_constraint_gives_way_to_the_relaxation(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat", least="10")
    assert not keys(app, "exclude-dog")
    assert "No suggestion meets “min. 10 images per class”. Best alternative with min. 9 images per class" in read(app)
    app.button(key="relax-exclude").click().run()
    assert app.query_params["least"] == "9"
    assert keys(app, "exclude-dog")


def test_what_is_asked_for_is_in_the_link(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat")
    widget(app.number_input, "min_images").set_value(3).run()
    widget(app.number_input, "most_megabytes").set_value(2).run()
    assert (app.query_params["least"], app.query_params["bytes"]) == ("3", "2000000")
    again = open_app("choose", data=str(folder), classes="cat", least="3", bytes="2000000")
    assert (widget(again.number_input, "min_images").value, widget(again.number_input, "most_megabytes").value) == (
        3,
        2,
    )


@pytest.mark.parametrize("nonsense", ["", "-3", "many", "1e9", "9" * 5000])
def test_nonsense_in_the_link_asks_for_nothing(open_app: OpenApp, folder: Path, nonsense: str) -> None:
    app = open_app("choose", data=str(folder), classes="cat", least=nonsense, bytes=nonsense)
    assert (widget(app.number_input, "min_images").value, widget(app.number_input, "most_megabytes").value) == (1, None)
    assert read(app)


def test_a_size_that_nobody_knows_cannot_be_limited(open_app: OpenApp, folder: Path) -> None:
    (folder / "all2017" / "3.jpg").unlink()
    app = open_app("choose", data=str(folder), classes="cat")
    assert widget(app.number_input, "most_megabytes").disabled


def test_only_offers_the_class_that_lets_most_images_in(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat", mode=str(Mode.ONLY))
    assert keys(app, "add-")[0] == "add-cup"
    assert "Including cup adds" in read(app)
