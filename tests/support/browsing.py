"""A real app in a real browser: what the browser tests and the README's pictures share."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Locator, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from ports import free_port

from cocomine.ui.failing import FAILURE

REPOSITORY = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-smooth-scrolling",
    "--disable-threaded-animation",
    "--num-raster-threads=1",
]
"""The last three are for tests: nobody looks, and without a GPU each frame of an animation takes a core from others."""
START_LIMIT_S = 60.0
PASSING = re.compile(r"/media/|//[^/]+/[a-z]+/_stcore/")
"""Addresses of what `watched` passes over."""
EXPORT = re.compile(r"^Export (annotations of )?\d")
"""The name of the button that begins an export."""
SHOWN_LENGTH = 1_000
expect.set_options(timeout=60_000)  # a busy machine is no failure
_open_browsers: list[Browser] = []
ANSWERED = """() => {
    const talk = (window.cocomineTalk ??= {sent: 0, received: 0});
    if (!talk.isHeard) {
        talk.isHeard = true;
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (...words) {
            if (this !== talk.socket) this.addEventListener("message", () => { talk.received = performance.now(); });
            talk.socket = this;
            talk.sent = performance.now();
            return send.apply(this, words);
        };
    }
    const began = performance.now();
    const isQuiet = (now) => talk.received >= talk.sent && now - talk.received > 150
        && document.querySelector('[data-test-script-state="notRunning"]');
    return new Promise((done) => {
        const look = () => {
            const now = performance.now();
            if (isQuiet(now) || now - began > 20_000) done();
            else setTimeout(look, 50);
        };
        setTimeout(look, 300);
    });
}"""
"""Waits until the server has answered what the page sent and nothing runs, or for 20 s: some fragments never rest."""


def chromium() -> str | None:
    """Return the browser's path, None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def running_app(
    home: Path, *, folder: Path = REPOSITORY, is_headless: bool = True, **environment: str
) -> Iterator[str]:
    """Serve the app with its own workspace and, unless told otherwise, no viewer; yield its address.

    Args:
        home: the workspace, which the server's log comes into as well.
        folder: where `app.py` is, if it is not our own.
        is_headless: whether no browser is to be opened.
        environment: further variables.
    """
    port = free_port()
    options = [f"--server.headless={str(is_headless).lower()}", f"--server.port={port}"]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"COCOMINE_HOME": str(home), "COCOMINE_VIEWERS": "0"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_served(server, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def running_script(path: Path) -> Iterator[str]:
    """Serve one script as an app of its own; yield its address."""
    command = [sys.executable, "-m", "streamlit", "run", str(path), "--server.headless=true", "--server.port=0"]
    environment = os.environ | {"COCOMINE_HOME": str(path.parent / "home"), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield next(line.split()[-1] for line in server.stdout if "http://" in line)
    finally:
        server.terminate()
        server.communicate(timeout=20)


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Start Chromium without a window; a test without it is skipped, and fails where tests are the point."""
    if chromium() is None:
        message = "Chromium is not installed: apt-get install chromium"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        _open_browsers.append(browser)
        try:
            yield browser
        except Exception as error:
            error.add_note(pages_in_words())
            raise
        finally:
            _open_browsers.remove(browser)
            browser.close()


def pages_in_words() -> str:
    """Return what each open page showed and its console said: a test that fails by luck fails where nobody looks."""
    contexts = [context for browser in _open_browsers for context in browser.contexts]
    return "\n\n".join(_page_in_words(page) for context in contexts for page in context.pages)


def _page_in_words(page: Page) -> str:
    try:
        errors = [f"uncaught: {error.stack or error}" for error in page.page_errors()]
        errors += [f"{each.type}: {each.text}" for each in page.console_messages() if each.type in {"error", "warning"}]
        shown = page.locator("body").inner_text(timeout=5_000)
        return "\n".join([page.url, *errors, f"shown: {shown[:SHOWN_LENGTH]!r}"])
    except PlaywrightError as error:
        return f"{page.url}: {error}"


def watched(page: Page) -> list[str]:
    """Return a list that fills with what the page's console calls an error.

    A browser that is behind asks for pictures which the next run has already replaced, and Streamlit keeps them no
    longer. That passes; a picture that stays broken does not, see `settle`. Streamlit also looks for its server below
    the page's own address first, where nothing answers.
    """
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        told = f"{message.text} ({message.location.get('url')})"
        if message.type == "error" and not PASSING.search(told):
            errors.append(told)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(60_000)
    return errors


def settle(page: Page) -> None:
    """Wait until the app has drawn what the last click asked for."""
    page.evaluate(ANSWERED)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=60_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text(FAILURE)).to_have_count(0)
    page.wait_for_function("[...document.images].every(picture => !picture.complete || picture.naturalWidth)")


def go_to(page: Page, title: str) -> None:
    """Click a page in the navigation."""
    page.get_by_test_id("stTopNavLink").and_(page.get_by_role("link", name=title)).click()
    expect(page.get_by_role("heading", name=re.compile(title), level=1)).to_be_visible()
    settle(page)


def choose_run(page: Page, name: str) -> None:
    """Look at another run, on Train."""
    settle(page)
    box, option = page.get_by_role("combobox", name=re.compile("Run$")), page.get_by_role("option", name=name)
    for _ in range(10):  # a list that gets another run in this moment closes
        box.click()
        box.fill(name)
        with suppress(AssertionError):
            expect(option).to_be_visible(timeout=5_000)  # it is drawn a moment after the name is there
            break
    box.press("Enter")
    expect(page.get_by_role("textbox", name="Name of the run")).to_have_value(name)


def see_number(page: Page, name: str, value: str) -> None:
    """Wait until the number of this name has this value: `see_number(page, "Images", "1,000")`."""
    number = page.get_by_test_id("stMetric").filter(has=page.get_by_text(name, exact=True))
    expect(number.get_by_test_id("stMetricValue")).to_have_text(value)


def see_selected(app: FrameLocator, count: int) -> None:
    """Wait until FiftyOne's App says that so many images are selected."""
    expect(app.locator('[data-cy="action-manage-selected"]')).to_have_text(f"{count}")


def click_cell(page: Page, row: str, column: str) -> None:
    """Click the cell of the pair map that stands for two categories, wherever on a long page it is."""
    plot = page.locator(".js-plotly-plot").filter(has=page.locator(".hm")).last
    find = """(plot, [row, column]) => {
        if (!plot._fullLayout?.xaxis) return null;
        const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
        const at = (axis, name) => axis._offset + axis.d2p(axis.ticktext.indexOf(name));
        return [box.left + at(xaxis, column), box.top + at(yaxis, row)];
    }"""

    def place() -> tuple[float, float]:
        while (found := plot.evaluate(find, [row, column])) is None:  # it is being drawn anew
            page.wait_for_timeout(100)
        left, top = found
        return left, top

    _, top = place()
    main = page.get_by_test_id("stMain")
    main.evaluate("(main, top) => main.scrollBy({top: top - innerHeight / 2, behavior: 'instant'})", top)
    at_rest(plot)
    click_at(page, *place())


def click_at(page: Page, left: float, top: float) -> None:
    """Click a place in a plotly chart, which finds out what is under the pointer a moment after it moved."""
    pointed = page.locator(".hoverlayer .hovertext").first
    for way in range(60):
        page.mouse.move(left + way % 2, top)  # a chart that was drawn anew meanwhile takes notice of the next move
        with suppress(AssertionError):
            expect(pointed).to_be_visible(timeout=1_000)
            break
    else:
        expect(pointed).to_be_visible(timeout=1_000)
    page.mouse.click(left, top)
    settle(page)


def at_rest(thing: Locator) -> None:
    """Wait until something neither moves nor grows any more."""
    place = None
    while (now := thing.bounding_box()) != place or now is None:
        place = now
        thing.page.wait_for_timeout(500)


def curve_length(page: Page, key: str) -> int:
    """Return how many points the first curve of a chart has."""
    plot = page.locator(f'[class*="st-key-{key}"] .js-plotly-plot').first
    return int(plot.evaluate("plot => plot._fullData?.[0]?.x?.length ?? 0")) if plot.count() else 0


def _wait_until_served(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            if server.poll() is not None or time.monotonic() > deadline:
                raise
        time.sleep(0.2)
