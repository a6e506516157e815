"""A claim check in a real browser: set up with a few clicks, followed until it answers, looked behind, taken along."""

import re
from pathlib import Path

import pytest
from browsing import go_to, opened_browser, running_app, settle, watched
from local_app import local_app
from playwright.sync_api import Page, expect

MOST_CLICKS = 8
ENDS_WITHIN_MS = 540_000
"""On a busy machine; by itself it takes a tenth of that."""
STEPS = 20
SHORT = f"""
from dataclasses import replace
from cocomine.claim.budgets import BUDGETS
from cocomine.ui.compare import claim_setup

short = replace(BUDGETS[0], steps={STEPS}, train_image_count=20, test_image_count=40)
claim_setup.BUDGETS = (short, *BUDGETS[1:])
"""
"""Lets the smallest budget be smaller still: what is looked at here is the way to an answer, not what it says."""


class Clicks:
    """What a person clicks, counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def on(self, role: str, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role(role, name=name, exact=isinstance(name, str)).click()  # type: ignore[arg-type]
        self.count += 1
        settle(self.page)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(700)
def test_a_claim_check_of_the_demo_is_set_up_followed_read_and_taken_along(tmp_path: Path, demo_folder: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    app = local_app(tmp_path / "app", SHORT)
    with opened_browser() as browser, running_app(home, folder=app) as address:
        page = browser.new_page(viewport={"width": 1200, "height": 1400})
        errors = watched(page)
        page.goto(f"{address}/compare?data={demo_folder}&classes=cup")
        expect(page.get_by_role("button", name="Start claim check")).to_be_enabled()
        set_up(page)
        page.reload()  # what goes on is found again
        expect(page.get_by_role("heading", name="Claim check: cup")).to_be_visible()
        expect(page.get_by_role("button", name=re.compile(r"^Pause"))).to_be_visible()
        answer = page.get_by_role("heading", name=re.compile("Nothing can be told on images with cup: .* from 1 seed"))
        expect(answer).to_be_visible(timeout=ENDS_WITHIN_MS)
        settle(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download report HTML").click()
        report = Path(download.value.path()).read_text(encoding="utf-8")
        assert "<h1>Claim check: cup</h1>" in report
        assert str(home) not in report
        page.get_by_role("button", name=re.compile(r"#0 · \d")).first.click()
        expect(page.get_by_role("combobox", name="Run")).to_have_value(re.compile(f"A-{STEPS}-0"))
        go_to(page, "Compare")
        expect(answer).to_be_visible()
        settle(page)
        assert not errors, "\n".join(errors)


def set_up(page: Page) -> None:
    """Choose the least that can be compared, and start it."""
    clicks = Clicks(page)
    clicks.on("radio", "1")
    page.get_by_text("Advanced: arms and steps").click()
    clicks.count += 1
    settle(page)
    page.get_by_text("Also train A and C three times as long").click()
    clicks.count += 1
    settle(page)
    for arm in ("C: selected images, all labels", "A2: selected images, other seeds"):
        clicks.on("button", re.compile(f"{arm}"))
    expect(page.get_by_text(re.compile("^.*2 runs of .*"))).to_be_visible()
    clicks.on("button", "Start claim check")
    assert clicks.count <= MOST_CLICKS
