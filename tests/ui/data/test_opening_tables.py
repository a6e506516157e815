"""A folder of Parquet tables opens on the pages as the folder of JSON it was written from."""

from pathlib import Path

import pytest
from apps import OpenApp
from records import document, write_split
from tables import write_all

from cocomine.coco.reading.open_dataset import annotation_files, open_dataset
from cocomine.workers.read_annotations import index_files


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """The JSON, and the tables in the same folder, so that the same images are found."""
    coco = tmp_path / "coco"
    write_split(coco, document(), split="val2017")
    write_all(open_dataset(coco), coco / "tables")
    return coco, coco / "tables"


@pytest.mark.parametrize("page", ["data", "choose"])
def test_a_page_says_of_tables_what_it_says_of_json(open_app: OpenApp, folders: tuple[Path, Path], page: str) -> None:
    apps = [open_app(page, data=str(folder), classes="cat,cup") for folder in folders]
    assert not any(app.exception for app in apps)
    one, other = ([metric.value for metric in app.metric] for app in apps)
    assert one == other
    assert page != "data" or one


def test_tables_are_read_by_a_process_of_its_own(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (source,) = annotation_files(folders[1])
    index_files([source], tmp_path / "index", lambda *_: None)
    assert (tmp_path / "index" / "paths").is_dir()
    assert len(open_dataset(folders[1], index=tmp_path / "index").splits[0].images) == 4
