"""The list of exports: what each holds, its folder, its zip, and deleting that can be undone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apps import OpenApp, read
from datasets import export_of
from run_folders import write_run
from streamlit.testing.v1 import AppTest

from cocomine.coco.dataset import Dataset
from cocomine.training.runs.config import preset
from cocomine.ui.export import export_actions

Click = Callable[[AppTest, str], AppTest]


@pytest.fixture
def exports(four_images: Dataset, tmp_path: Path) -> Path:
    for name in ("one", "two"):
        export_of(four_images, tmp_path / "home" / "exports" / name)
    return tmp_path / "home" / "exports"


def click(app: AppTest, label: str, key: str = "") -> AppTest:
    return next(each for each in app.button if each.label == label and str(each.key).startswith(key)).click().run()


def text(app: AppTest) -> str:
    assert not app.exception
    return read(app).replace("\\", "")


def test_exports_are_there_without_an_open_dataset(open_app: OpenApp, exports: Path) -> None:
    del exports
    app = open_app("export")
    assert "Previous exports (2)" in [each.label for each in app.expander]
    assert "No dataset is open yet" in text(app)
    assert next(each for each in text(app).splitlines() if "**one**" in each).startswith(":green")


def test_a_deleted_export_comes_back(open_app: OpenApp, exports: Path, tmp_path: Path) -> None:
    app = click(open_app("export"), "Delete", key="export-one")
    assert "Emptying the trash then frees all of it." in text(app)
    app = click(app, "Move to trash")
    assert not (exports / "one").exists()
    assert "one is in the trash (end of this list)." in text(app)
    assert "Previous exports (1)" in [each.label for each in app.expander]
    app = click(app, "Restore")
    assert "one is back." in text(app)
    assert (exports / "one" / "manifest.json").is_file()
    assert not list((tmp_path / "home" / "trash").iterdir())


def test_the_trash_is_emptied_after_it_was_said_what_goes(open_app: OpenApp, exports: Path, tmp_path: Path) -> None:
    app = click(click(open_app("export"), "Delete", key="export-one"), "Move to trash")
    app = click(app, "Empty trash")
    assert "1 export with" in text(app)
    app = click(app, "Delete for good")
    assert "The trash is empty." in text(app)
    assert not list((tmp_path / "home" / "trash").iterdir())
    assert (exports / "two").is_dir()


def test_files_of_a_person_are_named_and_stay(open_app: OpenApp, exports: Path) -> None:
    (exports / "one" / "notes.txt").write_text("mine")
    app = click(open_app("export"), "Delete", key="export-one")
    assert "1 file that the export did not write (notes.txt)" in text(app)
    assert next(each for each in app.button if each.label == "Move to trash").disabled


def test_runs_that_were_trained_on_it_are_named(open_app: OpenApp, exports: Path, tmp_path: Path) -> None:
    config = preset("quick", export=str(exports / "one"), steps=9)
    write_run(tmp_path / "home" / "runs" / "giraffes", config=config)
    app = click(open_app("export"), "Delete", key="export-one")
    assert "Trained on it: giraffes." in text(app)
    app = click(open_app("export"), "Delete", key="export-two")
    assert "Trained on it" not in text(app)


def test_each_export_has_a_zip_of_its_own(open_app: OpenApp, exports: Path) -> None:
    del exports
    links = open_app("export").get("link_button")
    assert [each.proto.label for each in links] == ["Download ZIP"] * 2
    addresses = {each.proto.url for each in links}
    assert len(addresses) == 2
    assert all(address.startswith("zip/") for address in addresses)


def test_the_folder_opens_where_there_is_a_desktop(
    open_app: OpenApp, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(export_actions, "file_manager", lambda: ("xdg-open",))
    monkeypatch.setattr(export_actions, "is_on_this_computer", lambda: True)
    monkeypatch.setattr(export_actions, "show_folder", shown.append)
    click(open_app("export"), "Open folder", key="export-one")
    assert shown == [exports / "one"]


@pytest.mark.parametrize(
    ("address", "headers", "is_here"),
    [
        (None, {"Host": "localhost:8501"}, True),
        (None, {"Host": "[::1]:8501"}, True),
        (None, {}, True),
        ("192.168.0.7", {"Host": "localhost:8501"}, False),
        (None, {"Host": "coco.example.org:80"}, False),
        (None, {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.1"}, False),
    ],
)
def test_a_browser_elsewhere_opens_no_folder_here(address: str | None, headers: dict[str, str], is_here: bool) -> None:
    assert export_actions.is_from_here(address, headers) is is_here


def test_without_a_desktop_there_is_no_such_button(
    open_app: OpenApp, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del exports
    monkeypatch.setattr(export_actions, "file_manager", lambda: None)
    assert "Open folder" not in [each.label for each in open_app("export").button]


def test_of_many_exports_the_first_are_shown_until_all_are_asked_for(
    open_app: OpenApp, four_images: Dataset, tmp_path: Path
) -> None:
    for number in range(10):
        export_of(four_images, tmp_path / "home" / "exports" / f"export-{number}", images="none", formats=("coco",))
    app = open_app("export")
    assert len(app.get("link_button")) == 8
    assert len(click(app, "Show all 10 exports").get("link_button")) == 10
