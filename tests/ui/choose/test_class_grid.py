"""The grid of classes: what an action does, what a message may hold, and the grid itself in Chromium."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import REPOSITORY, opened_browser, running_script, watched
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Locator, Page, WebSocketRoute, expect
from records import annotation, category, image
from streamlit.testing.v1 import AppTest

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.selection import Mode, Others, Selection
from cocomine.ui.choose.class_grid import Action, Kind, after, new_actions
from cocomine.ui.gallery.browser_actions import Confirmed

NAMES = ("ant", "bee", "cat", "dog", "elk", "fox")
KINDS: tuple[Kind, ...] = ("include", "clear", "exclude", "details")
CHANGES: tuple[Kind, ...] = ("include", "clear", "exclude")
MALICIOUS = "<img src=x onerror=alert(1)> **bold** `x`, 🦊"
SCRIPT = """
import sys
from pathlib import Path
import streamlit as st
sys.path.insert(0, {repository!r})
from cocomine.ui.session import state
from cocomine.ui.session.opening import opened_at
from cocomine.ui.choose.class_grid import class_grid

state.restore_from_url()
opened = opened_at({path!r}, Path({index!r}))
st.button("Undo", on_click=state.step_back)
asked = class_grid(opened, key="grid")
st.text(f"details of {{asked}}")
st.text(f"included {{','.join(state.selection().classes)}}.")
st.text(f"excluded {{','.join(state.selection().excluded_classes)}}.")
st.text(f"steps {{len(st.session_state['undo'])}}.")
"""


def selections() -> st.SearchStrategy[Selection]:
    names = st.lists(st.sampled_from(NAMES), unique=True)
    cut = st.integers(0, len(NAMES))
    return st.builds(
        lambda named, at: Selection(classes=tuple(named[:at]), excluded_classes=tuple(named[at:])), names, cut
    )


def actions(kinds: tuple[Kind, ...] = KINDS) -> st.SearchStrategy[Action]:
    names = st.lists(st.sampled_from(NAMES), unique=True, max_size=4)
    return st.builds(lambda kind, named: Action(kind=kind, names=tuple(named)), st.sampled_from(kinds), names)


def include(*names: str) -> Action:
    return Action(kind="include", names=names)


def exclude(*names: str) -> Action:
    return Action(kind="exclude", names=names)


def clear(*names: str) -> Action:
    return Action(kind="clear", names=names)


def test_included_classes_stand_in_the_order_of_selecting() -> None:
    assert after(after(Selection(), include("dog")), include("cat", "ant")).classes == ("dog", "cat", "ant")


def test_including_an_excluded_class_and_the_reverse_moves_it() -> None:
    chosen = Selection(classes=("ant", "bee"), excluded_classes=("cat",))
    assert after(chosen, include("cat")) == Selection(classes=("ant", "bee", "cat"))
    assert after(chosen, exclude("ant")) == Selection(classes=("bee",), excluded_classes=("cat", "ant"))


def test_clearing_a_class_makes_it_neither() -> None:
    assert after(Selection(classes=("ant", "bee"), excluded_classes=("cat",)), clear("ant", "cat")) == Selection(
        classes=("bee",)
    )


def test_nothing_but_included_and_excluded_classes_changes() -> None:
    chosen = Selection(mode=Mode.ONLY, others=Others.IGNORE)
    assert after(chosen, include("ant")) == replace(chosen, classes=("ant",))


@given(selections(), actions())
def test_an_action_done_twice_is_as_done_once(chosen: Selection, action: Action) -> None:
    assert after(after(chosen, action), action) == after(chosen, action)


@given(selections(), actions(CHANGES))
def test_the_named_classes_are_what_the_action_says_and_the_others_as_they_were(
    chosen: Selection, action: Action
) -> None:
    result = after(chosen, action)
    assert set(action.names) & set(result.classes) == (set(action.names) if action.kind == "include" else set())
    assert set(action.names) & set(result.excluded_classes) == (
        set(action.names) if action.kind == "exclude" else set()
    )
    untouched = [name for name in NAMES if name not in action.names]
    assert [name for name in result.classes if name in untouched] == [
        name for name in chosen.classes if name in untouched
    ]
    assert [name for name in result.excluded_classes if name in untouched] == [
        name for name in chosen.excluded_classes if name in untouched
    ]


@given(selections(), st.sampled_from(NAMES))
def test_including_keeps_the_labels_of_classes_that_were_included_before(chosen: Selection, name: str) -> None:
    assert after(chosen, include(name)).classes[: len(chosen.classes)] == chosen.classes


@given(selections(), st.lists(st.sampled_from(NAMES), unique=True))
def test_opening_the_details_changes_nothing(chosen: Selection, names: list[str]) -> None:
    assert after(chosen, Action(kind="details", names=tuple(names))) == chosen


def message(*sent: Any, client: str = "a") -> dict[str, Any]:
    return {"client": client, "actions": list(sent)}


def done(found: list[tuple[Confirmed, Action]]) -> list[Action]:
    return [action for _, action in found]


def test_only_actions_beyond_the_last_confirmed_one_are_new() -> None:
    sent = message([1, "include", ["ant"]], [2, "exclude", ["bee"]], [3, "clear", ["cat"]])
    found = new_actions(sent, Confirmed(client="a", number=1), NAMES)
    assert found == [
        (Confirmed(client="a", number=2), exclude("bee")),
        (Confirmed(client="a", number=3), clear("cat")),
    ]


def test_another_grid_counts_from_one_again() -> None:
    sent = message([1, "include", ["ant"]], client="b")
    assert done(new_actions(sent, Confirmed(client="a", number=7), NAMES)) == [include("ant")]


def test_unknown_and_repeated_names_are_ignored() -> None:
    sent = message([1, "include", ["ant", "unicorn", "ant", 7, None]])
    assert done(new_actions(sent, Confirmed(), NAMES)) == [include("ant")]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "include ant",
        [],
        {},
        {"client": 3, "actions": [[1, "include", ["ant"]]]},
        {"client": "a"},
        message(
            "include",
            [1],
            [1, "include"],
            [1, "include", "ant"],
            ["1", "include", ["ant"]],
            [1, "steal", ["ant"]],
            None,
        ),
    ],
)
def test_a_message_of_another_form_does_nothing(sent: object) -> None:
    assert new_actions(sent, Confirmed(), NAMES) == []


@given(st.lists(actions(CHANGES), max_size=12), st.data())
def test_messages_that_overlap_or_get_lost_come_to_the_same(deeds: list[Action], data: st.DataObject) -> None:
    """The browser sends all that is not confirmed; however the messages fall, each action is done once, in order."""
    numbered = [[at, each.kind, list(each.names)] for at, each in enumerate(deeds, start=1)]
    chosen, confirmed = Selection(), Confirmed()
    ends = sorted(data.draw(st.lists(st.integers(0, len(deeds)), max_size=4)))
    for end in [*ends, len(deeds)]:
        first = data.draw(st.integers(0, confirmed.number))  # what the browser knows of may be older
        for number, action in new_actions(message(*numbered[first:end]), confirmed, NAMES):
            chosen, confirmed = after(chosen, action), number
    expected = Selection()
    for action in deeds:
        expected = after(expected, action)
    assert chosen == expected


def dataset_of(make_dataset: MakeDataset, count: int) -> Dataset:
    """Images with one class each: class 0 to count - 1 in two supercategories, and one with a wicked name."""
    names = [*(f"class {index}" for index in range(count - 1)), MALICIOUS]
    categories = [category(at + 1, name, "even" if at % 2 == 0 else "odd") for at, name in enumerate(names)]
    images = [image(at + 1) for at in range(count)]
    return make_dataset(images, [annotation(at + 1, at + 1, at + 1) for at in range(count)], categories)


def script_for(dataset: Dataset, folder: Path) -> Path:
    path = folder / "grid_app.py"
    text = SCRIPT.format(repository=str(REPOSITORY), path=str(dataset.path), index=str(folder / "index"))
    path.write_text(text, encoding="utf-8")
    return path


def test_a_page_with_the_grid_runs(make_dataset: MakeDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    app = AppTest.from_file(str(script_for(dataset_of(make_dataset, 12), tmp_path)), default_timeout=60).run()
    assert not app.exception
    app.button[0].click().run()
    assert not app.exception
    assert [text.value for text in app.text] == ["details of None", "included .", "excluded .", "steps 0."]
    assert list((tmp_path / "home" / "thumbnails").iterdir())


def test_a_page_with_the_grid_runs_without_image_files(
    make_dataset: MakeDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    path = script_for(make_dataset(pictures=False), tmp_path)
    app = AppTest.from_file(str(path), default_timeout=60).run()
    assert not app.exception


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with opened_browser() as browser:
        yield browser.new_page(viewport={"width": 1000, "height": 900})


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("checkbox", name=re.compile(f"^{re.escape(name)}, "))


def sees(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True)).to_be_visible()


@pytest.mark.browser
@pytest.mark.slow
def test_a_person_includes_excludes_and_searches_by_mouse_and_keyboard(
    page: Page, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    with running_script(script_for(dataset_of(make_dataset, 24), tmp_path)) as address:
        errors = watched(page)
        page.goto(address)
        expect(page.locator(".tile.has-thumbnail")).to_have_count(24)
        expect(page.locator(".name", has_text="<img src=x one…bold** `x`, 🦊")).to_be_visible()
        expect(card(page, MALICIOUS)).to_be_visible()
        by_mouse(page)
        fast_clicks_are_neither_lost_nor_doubled(page)
        by_keyboard(page)
        by_search(page)
        assert errors == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_click_whose_message_gets_lost_is_sent_again(page: Page, make_dataset: MakeDataset, tmp_path: Path) -> None:
    to_lose: list[str] = []

    def connected(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda message: to_lose.pop() if to_lose else server.send(message))

    page.route_web_socket(re.compile("/_stcore/stream"), connected)
    with running_script(script_for(dataset_of(make_dataset, 24), tmp_path)) as address:
        page.goto(address)
        expect(page.locator(".tile.has-thumbnail")).to_have_count(24)
        to_lose.append("the next message")
        card(page, "class 4").click()
        sees(page, "included class 4.")
        sees(page, "steps 1.")
        assert not to_lose


def by_mouse(page: Page) -> None:
    card(page, "class 4").click()
    sees(page, "included class 4.")
    card(page, "class 6").hover()
    page.get_by_role("button", name="Exclude class 6").click()
    sees(page, "excluded class 6.")
    expect(card(page, "class 6")).to_have_attribute(
        "aria-label", "class 6, excluded, images with it are left out, 1 image"
    )
    card(page, "class 6").click()
    sees(page, "included class 4,class 6.")
    sees(page, "excluded .")
    page.get_by_role("button", name="Select all of odd").click()
    sees(page, "steps 4.")
    expect(page.get_by_text("12 of 12 selected")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("12 of 12 selected")).to_have_count(0)
    expect(card(page, "class 6")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name="Clear even").click()
    sees(page, "included .")


def fast_clicks_are_neither_lost_nor_doubled(page: Page) -> None:
    names = [f"class {index}" for index in range(0, 20, 2)]
    page.locator(".groups").evaluate(
        """(groups, names) => names.forEach((name) =>
            [...groups.querySelectorAll(".face")].find((face) => face.title.startsWith(`${name} `)).click())""",
        names,
    )
    sees(page, f"included {','.join(names)}.")
    sees(page, f"steps {4 + 10}.")
    for name in names:  # one after another, as fast as the browser is driven
        card(page, name).click()
    sees(page, "included .")
    sees(page, f"steps {4 + 20}.")


def by_keyboard(page: Page) -> None:
    card(page, "class 0").focus()
    page.keyboard.press("ArrowRight")
    expect(card(page, "class 2")).to_be_focused()
    page.keyboard.press("Space")
    sees(page, "included class 2.")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    sees(page, "excluded class 4.")
    expect(card(page, "class 4")).to_be_focused()
    page.keyboard.press("d")
    sees(page, "details of class 4")
    page.keyboard.press("Delete")
    sees(page, "details of None")
    sees(page, "excluded .")
    page.keyboard.press("ArrowDown")
    expect(card(page, "class 4")).not_to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(card(page, "class 4")).to_be_focused()
    card(page, "class 22").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".face:focus")).to_have_attribute("aria-label", re.compile("^class (1|3|5|7|9|11|13|15), "))
    page.keyboard.press("Shift+Tab")  # "Clear" has nothing to clear
    expect(page.get_by_role("button", name="Select all of odd")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search the classes")).to_be_focused()


def by_search(page: Page) -> None:
    page.keyboard.type("CLASS 1")
    expect(page.get_by_role("status")).to_have_text("12 of 24 classes · 1 included")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    sees(page, "included class 2,class 10.")
    expect(page.get_by_label("Search the classes")).to_have_value("CLASS 1")
    page.keyboard.press("Escape")
    expect(page.get_by_role("status")).to_have_text("24 classes · 2 included")
    page.get_by_label("Search the classes").fill("clazz 21")
    expect(page.get_by_text("No class is called “clazz 21”. Did you mean")).to_be_visible()
    page.get_by_label("Search the classes").fill("odd")
    expect(page.get_by_role("status")).to_have_text("12 of 24 classes · 2 included")
    page.get_by_label("Search the classes").fill("")
    page.get_by_role("button", name="Only selected").click()
    expect(page.locator(".card:visible")).to_have_count(2)


def test_names_are_never_taken_for_markup() -> None:
    folder = REPOSITORY / "cocomine" / "ui" / "choose" / "assets"
    scripts = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    assert "textContent" in scripts
    assert "HTML" not in scripts.replace("HTMLElement", "")  # that is a type
