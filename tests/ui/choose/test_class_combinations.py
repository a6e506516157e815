"""What classes share and who else is there, as a person sees it; each click is one step that can be undone."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit
from records import CAT, CATEGORIES, CUP, DOG, FOUR_IMAGES, annotation, category, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.exclusions.edits import exclude
from cocomine.exclusions.history import ExclusionList
from cocomine.mining.selection.selection import Mode, Others, Selection
from cocomine.workspace import workspace_from_environment

Show = Callable[..., AppTest]


def page(path: str, index: str) -> None:
    """The panels, as `pages/choose.py` shows them."""
    from pathlib import Path

    from cocomine.ui.choose.class_combinations import combinations_section, few_images_help
    from cocomine.ui.session import state
    from cocomine.ui.session.opening import in_session, opened_at

    state.restore_from_url()
    view = in_session(opened_at(path, Path(index)))
    few_images_help(view)
    combinations_section(view)


@pytest.fixture
def show(tmp_path: Path) -> Show:
    """Show the panels on records, by default the four images, with a selection."""

    def shown(selection: Selection, *records: Any, excluded: tuple[tuple[str, int], ...] = ()) -> AppTest:
        path = str(write_split(tmp_path / "data", document(*records), pictures=False))
        app = AppTest.from_function(page, default_timeout=60, args=(path, str(tmp_path / "index")))
        app.run()
        app.session_state["selection"] = selection
        app.session_state["dataset_path"] = path
        out = ExclusionList(workspace_from_environment().exclusions, Path(path))
        out.change(lambda reasons: exclude(reasons, excluded))
        return app.run()

    return shown


def read(app: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (app.markdown, app.caption, app.info) for element in kind)


def rows(app: AppTest) -> list[tuple[object, ...]]:
    return list(app.dataframe[0].value.itertuples(index=False, name=None))


def test_an_empty_choice_shows_nothing(show: Show) -> None:
    app = show(Selection(excluded_classes=("dog",)))
    assert not app.exception
    assert read(app) == ""
    assert not app.get("plotly_chart")


def test_two_classes_are_shown_as_bars_and_one_is_not(show: Show) -> None:
    assert len(show(Selection(classes=("cat", "cup"))).get("plotly_chart")) == 1
    app = show(Selection(classes=("cat",)))
    assert not app.get("plotly_chart")
    assert "Other classes in these images" in [header.value for header in app.header]


def test_all_companions_are_listed_the_costliest_first(show: Show) -> None:
    marks = [annotation(1, 11, CAT), annotation(2, 11, CUP), annotation(3, 7, CAT), annotation(4, 7, CUP)]
    more = [annotation(5, 7, DOG), annotation(6, 7, DOG), annotation(7, 42, CAT), annotation(8, 30, CAT)]
    app = show(Selection(classes=("cat",)), FOUR_IMAGES, [*marks, *more])
    assert rows(app) == [("cup", 2, 50.0, 2), ("dog", 1, 25.0, 2)]


def test_a_crowd_alone_is_a_companion_too(show: Show) -> None:
    assert rows(show(Selection(classes=("cat",)))) == [("cup", 1, 50.0, 1), ("dog", 1, 50.0, 0)]


def test_excluded_images_do_not_count(show: Show) -> None:
    app = show(Selection(classes=("cat",)), excluded=(("all2017", 7),))
    assert rows(app) == [("cup", 1, 100.0, 1)]


def test_no_other_class_is_said_so(show: Show) -> None:
    app = show(Selection(classes=("cup",), mode=Mode.ONLY))
    assert "No other class is labelled in these images." in read(app)
    assert not app.dataframe


def test_nothing_can_be_excluded_before_a_row_is_selected(show: Show) -> None:
    app = show(Selection(classes=("cat",)))
    assert app.button(key="exclude-companions").disabled
    assert "Select rows" in read(app)


def test_selected_rows_are_excluded_in_one_step(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    ticked = SimpleNamespace(selection=SimpleNamespace(rows=[0, 1, 99]))  # no test can select a row of a table
    monkeypatch.setattr(streamlit, "dataframe", lambda *_, **__: ticked)
    app = show(Selection(classes=("cat",), others=Others.MERGE))
    assert "**0** of 2 images remain" in read(app)
    app.button(key="exclude-companions").click().run()
    assert app.session_state["selection"] == Selection(
        classes=("cat",), excluded_classes=("cup", "dog"), others=Others.MERGE
    )
    assert app.session_state["undo"] == [Selection(classes=("cat",), others=Others.MERGE)]


def test_few_images_explain_themselves_and_another_choice_is_one_click(show: Show) -> None:
    chosen = Selection(classes=("cat", "dog", "cup"), mode=Mode.ALL, others=Others.IGNORE)
    app = show(chosen)
    assert r"No image contains all 3 selected classes\: at most 2 of them appear together." in read(app)
    app.button(key="nearest-0").click().run()
    assert app.session_state["selection"] == Selection(classes=("cat", "dog"), mode=Mode.ALL, others=Others.IGNORE)
    assert app.session_state["undo"] == [chosen]


def test_where_enough_images_fit_nothing_is_offered(show: Show) -> None:
    app = show(Selection(classes=("cat", "cup")))
    assert [button.key for button in app.button] == ["exclude-companions"]


def test_a_class_without_images_is_told_so(show: Show) -> None:
    app = show(Selection(classes=("dog",)), FOUR_IMAGES, [annotation(1, 11, CAT)])
    assert "No image has dog. Select another class." in read(app)


def test_names_that_look_like_markup_are_shown_as_they_are(show: Show) -> None:
    odd = "**big** [cat](x) :smile: $x$ <b>"
    categories = [category(CAT, odd), *CATEGORIES[1:]]
    app = show(Selection(classes=(odd, "dog", "cup"), mode=Mode.ALL), FOUR_IMAGES, [annotation(1, 11, CAT)], categories)
    assert not app.exception
    assert r"\*\*big\*\* \[cat\]\(x\) \:smile\: \$x\$ \<b\>" in read(app)


def test_very_many_combinations_are_summed_and_classes_left_out_are_told(show: Show) -> None:
    categories = [category(number, f"c{number:02}") for number in range(1, 21)]
    marks = [(number, kind) for number in range(1, 21) for kind in (number, number % 20 + 1)]
    records = [annotation(at, *mark) for at, mark in enumerate(marks, 1)]
    names = tuple(each["name"] for each in categories)
    app = show(Selection(classes=names), [image(number) for number in range(1, 21)], records, categories)
    assert "Shown: the 12 of 20 selected classes with the most images." in read(app)
    app = show(Selection(classes=names[:8]), [image(number) for number in range(1, 21)], records, categories)
    assert "not shown" not in read(app)
