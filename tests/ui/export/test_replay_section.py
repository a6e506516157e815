"""A recipe becomes what the pages are set to, where the open dataset has its files; each step can be undone."""

from pathlib import Path

import pytest
from apps import OpenApp, read
from datasets import export_of
from records import CAT, CUP, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.selection.division import Division, SplitMethod
from cocomine.mining.selection.selection import Others, Selection

CHOSEN = Selection(classes=("cup",), others=Others.IGNORE)
SETTINGS = {"size_px": 256, "images": "none", "division": Division(val_share=0.25, seed=7)}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    annotations = [annotation(number, number, CUP if number % 2 else CAT) for number in range(1, 11)]
    write_split(tmp_path / "data", document([image(number) for number in range(1, 11)], annotations), split="all")
    return tmp_path / "data"


@pytest.fixture
def recipe_file(data: Path, tmp_path: Path) -> Path:
    """The recipe of an export of cups that is not in the workspace."""
    excluded = (("all", 3),)
    reasons = ((("all", 3), "blurred"),)
    export_of(open_dataset(data), tmp_path / "export", CHOSEN, excluded=excluded, reasons=reasons, **SETTINGS)
    return tmp_path / "export" / "recipe.yaml"


def brought(app: AppTest, path: Path) -> AppTest:
    return app.file_uploader(key="replay-file").set_value((path.name, path.read_bytes(), "text/yaml")).run()


def text(app: AppTest) -> str:
    assert not app.exception
    return read(app).replace("\\", "")


def button(app: AppTest, label: str) -> object:
    return next(each for each in app.button if each.label == label)


def test_a_recipe_is_brought_and_the_page_is_set_to_it(open_app: OpenApp, data: Path, recipe_file: Path) -> None:
    app = brought(open_app("export", data=str(data), classes="cat"), recipe_file)
    assert "data: any of cup; unselected classes: Ignore (255); 1 image excluded." in text(app)
    app = button(app, "Use this recipe").click().run()  # type: ignore[attr-defined]
    assert "The page is set to this recipe." in text(app)
    assert app.session_state["selection"] == CHOSEN


def test_the_selection_that_was_there_comes_back_with_undo(open_app: OpenApp, data: Path, recipe_file: Path) -> None:
    app = brought(open_app("export", data=str(data), classes="cat"), recipe_file)
    app = button(app, "Use this recipe").click().run()  # type: ignore[attr-defined]
    assert app.session_state["undo"] == [Selection(classes=("cat",))]


def test_a_recipe_of_another_dataset_is_not_used(open_app: OpenApp, recipe_file: Path, tmp_path: Path) -> None:
    write_split(tmp_path / "other", document(), split="all")
    app = brought(open_app("export", data=str(tmp_path / "other"), classes="cat"), recipe_file)
    assert "The recipe was made from data: instances_all.json (SHA-256 " in text(app)
    assert button(app, "Use this recipe").disabled  # type: ignore[attr-defined]


def test_a_recipe_that_lists_its_images_is_for_the_command_line(open_app: OpenApp, data: Path, tmp_path: Path) -> None:
    division = Division(method=SplitMethod.LISTED, listed=(("train", (("all", 2), ("all", 4))),))
    export_of(open_dataset(data), tmp_path / "listed", Selection(classes=("cup",)), images="none", division=division)
    app = brought(open_app("export", data=str(data), classes="cup"), tmp_path / "listed" / "recipe.yaml")
    assert "lists its images one by one, as those of a claim check do. Replay it on the command line." in text(app)


def test_without_a_dataset_the_recipe_says_which_it_needs(open_app: OpenApp, recipe_file: Path) -> None:
    told = text(brought(open_app("export"), recipe_file))
    assert "No dataset is open. The recipe was made from data: open that first." in told


def test_another_file_is_no_recipe(open_app: OpenApp, data: Path, tmp_path: Path) -> None:
    (tmp_path / "cake.yaml").write_text("name: pancakes")
    told = text(brought(open_app("export", data=str(data), classes="cat"), tmp_path / "cake.yaml"))
    assert "This is no CocoMine recipe" in told


def test_the_settings_of_a_previous_export_come_back(open_app: OpenApp, data: Path, tmp_path: Path) -> None:
    export_of(open_dataset(data), tmp_path / "home" / "exports" / "cups", CHOSEN, **SETTINGS)
    app = button(open_app("export", data=str(data), classes="cat"), "Use its settings").click().run()  # type: ignore[attr-defined]
    assert "The page is set to this recipe." in text(app)
