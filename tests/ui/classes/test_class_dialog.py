"""A class's own page: what it says, what its buttons do, and that any name and any dataset can be looked at."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apps import OpenApp
from datasets import MakeDataset
from galleries import images_shown
from records import CAT, CUP, FOUR_IMAGES, annotation, category, document, write_split
from streamlit.testing.v1 import AppTest

from cocomine.mining.interference.co_occurrence import pair_table
from cocomine.mining.interference.companions import companion_rows, companions
from cocomine.mining.selection.editing import with_classes, with_excluded, without_classes
from cocomine.mining.selection.selection import Mode, Selection
from cocomine.mining.statistics.categories import examined, presence
from cocomine.wording import plain

REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, {repository!r})
from cocomine.ui.session import state
from cocomine.ui.session.opening import opened_at
from cocomine.ui.classes.class_dialog import class_dialog
from cocomine.ui.session.decisions import show_pending_toast

state.restore_from_url()
show_pending_toast()
class_dialog(opened_at({path!r}, Path({index!r})), {name!r})
"""
ODD_NAMES = ("**bold** :red[hi] $x^2$ [l](http://a), <script>alert(1)</script> 🦒", " ", "long words " * 30)
OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(tmp_path: Path) -> OpenPage:
    """Open the page of a class of the dataset at a path, as a link with these parameters would."""

    def opened(path: Path, name: str = "cat", **query: str) -> AppTest:
        script = SCRIPT.format(repository=str(REPOSITORY), path=str(path), index=str(tmp_path / "index"), name=name)
        app = AppTest.from_string(script, default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The four images in a folder."""
    return write_split(tmp_path / "four", document()).parent.parent


def read(app: AppTest) -> str:
    """Return everything a person reads in the dialog."""
    kinds = (app.text, app.caption, app.markdown, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def chosen_in(app: AppTest) -> Selection:
    chosen: Selection = app.session_state["selection"]
    return chosen


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def show(app: AppTest, tab: str, category_id: int = CAT) -> AppTest:
    app.session_state[f"class-{category_id}-tabs"] = tab
    return app.run()


def tick(app: AppTest, *rows: int, category_id: int = CAT) -> AppTest:
    """Select rows in the table of co-occurring classes."""
    app.session_state[f"class-{category_id}-companions"] = {"selection": {"rows": list(rows), "columns": []}}
    return app.run()


def test_the_page_says_how_much_there_is_of_the_class_and_who_is_beside_it(open_page: OpenPage, folder: Path) -> None:
    app = open_page(folder)
    assert not app.exception
    assert "2 images, 2 objects" in read(app)
    assert "dog is in 50 % of its images; excluding dog leaves 1 of 2 images." in read(app)
    assert app.dataframe[0].value["class"].tolist() == ["dog", "cup"]
    assert app.dataframe[0].value["% left"].tolist() == [50, 50]


def test_a_crowd_region_is_counted_apart(open_page: OpenPage, folder: Path) -> None:
    app = open_page(folder, "dog")
    assert "1 image, 0 objects, 1 crowd region" in read(app)
    assert "only 1 crowd region" in read(app)
    assert "This class has no objects" in read(show(app, "Size and location", 3))
    assert not app.exception


def test_a_class_is_included_in_one_step_that_can_be_undone(open_page: OpenPage, folder: Path) -> None:
    app = press(open_page(folder, classes="cup", **{"exclude": "cat", "mode": "all"}), "Include")
    assert chosen_in(app) == Selection(classes=("cup", "cat"), mode=Mode.ALL)
    assert len(app.session_state["undo"]) == 1
    assert app.toast[0].value == "cat included."
    assert {"Remove", "Exclude"} <= set(labels(app))
    assert not {"Include", "Stop excluding"} & set(labels(app))


def test_what_was_decided_is_told_once(open_page: OpenPage, folder: Path) -> None:
    app = press(open_page(folder), "Include")
    assert len(app.toast) == 1
    assert not app.run().toast


@pytest.mark.parametrize(
    ("label", "query", "expected"),
    [
        ("Remove", {"classes": "cat,cup"}, Selection(classes=("cup",))),
        ("Exclude", {"classes": "cat,cup"}, Selection(classes=("cup",), excluded_classes=("cat",))),
        ("Stop excluding", {"classes": "cup", "exclude": "cat"}, Selection(classes=("cup",))),
    ],
)
def test_a_decision_can_be_taken_back(
    open_page: OpenPage, folder: Path, label: str, query: dict[str, str], expected: Selection
) -> None:
    app = press(open_page(folder, **query), label)
    assert chosen_in(app) == expected
    assert len(app.session_state["undo"]) == 1


def test_selected_companions_are_excluded_together_in_one_step(open_page: OpenPage, folder: Path) -> None:
    app = tick(open_page(folder, classes="cat"), 0, 1)
    assert "0 of 2 images remain." in read(app)
    app = press(app, "Exclude these 2")
    assert chosen_in(app) == Selection(classes=("cat",), excluded_classes=("dog", "cup"))
    assert len(app.session_state["undo"]) == 1


def test_excluding_a_companion_of_a_class_not_included_says_that_it_includes_the_class(
    open_page: OpenPage, folder: Path
) -> None:
    app = tick(open_page(folder, classes="cup", exclude="cat"), 1)
    assert "1 of 2 images remain." in read(app)
    assert "Currently included: cup. Excluding replaces that." in read(app)
    app = press(app, "Include cat, exclude cup")
    assert chosen_in(app) == Selection(classes=("cat",), excluded_classes=("cup",))
    assert app.toast[0].value == r"cat included. Excluded\: cup."


def test_without_a_selected_row_there_is_nothing_to_exclude(open_page: OpenPage, folder: Path) -> None:
    app = open_page(folder)
    assert not [label for label in labels(app) if "xclude" in label and label != "Exclude"]
    assert "Select rows" in read(app)


def test_the_images_are_those_with_the_class_or_with_a_companion_as_well(open_page: OpenPage, folder: Path) -> None:
    app = show(open_page(folder), "Images")
    assert images_shown(app) == ["11 · all2017", "7 · all2017"]
    app.selectbox[0].set_value("cup").run()
    assert images_shown(app) == ["11 · all2017"]
    assert not app.exception


def test_size_and_location_are_five_figures(open_page: OpenPage, folder: Path) -> None:
    app = show(open_page(folder), "Size and location")
    assert len(app.get("plotly_chart")) == 5
    assert not app.exception


@pytest.mark.parametrize("tab", ["Co-occurring classes", "Size and location", "Images"])
def test_a_dataset_without_image_files_and_a_class_that_never_occurs_can_be_viewed(
    open_page: OpenPage, tmp_path: Path, tab: str
) -> None:
    path = write_split(tmp_path / "bare", document(annotations=[annotation(1, 11, CUP)]), pictures=False)
    for name, category_id in (("cat", CAT), ("cup", CUP)):
        app = show(open_page(path.parent.parent, name), tab, category_id)
        assert not app.exception
        assert app.info or len(app.get("plotly_chart")) == 5


def test_a_single_class_has_no_companions_and_says_so(open_page: OpenPage, tmp_path: Path) -> None:
    only = document(annotations=[annotation(1, 11, CAT)], categories=[category(CAT, "cat")])
    path = write_split(tmp_path / "one", only).parent.parent
    assert "a single class" in read(open_page(path))


def test_a_class_that_is_always_alone_says_so(open_page: OpenPage, tmp_path: Path) -> None:
    path = write_split(tmp_path / "alone", document(annotations=[annotation(1, 11, CAT)])).parent.parent
    assert "No other class is annotated in its images." in read(open_page(path))


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_can_be_viewed_included_and_excluded(open_page: OpenPage, tmp_path: Path, name: str) -> None:
    named = document(
        annotations=[annotation(1, 11, CAT), annotation(2, 11, CUP), annotation(3, 7, CUP)],
        categories=[category(CAT, "cat"), category(CUP, name, "**kind**")],
    )
    path = write_split(tmp_path / "odd", named).parent.parent
    app = show(open_page(path, name), "Images", CUP)
    app = press(show(app, "Co-occurring classes", CUP), "Include")
    assert not app.exception
    assert chosen_in(app).classes == (name,)
    app = tick(open_page(path, classes="cat"), 0)
    app = next(button for button in app.button if button.key == f"class-{CAT}-exclude-companions").click().run()
    assert not app.exception
    assert chosen_in(app).excluded_classes == (name,)


def test_understand_opens_the_details_of_the_class_that_is_shown(open_app: OpenApp, folder: Path) -> None:
    app = open_app("understand", data=str(folder))
    app.selectbox(key="details-class").set_value("cup").run()
    app.button(key="open-details").click().run()
    assert not app.exception
    assert {"Include", "Exclude"} <= set(labels(app))
    assert "cat is in 50 % of its images; excluding cat leaves 1 of 2 images." in read(app)


def federated(**more: Any) -> dict[str, Any]:
    """The four images as LVIS writes them: each class was looked for only where it is marked."""
    images = [record | {"neg_category_ids": [], "not_exhaustive_category_ids": []} for record in FOUR_IMAGES]
    return document(images=images, **more)


def test_federated_companions_say_what_was_not_annotated(open_page: OpenPage, tmp_path: Path) -> None:
    path = write_split(tmp_path / "lvis", federated()).parent.parent
    app = open_page(path)
    assert "not exhaustively labelled" in read(app)
    assert app.dataframe[0].value["not annotated"].tolist() == [1, 1]
    assert app.dataframe[0].value["of images"].tolist() == [1, 1]
    assert "and 1 more where it was not annotated" in read(app)


def test_rows_of_federated_companions_say_of_how_many_images(make_dataset: MakeDataset) -> None:
    value = federated()
    dataset = make_dataset(value["images"])
    table = pair_table(presence(dataset), dataset.category_names, examined=examined(dataset))
    assert list(companion_rows(companions(table, 0))[0]) == [
        "class",
        "images with both",
        "of images",
        "% of its images",
        "images left",
        "% left",
        "not annotated",
        "lift",
        "95 % CI from",
        "to",
    ]


def test_wanting_and_forbidding_keep_order_and_everything_else() -> None:
    chosen = Selection(classes=("a", "b"), excluded_classes=("c",), mode=Mode.ONLY)
    assert with_classes(chosen, ["a", "c"]) == Selection(classes=("a", "b", "c"), mode=Mode.ONLY)
    assert with_excluded(chosen, ["c", "b"]) == Selection(classes=("a",), excluded_classes=("c", "b"), mode=Mode.ONLY)
    assert without_classes(chosen, ["a", "c"]) == Selection(classes=("b",), mode=Mode.ONLY)
    assert without_classes(chosen, []) == with_classes(chosen, []) == with_excluded(chosen, []) == chosen


def test_text_is_shown_as_it_is() -> None:
    assert plain("a*b_[c](d) $x$ :red[e]") == r"a\*b\_\[c\]\(d\) \$x\$ \:red\[e\]"


@pytest.mark.real
def test_a_real_lvis_file_can_be_looked_at(open_page: OpenPage, oddities_folder: Path) -> None:
    path = oddities_folder / "lvis_v0.5_val_100.json"
    name = json.loads(path.read_bytes())["categories"][0]["name"]
    app = open_page(path, name)
    assert not app.exception
