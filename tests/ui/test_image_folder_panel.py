"""Images that are not on disk are told on every page that needs them, and their folder can be named there."""

import shutil
from pathlib import Path

import pytest
from apps import OpenApp, widget
from image_server import answers_of, served
from records import document, write_split
from streamlit.testing.v1 import AppTest

from cocomine.coco import image_address
from cocomine.ui.gallery import fetching
from cocomine.ui.image_folder import ADDRESS, WALK


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four images that are not where their annotations are."""
    root = write_split(tmp_path / "data", document()).parent.parent
    shutil.move(root / "all2017", tmp_path / "far" / "away")
    return root


def told(app: AppTest) -> str:
    assert not app.exception
    return " ".join(element.value for element in app.markdown)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


@pytest.mark.parametrize("page", ["data", "check"])
def test_images_that_are_not_there_are_counted_and_their_folder_can_be_named(
    open_app: OpenApp, data: Path, tmp_path: Path, page: str
) -> None:
    app = open_app(page, data=str(data), classes="cat")
    assert "0 of 4 images found, 4 missing." in told(app)
    press(app, "Choose image folder")
    widget(app.text_input, f"{WALK}-path").set_value(f'"{tmp_path / "far"}"').run()
    press(app, "Choose image folder")  # AppTest closes a dialog with each run
    assert "**4 of 4** images are in here." in told(app)
    press(app, "Use this folder")
    assert "missing" not in told(app)
    assert "missing" not in told(open_app(page, data=str(data), classes="cat"))


def test_a_folder_without_the_images_cannot_be_taken(open_app: OpenApp, data: Path) -> None:
    app = press(open_app(data=str(data)), "Choose image folder")
    assert "**0 of 4** images are in here. Searched for: `a.jpg`" in told(app)
    assert next(button for button in app.button if button.label == "Use this folder").disabled


def test_a_named_folder_that_lost_its_images_is_told_and_can_be_forgotten(
    open_app: OpenApp, data: Path, tmp_path: Path
) -> None:
    app = press(open_app(data=str(data)), "Choose image folder")
    widget(app.text_input, f"{WALK}-path").set_value(str(tmp_path / "far" / "away")).run()
    press(press(app, "Choose image folder"), "Use this folder")
    shutil.move(tmp_path / "far" / "away", tmp_path / "gone")
    app = open_app(data=str(data))
    assert f"The chosen folder `{tmp_path / 'far' / 'away'}` holds none of the images now." in told(app)
    assert "The chosen folder" not in told(press(app, "Forget chosen folders"))


def test_links_out_of_the_image_folder_are_followed_once_they_are_allowed(
    open_app: OpenApp, data: Path, tmp_path: Path
) -> None:
    (data / "all2017").mkdir()
    for path in (tmp_path / "far" / "away").iterdir():
        (data / "all2017" / path.name).symlink_to(path)
    app = open_app(data=str(data))
    assert f"Links lead to `{tmp_path / 'far' / 'away'}`, which is not followed." in told(app)
    next(button for button in app.button if button.label.startswith("Allow links to ")).click().run()
    assert "missing" not in told(app)


def test_a_folder_that_cannot_be_kept_is_told(
    open_app: OpenApp, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").write_text("")
    app = press(open_app(data=str(data)), "Choose image folder")
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "a-file" / "home"))
    widget(app.text_input, f"{WALK}-path").set_value(str(tmp_path / "far")).run()
    press(press(app, "Choose image folder"), "Use this folder")
    assert "the choice cannot be kept" in app.error[0].value


@pytest.mark.parametrize("form", ['"{}"', "'{}'", " {} ", "file://{}"])
def test_the_path_field_takes_what_was_copied(open_app: OpenApp, data: Path, form: str) -> None:
    app = open_app()
    app.text_input(key="typed_path").set_value(form.format(data))
    press(app, "Open")
    assert app.session_state["dataset_path"] == str(data)


def test_a_path_of_windows_is_explained_on_the_page(open_app: OpenApp) -> None:
    app = open_app()
    app.text_input(key="typed_path").set_value("Q:\\coco")
    press(app, "Open")
    assert "this is a path of Windows" in app.error[0].value


def test_the_walk_passes_over_loops_and_names_that_cannot_be_shown(open_app: OpenApp, data: Path) -> None:
    (data / "loop").symlink_to(data / "loop")
    (data / b"\xff\xfe".decode("utf-8", "surrogateescape")).mkdir()
    (data / "dangling.json").symlink_to(data / "nowhere.json")
    app = press(open_app(data=str(data)), "Choose image folder")
    assert not app.exception
    labels = [button.label for button in app.button]
    assert "annotations" in labels
    assert "loop" not in labels


def use_address(app: AppTest, address: str) -> AppTest:
    press(app, "Choose image folder").text_input(key=ADDRESS).set_value(address)
    return press(app, "Use this address")


def test_an_address_can_be_named_and_its_images_are_fetched_as_they_are_shown(
    open_app: OpenApp, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_address, "_failed", {})
    monkeypatch.setattr(fetching, "QUICK_S", 60)  # what comes is there when the run ends
    with served(answers_of(tmp_path / "far" / "away")) as (server, asked):
        app = use_address(open_app(data=str(data)), f"{server}/nowhere")
        press(app, "Choose image folder")
        assert "Name the address of the folder that holds the images" in " ".join(each.value for each in app.error)
        use_address(app, server)
        assert f"4 images at `{server}`, 1 fetched so far." in told(open_app(data=str(data)))
        open_app("check", data=str(data), classes="cat")
        assert len(asked) > 4
    app = open_app("check", data=str(data), classes="cat")
    assert not app.warning  # all that is shown was fetched


def test_an_address_out_of_reach_is_told_beside_the_gallery(
    open_app: OpenApp, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_address, "_failed", {})
    monkeypatch.setattr(fetching, "QUICK_S", 60)  # what comes is there when the run ends
    with served(answers_of(tmp_path / "far" / "away")) as (server, _):
        use_address(open_app(data=str(data)), server)
    app = open_app("check", data=str(data), classes="cat")
    assert not app.exception
    assert "Check the address and the connection" in " ".join(each.value for each in app.warning)
