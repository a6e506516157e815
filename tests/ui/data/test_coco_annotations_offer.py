"""COCO's annotations can be had from the Data page: size and host are said before, and they are opened afterwards."""

from collections.abc import Callable
from pathlib import Path

import pytest
from apps import OpenApp, read
from records import document, write_split
from streamlit.testing.v1 import AppTest

from cocomine.background.records import Request
from cocomine.ui.downloads import coco


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """The tasks that were started; none of them runs."""
    requests = list[Request]()
    start: Callable[[Path, Request], None] = lambda _, request: requests.append(request)  # noqa: E731
    monkeypatch.setattr(coco, "start_task", start)
    return requests


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def annotations(folder: Path) -> None:
    for split in ("train2017", "val2017"):
        write_split(folder, document(), split=split, pictures=False)


def test_size_host_and_place_are_said_before_anything_begins(
    open_app: OpenApp, begun: list[Request], tmp_path: Path
) -> None:
    app = open_app()
    said = read(app)
    assert "**252.9 MB** to download from COCO's host (`s3.amazonaws.com/images.cocodataset.org`)" in said
    assert f"**489.8 MB** on disk in `{tmp_path / 'home' / 'coco'}`" in said
    assert not begun


def test_a_click_begins_it_and_it_is_opened_when_it_is_there(
    open_app: OpenApp, begun: list[Request], tmp_path: Path
) -> None:
    app = press(open_app(), "Download 252.9 MB")
    (request,) = begun
    assert request.arguments == {"folder": str(tmp_path / "home" / "coco")}
    annotations(tmp_path / "home" / "coco")
    assert not app.run().exception
    assert app.query_params["data"] == str(tmp_path / "home" / "coco")


def test_another_dataset_that_was_opened_meanwhile_stays(
    open_app: OpenApp, begun: list[Request], tmp_path: Path
) -> None:
    write_split(tmp_path / "mine", document())
    app = press(open_app(), "Download 252.9 MB")
    app.session_state["dataset_path"] = str(tmp_path / "mine")
    annotations(tmp_path / "home" / "coco")
    assert not app.run().exception
    assert app.query_params["data"] == str(tmp_path / "mine")
    assert len(begun) == 1
    assert any(button.label == "Open COCO 2017" for button in app.button)
