"""Fixtures that build data, and the real data where it is at hand."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from records import CATEGORIES, FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS, Record, document, write_split
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from cocomine.coco.dataset import Dataset
from cocomine.coco.opening import open_dataset
from cocomine.exporting.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.recipe import Recipe, sources_of
from cocomine.mining.selection import Selection
from cocomine.preview.client import ViewerStatus
from cocomine.ui import viewing

settings.register_profile("cocomine", deadline=None)  # a busy machine is no failure
settings.load_profile("cocomine")

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"
MakeDataset = Callable[..., Dataset]
MakeFile = Callable[[str | bytes], Path]
OpenApp = Callable[..., AppTest]


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


def recipe_of(dataset: Dataset, selection: Selection | None = None, **more: Any) -> Recipe:
    """A recipe for cats and cups with small label maps and copied pictures, unless told otherwise."""
    fields: dict[str, Any] = {"size_px": 32, "images": "copy"} | more
    chosen = Selection(classes=("cat", "cup")) if selection is None else selection
    return Recipe(dataset_path=str(dataset.path), sources=sources_of(dataset), selection=chosen, **fields)


def export_of(dataset: Dataset, folder: Path, selection: Selection | None = None, **more: Any) -> dict[str, Any]:
    """Write an export and return its manifest."""
    return write_export(plan_export(dataset, recipe_of(dataset, selection, **more)), folder)


def files_in(folder: Path) -> dict[str, bytes]:
    """What each file of a folder holds, by its path in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def four_images(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The four images of `records`; nothing may change their files."""
    return open_dataset(write_split(tmp_path_factory.mktemp("four"), document()))


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """Write one annotation file with this content."""

    def make(content: str | bytes) -> Path:
        path = tmp_path / "val.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def open_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    """Open the app on a page, as a link with these parameters would; no viewer is started."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(viewing, "start_viewer", _refused_viewer)
    monkeypatch.setattr(PagesManager, "__init__", _began_with_navigation)

    def open_page(page: str = "data", **query: str) -> AppTest:
        app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
        app.session_state[viewing.ATTEMPT] = next(_attempts)  # or all tests, one session to AppTest, share a viewer
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        return app if page == "data" else app.switch_page(f"pages/{page}.py").run()

    return open_page


_attempts = count(1)
_begun = PagesManager.__init__


def _began_with_navigation(self: PagesManager, *args: Any, **more: Any) -> None:
    """Let every run be as in a server after its first one; AppTest 1.67 would let each be the first.

    See `cocomine.ui.journey.through_app`.
    """
    _begun(self, *args, **more)
    PagesManager.uses_pages_directory = False


class _refused_viewer:  # noqa: N801 - stands in for a function
    """A viewer that could not start, as where there is no mongod."""

    def __init__(self, _: Any) -> None:
        self.status = ViewerStatus(state="failed", message="no usable mongod was found. Run `pip`.", elapsed_s=0.0)

    def close(self) -> None:
        """Nothing to end."""


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
