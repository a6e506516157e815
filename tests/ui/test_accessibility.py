"""Every page as axe reads it, in light and dark: nothing serious or critical is left for anyone to stumble over."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import choose_run, go_to, running_app, settle
from claim_folders import write_claim
from judged_claims import made_protocol
from places import REPOSITORY
from playwright.sync_api import Page, expect
from train_states import train_states

from cocomine.claim.arms import ArmName
from cocomine.ui.navigation import PAGES

AXE = REPOSITORY / "tests" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WORST = """async () => {
    const {violations} = await axe.run(document, {resultTypes: ["violations"]});
    return violations.filter(({impact}) => impact === "serious" || impact === "critical").flatMap(({id, help, nodes}) =>
        nodes.map(({target, html, any}) => `${id}: ${help}: ${target.flat().join(" ")}: ${any[0]?.message ?? html}`));
}"""
"""What axe calls serious or critical, each with the element that it is about."""
LIGHTER = """button => {
    const light = (colour) => colour.match(/\\d+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0);
    const {color, backgroundColor} = getComputedStyle(button);
    return light(color) - light(backgroundColor);
}"""
"""How much lighter the words of a button are than it is; axe passes over a dialog's."""
DRAWN_IN = "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with running_app(home) as address:
        yield address


@pytest.mark.timeout(600)
def test_no_page_of_the_empty_app_has_a_serious_finding(page: Page, address: str) -> None:
    found = findings_of_all_pages(page, address)
    assert not found, "\n".join(found)


@pytest.mark.timeout(600)
def test_no_page_of_the_demo_with_two_classes_has_a_serious_finding(
    page: Page, address: str, demo_folder: Path
) -> None:
    found = findings_of_all_pages(page, f"{address}/?data={demo_folder}&classes=fish,boat")
    assert not found, "\n".join(found)


@pytest.mark.timeout(600)
def test_no_state_of_a_claim_check_has_a_serious_finding(page: Page, address: str, home: Path) -> None:
    protocol = made_protocol(arms=(ArmName.SELECTED, ArmName.HALF, ArmName.ALL))
    found = []
    for number, done in enumerate((4, None)):  # at work, and judged; the newest is shown
        write_claim(home / "claims" / f"apple-{number}", protocol, done=done)
        found += findings(page, f"{address}/compare")
    assert not found, "\n".join(found)


@pytest.mark.timeout(600)
def test_no_state_of_a_training_has_a_serious_finding(page: Page, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with train_states(tmp_path, home), running_app(home) as address:
        found = findings(page, f"{address}/train", open_parts_of_run_at_work)
        found += findings(page, f"{address}/train", open_erase_test)
        page.reload()  # by which the page learns that it is dark now
        choose_run(page, "cups-done")
        page.get_by_role("button", name="Delete", exact=False).filter(has_not_text="good").first.click()
        button = page.get_by_role("dialog").get_by_role("button", name="Move to trash")
        expect(button).to_be_visible()
        settle(page)
        page.add_script_tag(path=AXE)
        found += [f"dialog: {each}" for each in page.evaluate(WORST)]
        assert button.evaluate(LIGHTER) < 0, "white on the light primary colour of the dark theme"
    assert not found, "\n".join(found)


def open_parts_of_run_at_work(page: Page) -> None:
    """Unfold what is folded, and open the list of other runs; the queue's buttons have the names that are shown."""
    expect(page.get_by_role("button", name="Move up: cups-last")).to_be_visible()
    page.get_by_text("System", exact=True).click()
    page.get_by_role("button", name="Overlay runs").click()
    expect(page.get_by_role("checkbox", name="cups-done")).to_be_attached()


def open_erase_test(page: Page) -> None:
    """Choose the run that is done, and unfold its erase test."""
    choose_run(page, "cups-done")
    page.get_by_text("Erase test: which class helps which").click()
    expect(page.get_by_role("button", name="Erase each class")).to_be_visible()


def findings_of_all_pages(page: Page, address: str) -> list[str]:
    """Open the first page, go from there to each of the others as a person does, and return what axe finds."""
    found = findings(page, address)
    for title, _, _ in list(PAGES.values())[1:]:
        go_to(page, title)
        found += findings_here(page)
    return found


def findings(page: Page, address: str, prepare: Callable[[Page], None] = settle) -> list[str]:
    """Open an address, prepare the page, and return what axe finds there, in light and in dark."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settle(page)
    prepare(page)
    settle(page)
    return findings_here(page)


def findings_here(page: Page) -> list[str]:
    """Return what axe finds on the page as it is, in light and in dark."""
    if not AXE.is_file():
        message = "axe-core is not installed: make test installs it, or npm ci --prefix tests/frontend"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=AXE)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.wait_for_function(DRAWN_IN, arg=scheme)
        settle(page)
        found += [f"{page.title()}, {scheme}: {each}" for each in page.evaluate(WORST)]
    return found
