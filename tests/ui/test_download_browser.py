"""Who has annotations alone downloads the images, goes elsewhere meanwhile, exports them and trains on them."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import local_download
import pytest
from bad_server import Answer, BadServer, bad_server
from browsing import EXPORT, go_to, opened_browser, running_app, settle, watched
from local_app import SUPPORT, local_app
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(600)]
CLASS = "cup"
SPLITS = {"train2017": 34, "val2017": 16}
WANTED = sum(SPLITS.values())
LONG_S = 240.0
NAMING = f"""
from cocomine.ui.downloads import panel as download_panel_module

download_panel_module.WORK = {local_download.__name__!r}
"""
"""Names the work of a download that may reach the server of the tests."""
SOON_MS = 60_000


@pytest.fixture
def server() -> Iterator[BadServer]:
    with bad_server() as server:
        yield server


def annotations_alone(demo: Path, server: BadServer, folder: Path) -> Path:
    """Write the demo's annotations, with 50 images that have the class; let the server have the images."""
    (folder / "annotations").mkdir(parents=True)
    for split, most in SPLITS.items():
        document = json.loads((demo / "annotations" / f"instances_{split}.json").read_bytes())
        category_id = next(each["id"] for each in document["categories"] if each["name"] == CLASS)
        ids = {each["image_id"] for each in document["annotations"] if each["category_id"] == category_id}
        left_out = set(sorted(ids)[most:])
        document["images"] = [each for each in document["images"] if each["id"] not in left_out]
        document["annotations"] = [each for each in document["annotations"] if each["image_id"] not in left_out]
        for record in document["images"]:
            path = f"/{split}/{record['file_name']}"
            server.files[path] = (demo / split / record["file_name"]).read_bytes()
            record["coco_url"] = server.url(path)
        (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def hold(server: BadServer, go_on: threading.Event) -> None:
    """Let every image wait until the test has looked at all that it wants to see."""

    def held(answer: Answer) -> None:
        go_on.wait(LONG_S)
        answer.whole()

    for path in server.files:
        server.faults[path] = [held]


def begin_download(page: Page, server: BadServer) -> None:
    """Allow the host, and begin."""
    expect(page.get_by_role("button", name="Download 0 images")).to_be_disabled(timeout=SOON_MS)
    page.get_by_placeholder(f"Type {server.authority} to allow it").fill(server.authority)
    page.get_by_placeholder(f"Type {server.authority} to allow it").press("Enter")
    page.get_by_text(re.compile("Also without encryption")).click()
    page.get_by_role("button", name=f"Download {WANTED} images").click()


def test_fifty_images_are_downloaded_exported_and_trained_on(
    server: BadServer, demo_folder: Path, tmp_path: Path
) -> None:
    data, go_on = annotations_alone(demo_folder, server, tmp_path / "data"), threading.Event()
    hold(server, go_on)
    home = tmp_path / "home"
    home.mkdir()
    app = local_app(tmp_path / "app", NAMING)
    with running_app(home, folder=app, PYTHONPATH=SUPPORT) as address, opened_browser() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        errors = watched(page)
        page.goto(f"{address}/?data={data}&classes={CLASS}")
        begin_download(page, server)

        page.get_by_role("button", name="Pause").first.click(timeout=SOON_MS)
        expect(page.get_by_text(re.compile("Paused")).first).to_be_visible(timeout=SOON_MS)
        page.reload()
        expect(page.get_by_text(f"Download of {WANTED} images").first).to_be_visible(timeout=SOON_MS)
        go_to(page, "Understand")
        expect(page.get_by_text("Download paused").first).to_be_visible(timeout=SOON_MS)
        go_to(page, "Data")
        page.get_by_role("button", name="Resume").first.click(timeout=SOON_MS)
        go_on.set()
        expect(page.get_by_text(re.compile(f"{WANTED} of .* images found"))).to_be_visible(timeout=SOON_MS)
        assert len({request.path for request in server.requests}) == WANTED

        go_to(page, "Export")
        page.get_by_role("button", name=EXPORT).click()
        expect(page.get_by_text(re.compile("files verified"))).to_be_visible(timeout=120_000)
        go_to(page, "Train")
        page.get_by_text("Advanced", exact=True).click()
        page.get_by_label("Steps", exact=True).fill("2")
        page.get_by_label("Steps", exact=True).press("Enter")
        settle(page)
        page.get_by_role("button", name=re.compile("Start training|Train anyway")).click()
        expect(page.locator(".stMarkdownBadge").filter(has_text="Done")).to_be_visible(timeout=240_000)
        assert not errors, "\n".join(errors)
    assert sum(len(list((data / split).iterdir())) for split in SPLITS) == WANTED
