"""Screenshots of the pages as the real app draws them: `make screenshots` takes those that the README shows.

A look is a state of the app, a width and a theme. By default it is the README's; the options ask for others, each into
a folder of its own: `docs/take_screenshots.py --state nothing dataset --width 390 1600 --theme dark --whole --out OUT`.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "support")]

from browsing import EXPORT, opened_browser, running_app, settle  # noqa: E402
from playwright.sync_api import Browser, Page, expect  # noqa: E402

from cocomine.demo.dataset import write_demo  # noqa: E402

HEIGHT_PX = 860
TALLEST_PX = 16_000  # Chromium draws no image that is taller
STEPS = "60"
expect.set_options(timeout=120_000)  # a busy machine is no failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the app is looked at."""

    state: Literal["nothing", "dataset", "selection"]
    width_px: int
    theme: Literal["light", "dark"]

    @property
    def name(self) -> str:
        """Name of the folder of its images."""
        return f"{self.state}-{self.width_px}-{self.theme}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A browser's page, and where its images go."""

    page: Page
    look: Look
    folder: Path
    is_whole: bool

    def take(self, name: str, *, scroll_to: str | None = None) -> None:
        """Write one image of what is in view, or of the whole page, however tall it is."""
        self.page.mouse.move(0, 0)
        self._set_height(HEIGHT_PX)
        if self.is_whole:
            self._show_everything()
        elif scroll_to is not None:
            place = self.page.get_by_text(scroll_to, exact=True).first
            place.evaluate("element => element.scrollIntoView({block: 'start'})")
        self.page.wait_for_timeout(1500)
        self.page.screenshot(path=self.folder / f"{name}.png")

    def _show_everything(self) -> None:
        for _ in range(2):  # what lies further down is drawn when it comes into view
            height_px = self.page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
            self._set_height(min(height_px, TALLEST_PX))

    def _set_height(self, height_px: int) -> None:
        self.page.set_viewport_size({"width": self.look.width_px, "height": height_px})
        settle(self.page)


def main() -> None:
    """Take every look that was asked for with one app."""
    asked = _asked()
    looks = [
        Look(state=state, width_px=width, theme=theme)
        for state, width, theme in product(asked.state, asked.width, asked.theme)
    ]
    with _home(asked.home) as home, opened_browser() as browser:
        dataset = asked.data or _demo(home)
        with running_app(home, COCOMINE_VIEWERS="1") as address:
            for look in looks:
                folder = asked.out if len(looks) == 1 else asked.out / look.name
                for name in asked.pages:
                    with _camera(browser, look, folder, is_whole=asked.whole) as camera:
                        camera.page.goto(_address(address, name, _query(look, dataset, asked.classes)))
                        expect(camera.page.get_by_role("heading", level=1)).to_be_visible()
                        _take_page(camera, name)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))
    parser.add_argument("--state", nargs="+", choices=["nothing", "dataset", "selection"], default=["selection"])
    parser.add_argument("--width", nargs="+", type=int, default=[1200], help="in px")
    parser.add_argument("--theme", nargs="+", choices=["light", "dark"], default=["light"])
    parser.add_argument("--whole", action="store_true", help="the whole page, not what one sees at once")
    parser.add_argument("--data", type=Path, help="a dataset instead of the demo")
    parser.add_argument("--classes", default="cat,balloon", help="what is selected")
    parser.add_argument("--home", type=Path, help="a workspace to keep, with its exports and runs")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "docs" / "screenshots")
    return parser.parse_args()


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept


def _demo(home: Path) -> Path:
    write_demo(home / "demo")
    return home / "demo"


@contextmanager
def _camera(browser: Browser, look: Look, folder: Path, *, is_whole: bool) -> Iterator[Camera]:
    folder.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(viewport={"width": look.width_px, "height": HEIGHT_PX}, color_scheme=look.theme)
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield Camera(page=page, look=look, folder=folder, is_whole=is_whole)
    context.close()


def _address(app: str, name: str, query: dict[str, str]) -> str:
    return f"{app}/{'' if name == 'data' else name}?{urlencode(query)}"  # the first page has no path of its own


def _query(look: Look, dataset: Path, classes: str) -> dict[str, str]:
    query = {"data": str(dataset), "classes": classes}
    return {"nothing": {}, "dataset": {"data": query["data"]}, "selection": query}[look.state]


def _take_page(camera: Camera, name: str) -> None:
    if camera.look.state == "selection":
        PAGES[name](camera)
    else:
        camera.take(name)


def take_data(camera: Camera) -> None:
    """Take the dataset's splits, contents and health."""
    expect(camera.page.get_by_text("File contents")).to_be_visible(timeout=600_000)
    camera.take("data")


def take_understand(camera: Camera) -> None:
    """Take the heat map, and the images of a notable pair."""
    camera.take("understand", scroll_to="Class interference (co-occurrence)")
    camera.page.get_by_role("button", name="Show images").first.click()
    camera.take("pair")


def take_choose(camera: Camera) -> None:
    """Take the selected classes, and what is suggested for them."""
    camera.take("choose")
    if not camera.is_whole:
        camera.take("suggestions", scroll_to="Suggestions")


def take_check(camera: Camera) -> None:
    """Take the gallery, FiftyOne and the training masks."""
    page = camera.page
    camera.take("gallery")
    page.get_by_role("radio", name="FiftyOne").click()
    looker = page.frame_locator('[data-testid="stIFrame"]').locator('[data-cy="looker"]')
    expect(looker.nth(1)).to_be_visible(timeout=120_000)
    page.wait_for_timeout(3000)
    camera.take("check")
    page.get_by_text("Training masks", exact=True).first.click()
    settle(page)
    page.get_by_text("Overlapping classes").first.click()
    expect(page.get_by_text("Checking label maps")).to_have_count(0, timeout=120_000)
    camera.take("masks")


def take_export(camera: Camera) -> None:
    """Take an export that is complete; another look may have written it."""
    page, done = camera.page, camera.page.get_by_text("files verified")
    settle(page)
    if not done.count():
        page.get_by_role("button", name=EXPORT).click()
    expect(done).to_be_visible()
    camera.take("export")


def take_train(camera: Camera) -> None:
    """Take a run that is done; another look may have made it."""
    page, done = camera.page, camera.page.locator(".stMarkdownBadge").filter(has_text="Done")
    settle(page)
    if not done.count():
        page.get_by_text("Advanced", exact=True).click()
        page.get_by_label("Steps", exact=True).fill(STEPS)
        page.get_by_label("Steps", exact=True).press("Enter")
        page.get_by_role("button", name="Start training").click()
    expect(done).to_be_visible(timeout=900_000)
    camera.take("train", scroll_to="Run")


def take_compare(camera: Camera) -> None:
    """Take the runs side by side."""
    camera.take("compare")


PAGES = {
    "data": take_data,
    "understand": take_understand,
    "choose": take_choose,
    "check": take_check,
    "export": take_export,
    "train": take_train,
    "compare": take_compare,
}


if __name__ == "__main__":
    main()
