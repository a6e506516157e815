"""The journey by keyboard alone: Tab, arrows, Enter and Space lead from the demo to Train; the focus is always seen."""

import re
import shutil
from pathlib import Path

import pytest
from browsing import EXPORT, opened_browser, running_app, see_number, settle
from playwright.sync_api import Page, expect

MOST_STEPS = 150
"""Far more than the stops of any page."""
FOCUSED = """() => {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    if (!node || node === document.body) return {name: "", isSeen: false};
    const isMarked = ({outlineStyle, outlineWidth, boxShadow}) =>
        (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    const marks = [node, node.parentElement, node.closest("label, .search")].filter(Boolean);
    const words = (node.getAttribute("aria-label") || node.innerText || "").trim();
    return {name: words.split("\\n").pop(), isSeen: marks.some((each) => isMarked(getComputedStyle(each)))};
}"""
"""The name of what has the focus, also within a component, and whether a ring or a shadow shows it."""


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_journey_needs_no_mouse_and_shows_where_the_focus_is(tmp_path: Path, demo_folder: Path) -> None:
    shutil.copytree(demo_folder, tmp_path / "demo")
    with opened_browser() as browser, running_app(tmp_path) as address:
        page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        page.goto(address)
        expect(page.get_by_role("button", name="Try the demo")).to_be_visible()
        settle(page)
        tab_to(page, "^Try the demo$")
        press(page, "Enter")
        see_number(page, "Images", "320")

        visit(page, "Choose")
        tab_to(page, ", not selected, ")
        press(page, "Space")
        press(page, "ArrowRight")
        press(page, "Space")
        expect(page.get_by_text("2 included")).to_be_visible()
        card = focused(page)
        assert ", included, " in card
        press(page, "d")
        expect(page.get_by_role("dialog")).to_be_visible()
        press(page, "Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.wait_for_function(f"name => ({FOCUSED})().name === name", arg=card)

        visit(page, "Check")
        visit(page, "Export")
        tab_to(page, EXPORT.pattern)
        press(page, "Enter")
        expect(page.get_by_text(re.compile("files verified"))).to_be_visible(timeout=120_000)
        visit(page, "Train")


def visit(page: Page, title: str) -> None:
    """Go back with Shift and Tab to a page's link in the navigation, and follow it."""
    tab_to(page, f"^{title}$", key="Shift+Tab")
    press(page, "Enter")
    expect(page).to_have_title(f"{title} · CocoMine")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settle(page)


def tab_to(page: Page, pattern: str, *, key: str = "Tab") -> None:
    """Press Tab until the focus is on what is so called, and is seen to be there."""
    passed = []
    for _ in range(MOST_STEPS):
        page.keyboard.press(key)
        if re.search(pattern, focused(page)):
            settle(page)  # what still runs may put another in its place, which has no focus
        name = focused(page)
        if re.search(pattern, name):
            page.wait_for_function(f"({FOCUSED})().isSeen")
            return
        passed.append(name)
    pytest.fail(f"{key} never leads to {pattern!r}, but to {passed}")


def focused(page: Page) -> str:
    """Return the name of what has the focus."""
    return str(page.evaluate(FOCUSED)["name"])


def press(page: Page, key: str) -> None:
    """Press a key and wait for what it does."""
    page.keyboard.press(key)
    settle(page)
