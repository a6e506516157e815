"""An export in a real browser: it outlives a reload, another page and the server, and is found again."""

import re
import zipfile
from pathlib import Path

import pytest
from browsing import EXPORT, go_to, opened_browser, running_app, settle, watched
from exports import export_problems
from playwright.sync_api import Locator, Page, expect
from records import CAT, annotation, document, image, write_split

MANY = 1500
LIMIT_MS = 180_000
MORE = ("Roboflow, RF-DETR", "YOLO segment", "YOLO detect", "Pascal VOC", "Hugging Face")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(600)
def test_an_export_of_all_formats_outlives_reload_page_and_server(tmp_path: Path) -> None:
    numbers = range(1, MANY + 1)
    value = document([image(each) for each in numbers], [annotation(each, each, CAT) for each in numbers])
    root, home = write_split(tmp_path / "data", value), tmp_path / "home"
    home.mkdir()
    with opened_browser() as browser:
        page = browser.new_page(accept_downloads=True)
        errors = watched(page)
        with running_app(home) as address:
            page.goto(f"{address}/?data={root}&classes=cat")
            go_to(page, "Export")
            for name in MORE:
                page.get_by_text(name, exact=True).click()
                settle(page)
            page.get_by_role("button", name=EXPORT).click()
            panel = page.locator('[class*="st-key-export-"][class*="-panel"]')
            expect(panel.get_by_text(re.compile(r"^(3\d|[4-9]\d) %$"))).to_be_visible(timeout=LIMIT_MS)
            panel.get_by_role("button", name="Pause").click()
            expect(panel.get_by_text(re.compile(r"^Paused · \d+ %$"))).to_be_visible()
            page.reload()
            expect(panel.get_by_text(re.compile(r"^Paused · \d+ %$"))).to_be_visible()
            for name in MORE:
                expect(page.get_by_role("checkbox", name=name)).to_be_checked()
            go_to(page, "Check")
            expect(chip(page)).to_have_text(re.compile(r"Export paused, \d\d %"))
            link = page.url.removeprefix(address)
            page.goto("about:blank")  # which asks the ended server for nothing
        with running_app(home) as address:
            page.goto(address + link)
            expect(chip(page)).to_have_text(re.compile(r"Export paused, \d\d %"))
            chip(page).click()
            inside = page.get_by_test_id("stPopoverBody")
            expect(inside.get_by_text("Writing labels")).to_be_visible()
            inside.get_by_role("button", name="Resume").click()
            expect(chip(page)).to_have_text(re.compile(r"Export complete"), timeout=LIMIT_MS)
            expect(inside.get_by_text(re.compile("Export complete. .* files verified"))).to_be_visible()
            page.keyboard.press("Escape")
            go_to(page, "Export")
            expect(page.get_by_text(re.compile("Export complete. .* files verified"))).to_be_visible()
            settle(page)
            expect(chip(page)).to_have_count(0)
            with page.expect_download() as started:
                page.locator(".st-key-export-result").get_by_role("link", name="Download ZIP").click()
            started.value.save_as(tmp_path / "export.zip")
            assert not errors, "\n".join(errors)
    (export,) = (home / "exports").iterdir()
    assert export_problems(export) == []
    with zipfile.ZipFile(tmp_path / "export.zip") as opened:
        opened.extractall(tmp_path / "unpacked")
    assert export_problems(tmp_path / "unpacked" / export.name) == []


def chip(page: Page) -> Locator:
    """Return the chip that tells of long work on every page."""
    return page.locator(".st-key-task-chip").get_by_role("button").first
