"""Two people look at one dataset in the FiftyOne App at the same time, each at what they chose, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import opened_browser, running_app, settle
from playwright.sync_api import Browser, Page, Request, expect
from records import CAT, DOG, annotation, document, image, write_split

COUNT, PER_PAGE = 120, 50
WIDTH, HEIGHT = 120, 20
"""The wider images are, the fewer of them the App draws at once; each of them costs both browser and viewer."""
CHANGES = (2, 3, 2, 1, 2, 3, 2, 1, 2, 3)
"""The pages that the first person turns to; the second is one ahead."""
LOOKS = 600
"""For an image of a page, a tenth of a second each."""


@pytest.fixture
def browser() -> Iterator[Browser]:
    with opened_browser() as browser:
        yield browser


def page_of(number: int) -> int:
    """Return on which page the image with this number is."""
    return (number - 1) % COUNT // PER_PAGE + 1


class Person:
    """One browser session that looks at the images of one class."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_context(viewport={"width": 900, "height": 600}).new_page()
        self.fetched: set[int] = set()
        self.shown = 1
        self.page.set_default_timeout(60_000)
        self.page.on("request", self._note)
        self.page.goto(address)
        settle(self.page)
        self.page.get_by_role("radio", name="FiftyOne").click()
        self.sees()

    def turns_to(self, number: int) -> None:
        while self.shown != number:
            step = 1 if number > self.shown else -1
            self.page.get_by_role("button", name="Next page" if step > 0 else "Previous page").click()
            settle(self.page)
            self.shown += step

    def sees(self) -> None:
        """Wait until the App shows as many images as the page has that was turned to."""
        app = self.page.frame_locator('[data-testid="stIFrame"]')
        count = min(PER_PAGE, COUNT - PER_PAGE * (self.shown - 1))
        expect(app.locator('[data-cy="entry-counts"]')).to_have_text(f"{count} samples", timeout=120_000)
        expect(app.locator('[data-cy="looker"]').first).to_be_visible()
        for _ in range(LOOKS):  # the page before may have as many
            if self.shown in map(page_of, self.fetched):
                return
            self.page.wait_for_timeout(100)
        pytest.fail(f"no image of page {self.shown} was fetched, only {sorted(self.fetched)}")

    def _note(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.path.rstrip("/") == "/media":
            self.fetched |= {int(Path(file).stem) for file in parse_qs(asked.query)["filepath"]}


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_two_people_keep_their_own_view_through_ten_changes_each(browser: Browser, tmp_path: Path) -> None:
    images = [image(number, width=WIDTH, height=HEIGHT) for number in range(1, 2 * COUNT + 1)]
    marks = [annotation(number, number, CAT if number <= COUNT else DOG) for number in range(1, 2 * COUNT + 1)]
    data = write_split(tmp_path / "data", document(images, marks))
    with running_app(tmp_path, COCOMINE_VIEWERS="2") as address:
        first, second = (Person(browser, f"{address}/check?data={data}&classes={name}") for name in ("cat", "dog"))
        for mine, theirs in zip(CHANGES, (*CHANGES[1:], 2), strict=True):
            first.turns_to(mine)
            second.turns_to(theirs)
            first.sees()
            second.sees()
    assert first.fetched <= set(range(1, COUNT + 1))
    assert second.fetched <= set(range(COUNT + 1, 2 * COUNT + 1))
    for person in (first, second):  # of each page at least one image was fetched
        assert {*map(page_of, person.fetched)} == {1, 2, 3}
