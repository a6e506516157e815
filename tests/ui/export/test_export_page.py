"""What the Export page says is about the export that is planned now, and green only where nothing is missing."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from apps import OpenApp, export_button, set_export_folder, widget
from PIL import Image
from records import CAT, CUP, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.background.launching import start_task
from cocomine.background.reading import ask_to_pause
from cocomine.background.records import Request
from cocomine.exporting.formats.readme import SYMLINK_PRICE
from cocomine.ui.export import destination, write_panel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cats and two cups for training, a cat for validation."""
    root = tmp_path / "data"
    train = [annotation(1, 1, CAT), annotation(2, 2, CAT), annotation(3, 3, CUP), annotation(4, 4, CUP)]
    write_split(root, document([image(index) for index in (1, 2, 3, 4)], train), split="train2017")
    write_split(root, document([image(5)], [annotation(5, 5, CAT)]), split="val2017")
    return root


def read(app: AppTest) -> str:
    """All that the page says in words, as it is shown."""
    assert not app.exception
    kinds = (app.markdown, app.caption, app.success, app.warning, app.error, app.info)
    return "\n".join(str(each.value) for kind in kinds for each in kind).replace("\\", "")


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_a_finished_export_is_shown_and_found_again_by_another_session(open_app: OpenApp, folder: Path) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    assert app.success[0].value.startswith("Export complete. ")
    again = open_app("export", data=str(folder), classes="cat")
    assert [each.value for each in again.success] == [each.value for each in app.success]


def test_an_export_that_was_never_compared_with_its_plan_is_not_called_complete(
    open_app: OpenApp, folder: Path
) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    path = Path(app.code[0].value) / "manifest.json"
    manifest = json.loads(path.read_bytes())
    path.write_text(json.dumps({name: manifest[name] for name in ("cocomine_export", "splits", "files")}))
    again = open_app("export", data=str(folder), classes="cat")
    assert not again.success
    assert "Previous exports (1)" in [each.label for each in again.expander]


def test_another_selection_is_not_called_complete_by_the_former_export(open_app: OpenApp, folder: Path) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    app.session_state["selection"] = app.session_state["selection"].__class__(classes=("cup",))
    app.run()
    assert not app.success
    assert "This export is of a former selection: any of cat. It stays as it is." in read(app)


def test_other_settings_of_the_same_selection_are_told(open_app: OpenApp, folder: Path) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    app.radio(key="export-images").set_value("copy").run()
    assert not app.success
    assert "This export is with other settings." in read(app)


def test_the_same_export_in_another_folder_is_told(open_app: OpenApp, folder: Path, tmp_path: Path) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    set_export_folder(app, str(tmp_path / "elsewhere"))
    assert not app.success
    assert "This export is the same, in another folder." in read(app)


def test_missing_images_are_counted_before_and_after(open_app: OpenApp, folder: Path) -> None:
    (folder / "train2017" / "1.jpg").unlink()
    app = open_app("export", data=str(folder), classes="cat")
    assert "2 of 3 images found, 1 missing." in read(app)
    export_button(app).click().run()
    assert not app.success
    assert app.warning[0].value.startswith("Export written, but not complete. ")


def test_that_another_folder_has_images_of_the_same_names_is_told_before(open_app: OpenApp, tmp_path: Path) -> None:
    root = tmp_path / "data"
    write_split(root, document([image(1)], [annotation(1, 1, CAT)]), split="val2017")
    (root / "val2017").rename(root / "depth")
    shutil.copytree(root / "depth", root / "rgb")
    told = read(open_app("export", data=str(root), classes="cat"))
    assert f"Files of the same names are in {root / 'depth'}, which is read, and in {root / 'rgb'}." in told


def test_without_any_image_file_the_button_waits_for_a_folder(open_app: OpenApp, folder: Path) -> None:
    for split in ("train2017", "val2017"):
        shutil.rmtree(folder / split)
    app = open_app("export", data=str(folder), classes="cat")
    assert "0 of 3 images found, 3 missing. Choose their folder, or export without image files." in read(app)
    assert export_button(app).disabled
    assert "Choose image folder" in [button.label for button in app.button]
    app.radio(key="export-images").set_value("none").run()
    assert not export_button(app).disabled


def test_what_speaks_against_training_has_a_click_that_mends_it(open_app: OpenApp, folder: Path) -> None:
    app = open_app("export", data=str(folder), classes="cat,cup", least="3")
    assert "cup has no validation image (val2017)." in read(app)
    assert "cup has 2 images: you asked for at least 3 of each class." in read(app)
    click(app, "Remove cup")
    assert app.session_state["selection"].classes == ("cat",)
    assert "Ready to export: no warnings." in read(app)


def test_a_minimum_can_be_lowered_to_what_is_there(open_app: OpenApp, folder: Path) -> None:
    app = click(open_app("export", data=str(folder), classes="cat", least="9"), "Lower to 3")
    assert "Ready to export: no warnings." in read(app)


def test_image_files_that_spoil_a_training_are_named(open_app: OpenApp, folder: Path) -> None:
    Image.fromarray(np.full((10, 20), 40_000, dtype=np.uint16)).save(folder / "train2017" / "1.jpg", format="PNG")
    told = read(open_app("export", data=str(folder), classes="cat"))
    assert "Images with more than 256 levels: 1 in train2017." in told


def test_exports_of_other_datasets_and_damaged_ones_are_told_apart(
    open_app: OpenApp, folder: Path, tmp_path: Path
) -> None:
    export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    other = tmp_path / "other"
    write_split(other, document([image(9), image(8)], [annotation(1, 9, CAT), annotation(2, 8, CAT)]), split="photos")
    app = export_button(open_app("export", data=str(other), classes="cat")).click().run()
    broken = tmp_path / "home" / "exports" / "broken"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    app.run()
    assert "Previous exports (3)" in [each.label for each in app.expander]
    assert "manifest.json: damaged" in read(app)


def test_a_former_export_is_found_again_by_another_session(open_app: OpenApp, folder: Path) -> None:
    export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    again = open_app("export", data=str(folder), classes="cup")
    assert not again.success
    assert "This export is of a former selection: any of cat. It stays as it is." in read(again)


@pytest.fixture
def held_exports(open_app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let exports begun on the page pause before their turn."""
    del open_app  # has to be there first: it lets the page wait

    def start(tasks_folder: Path, request: Request) -> Path:
        folder = start_task(tasks_folder, request)
        ask_to_pause(folder)
        return folder

    monkeypatch.setattr(write_panel, "QUICK_S", 0.1)
    monkeypatch.setattr(write_panel, "start_task", start)


def until(app: AppTest, is_so: Callable[[AppTest], bool]) -> AppTest:
    """Run a page until it is as it should be."""
    for _ in range(600):
        if is_so(app):
            return app
        time.sleep(0.1)
        app.run()
    pytest.fail(read(app))


def is_paused(app: AppTest) -> bool:
    return any(each.value.startswith("Paused before its turn") for each in app.caption)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.usefixtures("held_exports")
def test_an_export_goes_on_when_its_page_is_left_and_is_shown_in_another_session(
    open_app: OpenApp, folder: Path
) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    until(app, is_paused)
    assert export_button(app).disabled
    assert "Export of cat" in read(app)
    app.switch_page("pages/check.py").run()
    assert "Resume" in labels(app)
    again = open_app("export", data=str(folder), classes="cat")
    assert export_button(again).disabled
    click(again, "Resume")
    until(again, lambda app: bool(app.success))
    assert again.success[-1].value.startswith("Export complete. ")


@pytest.mark.usefixtures("held_exports")
def test_a_cancelled_export_leaves_the_folder_as_it_was(open_app: OpenApp, folder: Path, home: Path) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    click(app, "Cancel")
    until(app, lambda app: "Export cancelled. The folder is as it was." in read(app))
    assert not list(home.rglob("manifest.json"))
    app.switch_page("pages/train.py").run()
    assert "no complete export" not in read(app)  # nor is it missed where exports are trained on


@pytest.mark.usefixtures("held_exports")
def test_a_killed_export_is_told_with_a_click_that_starts_it_again(open_app: OpenApp, folder: Path, home: Path) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    until(app, is_paused)
    (status,) = (home / "tasks").glob("export-*/status.json")
    until(app, lambda _: json.loads(status.read_bytes())["pid"] is not None)  # its process is there
    os.kill(json.loads(status.read_bytes())["pid"], signal.SIGKILL)
    until(app, lambda app: "Export of cat: stopped before its end (without a word). Start it again." in read(app))
    click(app, "Start again")
    until(app, lambda app: bool(app.success))
    assert app.success[-1].value.startswith("Export complete. ")


def test_how_much_room_an_export_needs_is_told_before(
    open_app: OpenApp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destination, "free_bytes", lambda _: 1000)
    app = open_app("export", data=str(folder), classes="cat")
    assert "Needs about 13 kB; 1 kB are free. Free some space" in read(app)
    assert export_button(app).disabled


def test_a_reload_shows_the_finished_export_with_the_settings_it_was_made_with(open_app: OpenApp, folder: Path) -> None:
    app = open_app("export", data=str(folder), classes="cat")
    app.radio(key="export-images").set_value("copy")
    app.checkbox(key="export-format-yolo").set_value(True)
    widget(app.text_input, "export-as").set_value("my cats").run()
    app = export_button(app).click().run()
    assert app.success[0].value.startswith("Export complete. ")
    query = {"data": str(folder), "classes": "cat", "export": app.query_params["export"]}
    again = open_app("export", **query)
    assert [each.value for each in again.success] == [each.value for each in app.success]
    assert Path(again.code[0].value).name == "my cats"


def test_a_name_that_leads_out_of_the_library_is_refused(open_app: OpenApp, folder: Path) -> None:
    app = open_app("export", data=str(folder), classes="cat")
    widget(app.text_input, "export-as").set_value("../cats").run()
    assert "has a / in it" in app.error[0].value
    assert export_button(app).disabled


def test_an_export_for_a_zip_offers_the_zip_first(open_app: OpenApp, folder: Path) -> None:
    app = click(open_app("export", data=str(folder), classes="cat"), "Download as ZIP")
    assert app.success[0].value.startswith("Export complete. ")
    (zipped, *_) = [each.proto for each in app.get("link_button") if each.proto.label == "Download ZIP"]
    assert zipped.type == "primary"


def test_the_page_tells_how_to_use_an_export_and_its_licences(open_app: OpenApp, folder: Path) -> None:
    app = export_button(open_app("export", data=str(folder), classes="cat")).click().run()
    assert {"Files", "Use it", "Licences", "Recipe"} <= {each.label for each in app.tabs}
    assert "from pycocotools.coco import COCO" in "\n".join(each.value for each in app.code)
    assert [list(each.value["images"]) for each in app.dataframe if "licence" in each.value.columns] == [[3]]


def test_symbolic_links_are_the_last_choice_with_their_price(open_app: OpenApp, folder: Path) -> None:
    app = open_app("export", data=str(folder), classes="cat")
    assert SYMLINK_PRICE in read(app)
    app.checkbox(key="export-symlinks").set_value(True).run()
    app = export_button(app).click().run()
    assert all(path.is_symlink() for path in (Path(app.code[0].value) / "images").rglob("*.jpg"))
