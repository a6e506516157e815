"""Fixtures that build data, and the real data where it is at hand."""

import os
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from datasets import MakeDataset, MakeFile
from drawn_demo import drawn_demo
from hypothesis import settings
from places import SHARED
from records import CATEGORIES, FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS, Record, document, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.system.locks import wait_for_lock

DEMO_LIMIT_S = 200.0
"""So long another process may take to draw it."""

settings.register_profile("cocomine", deadline=None)  # a busy machine is no failure
settings.load_profile("cocomine")


def pytest_configure() -> None:
    """Let each process compute on one core, and wait without taking one: the others have tests, too.

    Trainings that a test starts have it from here as well: on small images a second thread costs four times the CPU
    time where other processes take the cores in turns.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the files that take longest begin first where processes share them: at the end a long one leaves cores idle.

    Those whose tests have longer limits hold minutes, the more the longer; then others for a browser, then those with
    slow tests, which hold seconds; see `--no-loadscope-reorder` in the Makefile.
    """
    if not hasattr(config, "workerinput"):
        return
    usual_s = float(config.getini("timeout"))
    limits_s: dict[Path, float] = {}
    ranks: dict[Path, int] = {}
    for item in items:
        rank = 0 if item.get_closest_marker("browser") else 1 if item.get_closest_marker("slow") else 2
        ranks[item.path] = min(rank, ranks.get(item.path, rank))
        own = item.get_closest_marker("timeout")
        limits_s[item.path] = limits_s.get(item.path, 0) + max(0, own.args[0] - usual_s if own else 0)
    items.sort(key=lambda item: (-limits_s[item.path], ranks[item.path]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report of a failed browser test say what its pages showed, while they are still open."""
    report = yield
    if report.failed and call.when == "call" and item.get_closest_marker("browser"):
        from browsing import pages_in_words  # loads Playwright, which most tests do without

        if words := pages_in_words():
            report.sections.append(("pages", words))
    return report


@pytest.fixture(scope="session", autouse=True)
def _own_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the workspace of the person who runs it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COCOMINE_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def make_dataset(tmp_path: Path) -> MakeDataset:
    """Write records as COCO lays them out and open them; by default the four images."""

    def make(
        images: Sequence[Record] = FOUR_IMAGES,
        annotations: Sequence[Record] = FOUR_IMAGES_ANNOTATIONS,
        categories: Sequence[Record] = CATEGORIES,
        *,
        pictures: bool = True,
        **more: Any,
    ) -> Dataset:
        value = document(images, annotations, categories, **more)
        return open_dataset(write_split(tmp_path / "data", value, pictures=pictures))

    return make


@pytest.fixture(scope="session")
def four_images(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The four images of `records`; nothing may change their files."""
    return open_dataset(write_split(tmp_path_factory.mktemp("four"), document()))


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, written once for all processes that run tests; nothing may change its files."""
    own = tmp_path_factory.getbasetemp()
    root = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (root / "demo.lock").open("ab") as lock:
        assert wait_for_lock(lock, limit_s=DEMO_LIMIT_S)
        return drawn_demo(root / "shared")


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """Write one annotation file with this content."""

    def make(content: str | bytes) -> Path:
        path = tmp_path / "val.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture(scope="session")
def coco_folder() -> Path:
    """Real COCO 2017: 350 and 130 images with their annotations."""
    return _shared("coco")


@pytest.fixture(scope="session")
def oddities_folder() -> Path:
    """Real files that break naive readers."""
    return _shared("oddities")


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the real data is not at hand: {folder} is missing")
    return folder
