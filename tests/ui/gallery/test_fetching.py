"""Images at an address hold no page: they come beside it, and what cannot be had is said."""

import shutil
import time
from pathlib import Path
from threading import Event

import pytest
from apps import OpenApp
from galleries import galleries
from image_server import answers_of, served
from records import document, write_split
from streamlit.testing.v1 import AppTest

from cocomine.coco import image_address
from cocomine.coco.image_address import ImageAddress
from cocomine.coco.image_folder_store import keep_folders
from cocomine.coco.image_folders import ImageFolders
from cocomine.ui.session import jobs
from cocomine.workspace import Workspace

LONGEST_RUN_S = 10
"""Of a page that waits for no server; the images may take 20 s."""


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the four images, which are not where their annotations are."""
    monkeypatch.setattr(image_address, "_failed", {})
    root = write_split(tmp_path / "data", document(info={"of": str(tmp_path)})).parent.parent
    return Path(shutil.move(root / "all2017", tmp_path / "far"))


def opened(open_app: OpenApp, page: str, server: str, tmp_path: Path) -> AppTest:
    """Open a page whose images are at the server."""
    data, workspace = tmp_path / "data", Workspace(root=tmp_path / "home")
    named: dict[str, Path | ImageAddress] = {"": ImageAddress.of(server, workspace.fetched_images)}
    keep_folders(workspace.image_folders, data, ImageFolders(named=named, linked=()))
    began_s = time.monotonic()
    app = open_app(page, data=str(data), classes="cat")
    assert not app.exception
    assert time.monotonic() - began_s < LONGEST_RUN_S
    return app


def said(app: AppTest) -> str:
    """What captions and warnings say, without the backslashes that keep Markdown from reading addresses."""
    return " ".join(each.value for kind in (app.caption, app.warning) for each in kind).replace("\\", "")


def wait_for_jobs() -> None:
    for job in list(jobs._jobs.values()):
        assert job.wait(30)


def pictures(app: AppTest) -> list[bool]:
    """Whether each image of the gallery has its picture."""
    (gallery,) = galleries(app)
    return [image["jpeg"] is not None for image in gallery["page"]["images"]]


def test_a_page_waits_for_no_image_and_draws_them_when_they_have_come(
    open_app: OpenApp, far: Path, tmp_path: Path
) -> None:
    gate = Event()
    with served(answers_of(far), gate=gate) as (server, _):
        app = opened(open_app, "check", server, tmp_path)
        assert f"Fetching 2 images from {server}" in said(app)
        assert not any(pictures(app))
        gate.set()
        wait_for_jobs()
        app.run()
    assert "Fetching" not in said(app)
    assert all(pictures(app))


def test_images_that_an_address_does_not_hold_are_counted(open_app: OpenApp, far: Path, tmp_path: Path) -> None:
    with served({}) as (server, asked):
        app = opened(open_app, "check", server, tmp_path)
        wait_for_jobs()
        app.run()
        assert f"2 of these images are not at {server}" in said(app)
        assert len(asked) == 2  # and no run asks again at once
    assert far.is_dir()


def test_the_sample_of_the_four_options_comes_beside_its_page(open_app: OpenApp, far: Path, tmp_path: Path) -> None:
    gate = Event()
    with served(answers_of(far), gate=gate) as (server, _):
        app = opened(open_app, "choose", server, tmp_path)
        assert f"Fetching 1 image from {server}" in said(app)
        assert "on its way" in said(app)
        gate.set()
        wait_for_jobs()
        app.run()
    assert "on its way" not in said(app)
    assert "missing" not in said(app)
