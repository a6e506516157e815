"""Fixtures that build data, and the real data where it is at hand."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from datasets import MakeDataset, MakeFile
from hypothesis import settings
from places import SHARED
from records import CATEGORIES, FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS, Record, document, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.demo.dataset import write_demo

settings.register_profile("cocomine", deadline=None)  # a busy machine is no failure
settings.load_profile("cocomine")


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
    """The demo, written once; nothing may change its files."""
    folder = tmp_path_factory.mktemp("home") / "demo"
    write_demo(folder)
    return folder


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
