"""The pairs on Understand: what is said, what is set and kept, and what a click leads to, without a browser."""

from pathlib import Path
from typing import Any

import pytest
from apps import OpenApp, widget
from records import (
    CAT,
    CATEGORIES,
    CUP,
    DOG,
    FOUR_IMAGES,
    FOUR_IMAGES_ANNOTATIONS,
    annotation,
    document,
    image,
    write_split,
)
from streamlit.testing.v1 import AppTest

from cocomine.mining.interference.co_occurrence import Measure
from cocomine.mining.selection.selection import Selection
from cocomine.ui.understand.interference import ASKED
from cocomine.ui.understand.pair_settings import ALL, CAPTIONS, FEWEST_FIELD, MEASURES, MINE, WHOSE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The four images in a folder."""
    return write_split(tmp_path / "data", document()).parent.parent


@pytest.fixture
def clear(tmp_path: Path) -> Path:
    """Cats with cups in 15 of 30 images, dogs alone in the others."""
    records = [annotation(10 * of + one, of, one) for of in range(1, 31) for one in ((CAT, CUP) if of % 2 else (DOG,))]
    return write_split(tmp_path / "clear", document([image(of) for of in range(1, 31)], records)).parent.parent


def texts(app: AppTest) -> str:
    shown = [str(element.value) for kind in (app.caption, app.info, app.text, app.markdown) for element in kind]
    return "\n".join(shown).replace(r"\:", ":")


def pair_table(app: AppTest) -> Any:
    (table,) = [table.value for table in app.dataframe if "pair" in table.value]
    return table


def chosen(app: AppTest) -> Selection:
    selection: Selection = app.session_state["selection"]
    return selection


def asked_for(app: AppTest, first: int, second: int) -> AppTest:
    """Run the app as a click on a cell does."""
    app.session_state[ASKED] = (first, second)
    return app.run()


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def click_in_dialog(app: AppTest, label: str, pair: tuple[int, int] = (0, 1)) -> AppTest:
    """Click in the dialog of a pair; AppTest runs the whole page for it, where a browser runs the dialog alone."""
    button = next(button for button in app.button if button.label.replace("\\", "") == label).click()
    app.session_state[ASKED] = pair
    return button.run()


def test_each_measure_says_what_its_colours_mean(open_app: OpenApp, folder: Path) -> None:
    app = open_app("understand", data=str(folder))
    for measure in MEASURES:
        app.segmented_control(key="measure").set_value(measure).run()
        assert not app.exception
        assert CAPTIONS[measure] in texts(app)
    assert set(MEASURES) == set(Measure)


def test_what_is_set_stays_when_another_page_is_looked_at(open_app: OpenApp, clear: Path) -> None:
    app = open_app("understand", data=str(clear))
    app.segmented_control(key="measure").set_value(Measure.JACCARD)
    app.segmented_control(key="order").set_value("Cluster")
    widget(app.selectbox, FEWEST_FIELD).set_value(10).run()
    app.switch_page("pages/choose.py").run()
    app.switch_page("pages/understand.py").run()
    assert app.segmented_control(key="measure").value == Measure.JACCARD
    assert app.segmented_control(key="order").value == "Cluster"
    assert widget(app.selectbox, FEWEST_FIELD).value == 10
    assert pair_table(app)["Jaccard"].tolist() == [100]


def test_pairs_with_too_few_images_are_counted_and_not_in_the_table(open_app: OpenApp, clear: Path) -> None:
    app = open_app("understand", data=str(clear))
    assert "hatched" not in texts(app)
    assert len(pair_table(app)) == 3
    widget(app.selectbox, FEWEST_FIELD).set_value(10).run()
    assert "2 of 3 pairs hidden (fewer than 10 images)." in texts(app)
    assert pair_table(app)["pair"].tolist() == ["cat + cup"]


def test_where_every_pair_would_be_hidden_none_is_at_first(open_app: OpenApp, folder: Path) -> None:
    app = open_app("understand", data=str(folder))
    assert widget(app.selectbox, FEWEST_FIELD).value == 0
    assert len(pair_table(app)) == 3


def test_a_bound_that_hides_all_is_taken_back_by_a_click(open_app: OpenApp, folder: Path) -> None:
    app = open_app("understand", data=str(folder))
    widget(app.selectbox, FEWEST_FIELD).set_value(50).run()
    assert "No pair has at least 50 images." in texts(app)
    click(app, "Show all")
    assert widget(app.selectbox, FEWEST_FIELD).value == 0
    assert len(pair_table(app)) == 3


def test_a_dataset_with_one_category_says_why_there_is_no_map(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "one", document(annotations=[annotation(1, 11, CUP)], categories=CATEGORIES[2:]))
    app = open_app("understand", data=str(tmp_path / "one"))
    assert not app.exception
    assert "This dataset has a single class, so there is no pair to compare." in texts(app)


def test_what_stands_out_is_said_and_one_click_leads_to_it(open_app: OpenApp, clear: Path) -> None:
    app = open_app("understand", data=str(clear))
    assert "cat and cup appear together in 15 images, 2.0× more than expected by chance (7.5)." in texts(app)
    assert "cat and dog never appear together (7.5 images expected by chance)." in texts(app)
    click(app, "Show images")
    assert "**cat and cup: 15 images, 7.5 expected, lift 2.0**" in texts(app)


def test_only_the_picked_classes_are_shown_against_the_others(open_app: OpenApp, clear: Path) -> None:
    app = open_app("understand", data=str(clear), classes="dog")
    app.segmented_control(key=WHOSE).set_value(MINE).run()
    assert not app.exception
    assert pair_table(app)["pair"].tolist() == ["cat + dog", "dog + cup"]
    assert not [text.value for text in app.text if text.value.startswith("cat and cup")]


@pytest.mark.parametrize(
    ("classes", "said"),
    [("", "No classes selected."), ("cat,dog,cup", "Not enough data about any other class")],
)
def test_where_no_class_or_every_class_is_picked_it_is_said(
    open_app: OpenApp, clear: Path, classes: str, said: str
) -> None:
    app = open_app("understand", data=str(clear), classes=classes)
    app.segmented_control(key=WHOSE).set_value(MINE).run()
    assert not app.exception
    assert said in texts(app)
    assert bool(classes) == any("pair" in table.value for table in app.dataframe)  # an empty choice selects nothing
    app.segmented_control(key=WHOSE).set_value(ALL).run()
    assert said not in texts(app)


def test_the_table_can_be_of_one_class(open_app: OpenApp, clear: Path) -> None:
    app = open_app("understand", data=str(clear))
    app.selectbox(key="pairs-of").set_value("dog").run()
    assert pair_table(app)["pair"].tolist() == ["cat + dog", "dog + cup"]


# The dialog of a pair


def test_the_dialog_says_how_sure_it_is_and_the_share_both_ways(open_app: OpenApp, folder: Path) -> None:
    app = asked_for(open_app("understand", data=str(folder)), 0, 1)
    assert "**cat and dog: 1 image, 0.5 expected, lift 2.0**" in texts(app)
    assert "not significantly different from chance." in texts(app)
    assert "Of the 2 images with cat, 50 % also have dog.\nOf the 1 image with dog, 100 % also have cat." in texts(app)


def test_the_dialog_says_what_the_measure_in_view_says(open_app: OpenApp, folder: Path) -> None:
    app = open_app("understand", data=str(folder))
    app.segmented_control(key="measure").set_value(Measure.JACCARD).run()
    assert "Of the 2 images with cat or dog, 50 % have both." in texts(asked_for(app, 0, 1))


@pytest.mark.parametrize(
    ("before", "label", "after"),
    [
        ({}, "Include both", (("cat", "dog"), ())),
        ({"exclude": "dog,cup"}, "Include both", (("cat", "dog"), ("cup",))),
        ({"classes": "cup,dog"}, "Include both", (("cup", "dog", "cat"), ())),
        ({}, "Include cat, exclude dog", (("cat",), ("dog",))),
        ({"classes": "dog"}, "Include cat, exclude dog", (("cat",), ("dog",))),
        ({"classes": "dog"}, "Exclude cat", (("dog",), ("cat",))),
        ({"classes": "cat,dog"}, "Exclude cat", (("dog",), ("cat",))),
    ],
)
def test_what_is_done_about_a_pair_is_one_step_that_can_be_undone(
    open_app: OpenApp,
    folder: Path,
    before: dict[str, str],
    label: str,
    after: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    app = asked_for(open_app("understand", data=str(folder), **before), 0, 1)
    was = chosen(app)
    click_in_dialog(app, label)
    assert (chosen(app).classes, chosen(app).excluded_classes) == after
    assert app.session_state["undo"] == [was]
    assert any("Undo on the page Choose." in str(toast.value) for toast in app.toast)
    assert "Of the 2 images with cat" not in texts(app)  # the dialog has closed


def test_what_is_done_already_is_not_offered_again(open_app: OpenApp, folder: Path) -> None:
    app = asked_for(open_app("understand", data=str(folder), classes="cat", exclude="dog"), 0, 1)
    labels = {button.label for button in app.button}
    assert "Exclude dog" not in labels
    assert {"Include both", "Include dog, exclude cat"} <= labels


def test_a_class_beside_itself_is_looked_at_closely(open_app: OpenApp, folder: Path) -> None:
    app = asked_for(open_app("understand", data=str(folder)), 2, 2)
    assert not app.exception
    assert "Include" in {button.label for button in app.button}


def test_a_dialog_does_not_open_by_itself_in_the_next_run(open_app: OpenApp, folder: Path) -> None:
    app = asked_for(open_app("understand", data=str(folder)), 0, 1).run()
    assert "**cat and dog: 1 image" not in texts(app)


def test_names_are_shown_as_they_are(open_app: OpenApp, tmp_path: Path) -> None:
    odd = [CATEGORIES[0] | {"name": "**cat** $x$"}, CATEGORIES[1] | {"name": "<b>dog</b>, [a](b)"}, CATEGORIES[2]]
    write_split(tmp_path / "odd", document(FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS, odd))
    app = asked_for(open_app("understand", data=str(tmp_path / "odd")), 0, 1)
    assert not app.exception
    assert r"\*\*cat\*\* \$x\$ and \<b\>dog\</b\>, \[a\]\(b\): 1 image" in texts(app)
    click_in_dialog(app, "Include **cat** $x$, exclude <b>dog</b>, [a](b)")
    assert (chosen(app).classes, chosen(app).excluded_classes) == (("**cat** $x$",), ("<b>dog</b>, [a](b)",))


def test_the_first_sentences_lead_to_their_class_and_their_pair(open_app: OpenApp, clear: Path) -> None:
    app = open_app("understand", data=str(clear))
    app.button(key="insight-0").click().run()
    assert {"Include", "Exclude"} <= {button.label for button in app.button}
    app = open_app("understand", data=str(clear))
    click(app, "Show images")
    assert not app.exception
    assert "cat and cup: 15 images" in texts(app)
