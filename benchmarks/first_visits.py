"""How long does a person wait for the first page after `cocomine app`, and for each page the first time?

`python -m benchmarks.first_visits DATASET` prints the table of a dataset alone; it needs Chromium. Each server is
fresh, with a workspace of its own, and its browser has nothing in its cache. The browser is there already; it is sent
to the app as soon as the server listens. Then the pages are clicked in their order, one after the other without a
pause, with the classes that the address names selected.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import psutil

from benchmarks.job import Job
from benchmarks.measuring import ROOT
from benchmarks.report import HEADER, Omitted, Row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TITLES = ("Understand", "Choose", "Check", "Export", "Train", "Compare")
"""The other pages, in the order of their visits."""
FIRST_PAGE_LIMIT_S, VISIT_LIMIT_S, LONGEST_S = 3, 1.5, 120
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
COMPLETE = """([title, longest_s]) => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const isDrawn = () => all("h1").some((each) => each.textContent.includes(title))
        && document.querySelector('[data-test-script-state="notRunning"]')
        && !all('[data-testid="stSkeleton"], [data-testid="stSpinner"]').length
        && all('[data-testid="stPlotlyChart"]').every((each) => each.querySelector(".main-svg"))
        && all("img").every((each) => each.complete || each.loading === "lazy");
    return new Promise((done, fail) => {
        let since = null;
        const end = performance.now() + 1000 * longest_s;
        const look = () => {
            const now = performance.now();
            since = isDrawn() ? since ?? now : null;
            if (since !== null && now - since > 300) done(now - since);
            else if (now > end) fail(new Error(`${title} was not complete within ${longest_s} s`));
            else setTimeout(look, 20);
        };
        look();
    });
}"""
"""Waits until a page has been complete for 0.3 s; tells for how many milliseconds it has been."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What one page took.

    Attributes:
        wall_s: seconds until the page was complete.
        server_s: CPU-seconds of the server and its processes meanwhile.
        browser_s: CPU-seconds of Chromium.
    """

    wall_s: float
    server_s: float
    browser_s: float


@dataclass(slots=True)
class Visits:
    """What the first page and each page's first visit took, on each server."""

    first: list[Wait] = field(default_factory=list)
    pages: dict[str, list[Wait]] = field(default_factory=lambda: {title: [] for title in TITLES})


def first_visit_rows(job: Job, repeats: int) -> Iterator[Row | Omitted]:
    """Start the app on the first of the original files and visit all pages, on fresh servers.

    Without Playwright or Chromium that is said instead.
    """
    if reason := missing_browser():
        yield Omitted(work="the first page, and each page's first visit, in a browser", reason=reason)
        return
    visits = measured_visits(Path(job.originals[0]), job.classes, repeats)
    work = "`cocomine app` until its first page is drawn in a browser"
    yield _row(work, [each.wall_s for each in visits.first], "s", FIRST_PAGE_LIMIT_S)
    yield _row(f"{work}, the server", [each.server_s for each in visits.first], "CPU-s", None)
    slowest = max(visits.pages, key=lambda title: median(each.wall_s for each in visits.pages[title]))
    work = f"a page's first visit on a fresh server, the slowest of {len(TITLES)} ({slowest})"
    yield _row(work, [each.wall_s for each in visits.pages[slowest]], "s", VISIT_LIMIT_S)


def missing_browser() -> str:
    """Return what is missing to look at pages, "" where nothing is."""
    if find_spec("playwright") is None:
        return "Playwright is not installed"
    return "" if _chromium() else "Chromium is not installed"


def measured_visits(dataset: Path, classes: Sequence[str], repeats: int) -> Visits:
    """Start the app and visit each page, so often."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it comes with the development packages

    visits = Visits()
    with sync_playwright() as playwright:
        for _ in range(repeats):
            with closing(playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)) as browser:
                _visit(browser, dataset, classes, visits)
    return visits


def _visit(browser: "Browser", dataset: Path, classes: Sequence[str], visits: Visits) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(1000 * LONGEST_S)
    clocks = _Clocks()
    with tempfile.TemporaryDirectory() as home, _served(dataset, Path(home), clocks) as address:
        page.goto(f"{address}/?{urlencode({'data': str(dataset), 'classes': ','.join(classes)})}", wait_until="commit")
        visits.first.append(clocks.until_complete(page, "Data"))
        for title in TITLES:
            clocks.begin()
            page.get_by_test_id("stTopNavLink").and_(page.get_by_role("link", name=title)).click()
            visits.pages[title].append(clocks.until_complete(page, title))


class _Clocks:
    """Time, and what the processes below this one have used of the processor."""

    def __init__(self) -> None:
        self._began = (0.0, 0.0, 0.0)
        self.server: psutil.Process | None = None

    def begin(self) -> None:
        """Begin to measure."""
        self._began = self._now()

    def until_complete(self, page: "Page", title: str) -> Wait:
        """Wait until a page is complete; what it took ends where it was."""
        ago_s = page.evaluate(COMPLETE, [title, LONGEST_S]) / 1000
        wall_s, server_s, browser_s = (now - then for now, then in zip(self._now(), self._began, strict=True))
        return Wait(wall_s=wall_s - ago_s, server_s=server_s, browser_s=browser_s)

    def _now(self) -> tuple[float, float, float]:
        servers = {} if self.server is None else {each.pid for each in _family(self.server)}
        others = [each for each in psutil.Process().children(recursive=True) if each.pid not in servers]
        server_s = 0.0 if self.server is None else sum(map(_cpu_s, _family(self.server)))
        return time.monotonic(), server_s, sum(map(_cpu_s, others))


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:  # it has ended meanwhile
        return 0.0
    return float(times.user + times.system)


@contextmanager
def _served(dataset: Path, home: Path, clocks: _Clocks) -> Iterator[str]:
    """Start `cocomine app` and wait until it listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    clocks.server = None
    clocks.begin()
    server = subprocess.Popen(
        [sys.executable, "-m", "cocomine", "app", "--data", str(dataset), "--no-browser", "--port", str(port)],
        cwd=ROOT,
        env=os.environ | {"COCOMINE_HOME": str(home), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    clocks.server = psutil.Process(server.pid)
    try:
        _wait_until_it_listens(server, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_until_it_listens(server: "subprocess.Popen[bytes]", port: int) -> None:
    while server.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError("The app ended by itself; its error is above.")


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def _row(work: str, ours: Sequence[float], unit: str, target: float | None) -> Row:
    return Row(work=work, unit=unit, ours=ours, target=target)


def main() -> int:
    """Print what the first page and each page's first visit take."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_visits", description=__doc__)
    parser.add_argument("dataset", type=Path, help="a folder or an annotation file")
    parser.add_argument("--classes", default="", help="the selected classes, separated by commas")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(f"Load: {os.getloadavg()[0]:.1f}\n\n{HEADER}")
    visits = measured_visits(options.dataset.resolve(), options.classes.split(","), options.repeats)
    for title, waits in {"`cocomine app` until the first page": visits.first, **visits.pages}.items():
        limit_s = FIRST_PAGE_LIMIT_S if waits is visits.first else VISIT_LIMIT_S
        print(_row(title, [each.wall_s for each in waits], "s", limit_s).line)
        print(_row(f"{title}, the server", [each.server_s for each in waits], "CPU-s", None).line)
        print(_row(f"{title}, Chromium", [each.browser_s for each in waits], "CPU-s", None).line, flush=True)
    print(f"\nLoad: {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
