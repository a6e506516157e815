"""`python -m benchmarks.sessions DATASET`: how long does a page take while many people click through all of them?

Each session goes through the pages in an order of its own, stays a second on each, and begins anew with other classes
after a round. What is timed is from a click until the page's run has ended; a browser draws afterwards. Viewers start
as `COCOMINE_VIEWERS` says.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import psutil

from benchmarks.measuring import ROOT
from benchmarks.session import Session, opened_session
from cocomine.coco.reading.open_dataset import open_dataset

PAGES = {
    "": "Data",
    "understand": "Understand",
    "choose": "Choose",
    "check": "Check",
    "export": "Export",
    "train": "Train",
    "compare": "Compare",
}
LOOK_S = 1.0
CLASS_COUNT = 3


class Visit:
    """What one session saw: seconds by page, and errors."""

    def __init__(self) -> None:
        self.elapsed_s: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []

    def show(self, session: Session, page: str, query: str = "") -> None:
        """Go to a page, stay on it, and note."""
        self.elapsed_s[page].append(session.show(page, query))
        session.look(LOOK_S)
        self.errors += [f"{PAGES[page]}: {error}" for error in session.shown.errors]


def main(arguments: Sequence[str] | None = None) -> int:
    """Let the sessions click, and print what they waited for; 1 if one of them saw an error."""
    options = _options(arguments)
    classes = [category.name for category in open_dataset(options.dataset).categories]
    with _served() as (address, server), ThreadPoolExecutor(options.sessions) as people:
        with opened_session(address) as first:
            first.show("", _query(options.dataset, classes[:CLASS_COUNT]))
            first.wait_for_title(PAGES[""])
        end_s = time.monotonic() + options.seconds

        def visited(number: int) -> Visit:
            return _visited(address, options.dataset, classes, rng=random.Random(number), end_s=end_s)  # noqa: S311 - which page comes next

        visits = list(people.map(visited, range(options.sessions)))
        print(_table(visits), end="")
        memory_mb = server.memory_info().rss / 1e6
        print(
            f"\n{options.sessions} sessions, {options.seconds:.0f} s, mean load over a minute {os.getloadavg()[0]:.1f}."
        )
        print(f"The server has {memory_mb:.0f} MB and {server.num_fds()} descriptors.")
    errors = [error for visit in visits for error in visit.errors]
    print(*errors, sep="\n", file=sys.stderr, end="\n" if errors else "")
    return 1 if errors else 0


def _visited(address: str, dataset: Path, classes: Sequence[str], *, rng: random.Random, end_s: float) -> Visit:
    visit = Visit()
    while time.monotonic() < end_s:
        selected = rng.sample(classes, min(CLASS_COUNT, len(classes)))
        with opened_session(address) as session:
            visit.show(session, "", _query(dataset, selected))
            for page in rng.sample(list(PAGES), len(PAGES)):
                if time.monotonic() < end_s:
                    visit.show(session, page)
    return visit


def _table(visits: Sequence[Visit]) -> str:
    lines = ["| page | runs | median | 95 % |", "|---|--:|--:|--:|"]
    for page, title in PAGES.items():
        elapsed_s = [each for visit in visits for each in visit.elapsed_s[page]]
        median_s, late_s = np.percentile(elapsed_s, [50, 95]) if elapsed_s else (np.nan, np.nan)
        lines.append(f"| {title} | {len(elapsed_s)} | {median_s:.2f} s | {late_s:.2f} s |")
    return "\n".join(lines) + "\n"


@contextmanager
def _served() -> Iterator[tuple[str, psutil.Process]]:
    """Serve the app with an empty workspace; yield its address and its process."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", "--server.port=0"]
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+") as log:
        environment = os.environ | {"COCOMINE_HOME": home, "PYTHONUNBUFFERED": "1"}
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert server.stdout is not None  # noqa: S101 - for the type checker; it is a pipe
            yield next(line.split()[-1] for line in server.stdout if "http://" in line), psutil.Process(server.pid)
        finally:
            server.terminate()
            server.communicate(timeout=30)
            log.seek(0)
            sys.stderr.write(log.read())


def _query(dataset: Path, classes: Sequence[str]) -> str:
    return urlencode({"data": dataset.resolve(), "classes": ",".join(classes)})


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sessions", description=__doc__)
    parser.add_argument("dataset", type=Path, help="a dataset that the sessions open")
    parser.add_argument("--sessions", type=int, default=10, metavar="N", help="how many at once (default: 10)")
    parser.add_argument("--seconds", type=float, default=120, metavar="S", help="how long (default: 120)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
