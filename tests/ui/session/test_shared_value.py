"""A browser that has not drawn a change made elsewhere sends what was set before; that is not taken for an edit."""

from pathlib import Path

from apps import OpenApp, click_before_drawing, widget
from streamlit.testing.v1 import AppTest

from cocomine.mining.selection.selection import Mode, Selection
from cocomine.ui.session.state import SELECTION


def chosen(app: AppTest) -> Selection:
    selection: Selection = app.session_state[SELECTION]
    return selection


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_undo_takes_back_an_exclusion_that_the_browser_has_not_drawn(open_app: OpenApp, demo_folder: Path) -> None:
    app = open_app("choose", data=str(demo_folder), classes="cat")
    app = click_before_drawing(app, "Undo", lambda app: press(app, "Exclude"))
    assert chosen(app) == Selection(classes=("cat",))


def test_a_change_undone_stays_undone_with_the_next_click_anywhere(open_app: OpenApp, demo_folder: Path) -> None:
    app = open_app("choose", data=str(demo_folder), classes="cat,bird")
    widget(app.radio, "selected_mode").set_value(Mode.ALL).run()
    app = click_before_drawing(app, "Undo", lambda app: press(press(app, "Undo"), "Redo"))
    assert chosen(app) == Selection(classes=("cat", "bird"))


def test_a_widget_keeps_its_key_while_the_person_edits_it(open_app: OpenApp, demo_folder: Path) -> None:
    app = open_app("choose", data=str(demo_folder), classes="cat")
    field = widget(app.multiselect, "included_classes")
    key = field.key
    field.set_value(["cat", "bird"]).run()
    assert chosen(app).classes == ("cat", "bird")
    assert widget(app.multiselect, "included_classes").key == key
    press(app, "Undo")
    assert widget(app.multiselect, "included_classes").value == ["cat"]


def test_each_run_tells_the_browser_the_value_again(open_app: OpenApp, demo_folder: Path) -> None:
    """What a run said that was interrupted may never have arrived, and the browser would go on with an empty field."""
    app = open_app("choose", data=str(demo_folder), classes="cat").run()
    assert widget(app.multiselect, "included_classes").proto.set_value
