"""How long does a person wait for the FiftyOne App: ours beside `fiftyone.launch_app` on the same images?

`python -m benchmarks.viewer` prints a Markdown table; it needs Chromium and a `mongod`. The sides take turns, each time
from nothing, on the built-in demo. What a person waits for ends when the browser shows it.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.measuring import ROOT, in_turns
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.demo.dataset import write_demo
from cocomine.ui.check.fiftyone import viewer_samples
from cocomine.ui.session.view import View
from cocomine.viewer.client import start_viewer
from cocomine.workspace import Workspace

SPLIT = "train2017"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
START_LIMIT_S = 180.0
ROWS = {
    "ready_s": "start until the server is ready",
    "loaded_s": "50 images with masks loaded",
    "first_seen_s": "start until the first of the 50 images is seen",
    "more_seen_s": "200 images with masks asked for, until they are seen",
    "view_seen_s": "a view of 20 of them asked for, until it is seen",
    "memory_mb": "memory of all its processes with 200 images",
}
Times = dict[str, float]


class Ours:
    """The viewer as Check uses it."""

    def __init__(self, demo: Path, scratch: Path) -> None:
        """Start it and wait until it is ready."""
        self._dataset = open_dataset(demo)
        self._viewer = start_viewer(Workspace(root=scratch))
        if self._viewer.wait_until_started(START_LIMIT_S).state != "ready":
            raise RuntimeError(self._viewer.status.message)

    def show(self, count: int) -> str:
        """Show the first images; return the App's address."""
        split = self._dataset.split(SPLIT)
        samples = viewer_samples(self._dataset, [(SPLIT, int(each)) for each in split.images.ids[:count]])
        folders = [] if split.image_folder is None else [split.image_folder]
        return self._viewer.show(samples, colours=View(dataset=self._dataset, stamp=()).colours, image_folders=folders)

    def change_view(self, count: int) -> None:
        """Show fewer of the images."""
        self.show(count)

    def memory_mb(self) -> float:
        """Return the memory of the viewer and its database."""
        return _memory_mb(self._viewer.process_id)

    def close(self) -> None:
        """End it."""
        self._viewer.close()


class Stock:
    """`fiftyone.launch_app`, see `benchmarks.stock_app`, with a database and a home of its own."""

    def __init__(self, demo: Path, scratch: Path) -> None:
        """Start it and wait until it is ready."""
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._port = free.getsockname()[1]
        labels = demo / "annotations" / f"instances_{SPLIT}.json"
        settings = {"HOME": str(scratch), "FIFTYONE_DATABASE_DIR": str(scratch / "database")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stock_app", str(demo / SPLIT), str(labels), str(self._port)],
            cwd=ROOT,
            env=os.environ | settings | {"FIFTYONE_DO_NOT_TRACK": "true"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._wait()

    def show(self, count: int) -> str:
        """Load and show the first images; return the App's address."""
        self._tell(str(count))
        return f"http://127.0.0.1:{self._port}/"

    def change_view(self, count: int) -> None:
        """Show fewer of the images."""
        self._tell(f"view {count}")

    def memory_mb(self) -> float:
        """Return the memory of its processes."""
        return _memory_mb(self._process.pid)

    def close(self) -> None:
        """End it and all that it started."""
        family = [*psutil.Process(self._process.pid).children(recursive=True), psutil.Process(self._process.pid)]
        self._process.communicate()
        _, alive = psutil.wait_procs(family, timeout=10)
        for process in alive:
            process.kill()

    def _tell(self, line: str) -> None:
        if self._process.stdin is None:
            raise RuntimeError("The stock App has no pipe.")
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        self._wait()

    def _wait(self) -> None:
        said = ""
        for line in self._process.stderr or ():
            if line == "done\n":
                return
            said = line
        raise RuntimeError(f"The stock App ended: {said}")


def measured(side: type[Ours] | type[Stock], demo: Path, page: Page) -> Times:
    """Let a person open the App, ask for more images, and for another view."""
    times: Times = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        started_s = time.monotonic()
        with closing(side(demo, Path(scratch))) as app:
            times["ready_s"] = time.monotonic() - started_s
            loading_s = time.monotonic()
            address = app.show(50)
            times["loaded_s"] = time.monotonic() - loading_s
            page.goto(address)
            _see(page, 50)
            times["first_seen_s"] = time.monotonic() - started_s
            asked_s = time.monotonic()
            app.show(200)
            _see(page, 200)
            times["more_seen_s"] = time.monotonic() - asked_s
            times["memory_mb"] = app.memory_mb()
            asked_s = time.monotonic()
            app.change_view(20)
            _see(page, 20)
            times["view_seen_s"] = time.monotonic() - asked_s
            page.goto("about:blank")
    return times


def table(ours: list[Times], stock: list[Times]) -> str:
    """Return the medians of both sides as Markdown."""
    lines = ["| work | CocoMine's viewer | `fiftyone.launch_app` | ratio |", "|---|--:|--:|--:|"]
    for key, name in ROWS.items():
        mine, theirs = median(each[key] for each in ours), median(each[key] for each in stock)
        unit, digits = ("MB", 0) if key.endswith("_mb") else ("s", 2)
        lines.append(f"| {name} | {mine:,.{digits}f} {unit} | {theirs:,.{digits}f} {unit} | {theirs / mine:.1f} |")
    return "\n".join(lines)


def _see(page: Page, count: int) -> None:
    page.get_by_text(f"{count} samples", exact=True).first.wait_for(timeout=120_000)
    page.locator('[data-cy="looker"]').first.wait_for(timeout=120_000)


def _memory_mb(pid: int) -> float:
    """Return the memory that a process and those it started have for themselves."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return float(sum(process.memory_full_info().uss for process in family)) / 1e6


def main() -> None:
    """Measure both sides in turns and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.viewer", description=__doc__)
    parser.add_argument(
        "--repeats", type=int, default=3, help="how often each side is measured; by default %(default)s"
    )
    repeats = parser.parse_args().repeats
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo = Path(folder) / "demo"
        write_demo(demo)
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)

        def measure(side: type[Ours] | type[Stock]) -> Times:
            with closing(browser.new_context(viewport={"width": 1200, "height": 900})) as context:
                return measured(side, demo, context.new_page())

        ours, stock = in_turns(repeats, lambda: measure(Ours), lambda: measure(Stock))
        print(table(ours, stock))
        browser.close()


if __name__ == "__main__":
    main()
