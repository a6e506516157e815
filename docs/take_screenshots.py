"""Take the README's screenshots from the real app on the demo: `make screenshots`."""

import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "support")]

from browsing import click_cell, go_to, opened_browser, running_app, settle  # noqa: E402
from playwright.sync_api import Page, expect  # noqa: E402

SCREENSHOTS = REPOSITORY / "docs" / "screenshots"
SIZE = {"width": 1200, "height": 860}
STEPS = "60"


def main() -> None:
    """Walk the journey once and keep an image of each page."""
    SCREENSHOTS.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running_app(Path(home), COCOMINE_VIEWERS="1") as address,
        opened_browser() as browser,
    ):
        page = browser.new_context(viewport=SIZE).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(120_000)
        page.goto(address)
        page.get_by_role("button", name="Try the demo").click()
        expect(page.get_by_text("320", exact=True)).to_be_visible(timeout=600_000)
        take(page, "data")
        go_to(page, "Understand")
        take(page, "understand", scroll_to="Class interference (co-occurrence)")
        click_cell(page, "boat", "fish")
        take(page, "pair")
        page.get_by_role("button", name="Close").click()
        go_to(page, "Choose")
        for name in ("cat", "balloon"):
            page.get_by_role("checkbox", name=f"{name}, ").click()
            settle(page)
        take(page, "choose")
        take(page, "suggestions", scroll_to="Suggestions")
        go_to(page, "Check")
        page.get_by_role("radio", name="FiftyOne").click()
        looker = page.frame_locator('[data-testid="stIFrame"]').locator('[data-cy="looker"]')
        expect(looker.nth(5)).to_be_visible(timeout=120_000)
        page.wait_for_timeout(3000)
        take(page, "check")
        page.get_by_text("Training masks", exact=True).first.click()
        settle(page)
        page.get_by_text("Overlapping classes").first.click()
        expect(page.get_by_text("Checking label maps")).to_have_count(0, timeout=120_000)
        take(page, "masks")
        go_to(page, "Export")
        page.get_by_role("button", name="Export", exact=True).click()
        expect(page.get_by_text("files verified")).to_be_visible()
        take(page, "export")
        go_to(page, "Train")
        page.get_by_label("Steps").fill(STEPS)
        page.get_by_label("Steps").press("Enter")
        page.get_by_role("button", name="Start training").click()
        expect(page.locator(".stMarkdownBadge").filter(has_text="Done")).to_be_visible(timeout=900_000)
        take(page, "train", scroll_to="Loss")
        go_to(page, "Compare")
        take(page, "compare")


def take(page: Page, name: str, *, scroll_to: str | None = None) -> None:
    """Write one image of what is in view."""
    settle(page)
    if scroll_to is not None:
        page.get_by_text(scroll_to, exact=True).first.evaluate("element => element.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(1500)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


if __name__ == "__main__":
    main()
