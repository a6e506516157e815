"""Limits on Choose, from `app.py`: each is one step, in the link, and told in numbers."""

from dataclasses import replace
from pathlib import Path

import pytest
from apps import OpenApp, widget
from records import CAT, CUP, annotation, crowd, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.selection import Selection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cat of 16 px in images 1 to 6, one of 4 px in 6 and 7, crowds of cats in 8, a cup in 9, nothing in 10."""
    cats = [annotation(number, number, CAT) for number in range(1, 7)]
    small = [annotation(10 + number, number, CAT, (1, 1, 2, 2)) for number in (6, 7)]
    records = [*cats, *small, crowd(20, 8, CAT), annotation(21, 9, CUP)]
    write_split(tmp_path / "data", document([image(number) for number in range(1, 11)], records))
    return tmp_path / "data"


def limits(app: AppTest) -> Limits:
    assert not app.exception
    selection: Selection = app.session_state["selection"]
    return selection.limits


def captions(app: AppTest) -> str:
    return "\n".join(str(each.value) for each in app.caption)


def images_and_objects(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric][:2]


def test_each_limit_is_a_step_that_is_told_and_stands_in_the_link(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat")
    assert images_and_objects(app) == ["8", "8"]
    widget(app.number_input, "limit-min_area_px").set_value(5).run()
    assert "Minimum area: 2 of 8 objects left out. 1 image has no other object of the classes." in captions(app)
    widget(app.selectbox, "limit-crowd").set_value(Crowd.IGNORE).run()
    assert "Crowd: 1 of 1 crowd region left out. 2 images have no other object" in captions(app)
    assert images_and_objects(app) == ["6", "6"]
    widget(app.number_input, "limit-cap").set_value(4).run()
    assert "Maximum: 2 of 6 images left out." in captions(app)
    widget(app.number_input, "limit-negatives").set_value(50).run()
    assert "Negatives: 2 images added of 4: there are no more." in captions(app)
    assert images_and_objects(app) == ["6", "4"]
    assert limits(app) == Limits(min_area_px=5, crowd=Crowd.IGNORE, cap=4, negatives=0.5)
    assert app.query_params["limits"] == "min_area_px:5,crowd:ignore,cap:4,negatives:0.5"
    next(button for button in app.button if button.label == "Undo").click().run()
    assert limits(app) == Limits(min_area_px=5, crowd=Crowd.IGNORE, cap=4)


def test_a_link_with_limits_opens_them_on_every_page(open_app: OpenApp, folder: Path) -> None:
    for page in ("choose", "check", "export"):
        app = open_app(page, data=str(folder), classes="cat", limits="cap:3,counted:objects,balance:2.0,seed:4")
        assert limits(app) == Limits(cap=3, counted=Counted.OBJECTS, balance=2.0, seed=4)
    assert [each.value for each in app.metric if each.label in {"Objects", "Classes"}] == ["3", "1"]


@pytest.mark.parametrize("line", ["cap", "cap:0", "cap:many", "negatives:2", "colour:red", "cap:1:2", ":", "seed:-1"])
def test_nonsense_in_the_link_sets_no_limit(open_app: OpenApp, folder: Path, line: str) -> None:
    assert limits(open_app("choose", data=str(folder), classes="cat", limits=line)) == Limits()


def test_the_seed_waits_for_something_to_draw(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat")
    assert widget(app.number_input, "limit-seed").disabled
    widget(app.number_input, "limit-cap").set_value(2).run()
    widget(app.number_input, "limit-seed").set_value(7).run()
    assert limits(app) == replace(Limits(cap=2), seed=7)
    widget(app.number_input, "limit-negatives").set_value(20).run()
    assert limits(app) == Limits(cap=2, seed=7, negatives=0.2)
