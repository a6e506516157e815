"""Every page as axe reads it, in light and dark: nothing serious or critical is left for anyone to stumble over."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import opened_browser, running_app, settle
from claim_folders import write_claim
from judged_claims import made_protocol
from places import REPOSITORY
from playwright.sync_api import Page, ViewportSize, expect

from cocomine.claim.arms import ArmName

AXE = REPOSITORY / "tests" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("", "understand", "choose", "check", "export", "train", "compare")
SIZE = ViewportSize(width=1200, height=900)
WORST = """async () => {
    const {violations} = await axe.run(document, {resultTypes: ["violations"]});
    return violations.filter(({impact}) => impact === "serious" || impact === "critical").flatMap(({id, help, nodes}) =>
        nodes.map(({target, html, any}) => `${id}: ${help}: ${target.flat().join(" ")}: ${any[0]?.message ?? html}`));
}"""
"""What axe calls serious or critical, each with the element that it is about."""
DRAWN_IN = "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with running_app(home) as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with opened_browser() as browser:
        page = browser.new_context(viewport=SIZE).new_page()
        page.set_default_timeout(60_000)
        yield page


@pytest.mark.timeout(600)
def test_no_page_of_the_empty_app_has_a_serious_finding(page: Page, address: str) -> None:
    found = [each for name in PAGES for each in findings(page, f"{address}/{name}")]
    assert not found, "\n".join(found)


@pytest.mark.timeout(600)
def test_no_page_of_the_demo_with_two_classes_has_a_serious_finding(
    page: Page, address: str, demo_folder: Path
) -> None:
    query = f"data={demo_folder}&classes=fish,boat"
    found = [each for name in PAGES for each in findings(page, f"{address}/{name}?{query}")]
    assert not found, "\n".join(found)


@pytest.mark.timeout(600)
def test_no_state_of_a_claim_check_has_a_serious_finding(page: Page, address: str, home: Path) -> None:
    protocol = made_protocol(arms=(ArmName.SELECTED, ArmName.HALF, ArmName.ALL))
    found = []
    for number, done in enumerate((4, None)):  # at work, and judged; the newest is shown
        write_claim(home / "claims" / f"apple-{number}", protocol, done=done)
        found += findings(page, f"{address}/compare")
    assert not found, "\n".join(found)


def findings(page: Page, address: str) -> list[str]:
    """Open an address and return what axe finds there, in light and in dark."""
    if not AXE.is_file():
        message = "axe-core is not installed: make test installs it, or npm ci --prefix tests/frontend"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settle(page)
    page.add_script_tag(path=AXE)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(DRAWN_IN, arg=scheme)
        settle(page)
        found += [f"{page.title()}, {scheme}: {each}" for each in page.evaluate(WORST)]
    return found
