"""Check goes on after any death: of the database, of a viewer, of one of two servers; nothing is left running."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from browsing import at_rest, opened_browser, running_app, see_selected, settle
from playwright.sync_api import FrameLocator, Page, expect
from watching import has_ended

from cocomine.viewer.mongod import mongod_executable

ORPHAN_LIMIT_S = 5.0


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(mongod_executable() is None, reason="no mongod here")
def test_check_goes_on_after_each_death_and_nothing_is_left_running(tmp_path: Path, demo_folder: Path) -> None:
    with opened_browser() as browser, running_app(tmp_path, COCOMINE_VIEWERS="2") as address:
        page = _looking(browser.new_page(viewport={"width": 1200, "height": 900}), address, demo_folder)
        first = _frame_address(page)

        _take_out_two(page)
        (mongod,) = _processes(tmp_path, "mongod")
        mongod.kill()
        page.get_by_text("all classes", exact=True).click()
        settle(page)
        _see_pictures(page)
        assert _frame_address(page).partition("&reload")[0] == first.partition("&reload")[0]

        (viewer,) = _processes(tmp_path, "viewer")
        viewer.kill()
        _eventually(lambda: _frame_address(page).partition("?")[0] != first.partition("?")[0], 60)
        _see_pictures(page)
        expect(page.get_by_text("2 images excluded")).to_be_visible()

        with running_app(tmp_path, COCOMINE_VIEWERS="2") as other_address:
            other = _looking(browser.new_page(), other_address, demo_folder)
            (mine,) = [viewer for viewer in _processes(tmp_path, "viewer") if viewer.ppid() == _server(address).pid]
            _server(address).kill()
            _eventually(lambda: has_ended(mine), ORPHAN_LIMIT_S)
            other.get_by_text("all classes", exact=True).click()
            settle(other)
            _see_pictures(other)
            expect(other.get_by_text("2 images excluded")).to_be_visible()
            left = _processes(tmp_path, "viewer") + _processes(tmp_path, "mongod")
            assert len(left) == 2
            _server(other_address).terminate()
            _eventually(lambda: all(map(has_ended, left)), ORPHAN_LIMIT_S)


def _looking(page: Page, address: str, demo: Path) -> Page:
    page.set_default_timeout(60_000)
    page.goto(f"{address}/check?data={demo}&classes=fish,boat")
    settle(page)
    page.get_by_role("radio", name="FiftyOne").click()
    _see_pictures(page)
    return page


def _app(page: Page) -> FrameLocator:
    return page.frame_locator('[data-testid="stIFrame"]')


def _see_pictures(page: Page) -> None:
    expect(_app(page).locator('[data-cy="looker"]').nth(3)).to_be_visible(timeout=120_000)


def _frame_address(page: Page) -> str:
    frame = page.get_by_test_id("stIFrame")
    return frame.get_attribute("src") or "" if frame.count() else ""


def _take_out_two(page: Page) -> None:
    at_rest(_app(page).locator('[data-cy="looker"]').nth(1))  # the App lays images out anew once their masks are there
    for index in range(2):
        _app(page).locator('[data-cy="looker"]').nth(index).click(position={"x": 14, "y": 14})
    see_selected(_app(page), 2)
    page.get_by_role("button", name="Exclude selected").click()
    expect(page.get_by_text("2 images excluded")).to_be_visible()
    _see_pictures(page)


def _processes(workspace: Path, kind: str) -> list[psutil.Process]:
    """Return the living viewers or databases of a workspace."""
    word = {"viewer": "cocomine.viewer.process", "mongod": "--dbpath"}[kind]
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if word in words and any(each.startswith(str(workspace)) for each in words) and not has_ended(process):
            found.append(process)
    return found


def _server(address: str) -> psutil.Process:
    port = address.rpartition(":")[2]
    children = [child for child in psutil.Process().children() if not has_ended(child)]
    (server,) = [child for child in children if f"--server.port={port}" in child.cmdline()]
    return server


def _eventually(condition: Callable[[], bool], limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"this did not come about in {limit_s:.0f} s"
        time.sleep(0.1)
