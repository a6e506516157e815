"""Exports in a real browser: the zip downloaded whole, one that nobody fetches to its end, one deleted by mistake."""

import json
import os
import re
import shutil
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from browsing import go_to, running_app, settle, watched
from datasets import export_of, files_in
from playwright.sync_api import Page, expect

from cocomine.coco.dataset import Dataset

pytestmark = [pytest.mark.slow, pytest.mark.browser]
LARGE = 500_000_000
"""Bytes of an image: far more than what the server may hold of it and what waits in a connection."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """One server for all tests: its address and its workspace."""
    home = tmp_path_factory.mktemp("home")
    with running_app(home) as address:
        yield address, home


@pytest.fixture
def address(served: tuple[str, Path]) -> str:
    return served[0]


@pytest.fixture
def home(served: tuple[str, Path], four_images: Dataset) -> Iterator[Path]:
    """The server's workspace with one export, anew for each test."""
    home = served[1]
    export_of(four_images, home / "exports" / "cats")
    yield home
    shutil.rmtree(home / "exports")


def open_list(page: Page, address: str) -> list[str]:
    errors = watched(page)
    page.goto(address)
    go_to(page, "Export")
    page.get_by_text("Previous exports (1)").click()
    settle(page)
    return errors


def test_an_export_is_downloaded_as_a_zip_and_opened(page: Page, address: str, home: Path, tmp_path: Path) -> None:
    errors = open_list(page, address)
    with page.expect_download() as started:
        page.get_by_role("link", name="Download ZIP").click()
    started.value.save_as(tmp_path / started.value.suggested_filename)
    assert not errors
    (path,) = tmp_path.glob("*.zip")
    assert re.fullmatch(r"cat-cup-any-[0-9a-f]{6}\.zip", path.name)
    with zipfile.ZipFile(path) as opened:
        opened.extractall(tmp_path / "unpacked")
    assert files_in(tmp_path / "unpacked" / path.stem) == files_in(home / "exports" / "cats")


def test_a_browser_that_waits_or_hangs_up_costs_the_server_little(page: Page, address: str, home: Path) -> None:
    image = _made_large(home / "exports" / "cats")
    open_list(page, address)
    link = page.get_by_role("link", name="Download ZIP").get_attribute("href")
    (server,) = (each for each in psutil.Process().children() if "streamlit" in each.cmdline())
    before = server.memory_info().rss
    host = urlsplit(address).netloc
    with socket.create_connection(host.split(":")) as connection:  # type: ignore[arg-type]
        connection.sendall(f"GET /{link} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert b"200 OK" in connection.recv(1 << 16)
        assert _happens(lambda: str(image) in _open_files(server))
        time.sleep(3)
        assert server.memory_info().rss - before < 100e6
    assert _happens(lambda: str(image) not in _open_files(server))


def test_a_deleted_export_comes_back_and_the_trash_is_emptied(page: Page, address: str, home: Path) -> None:
    errors = open_list(page, address)
    for last in ("Restore", "Empty trash"):
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Move to trash").click()
        expect(page.get_by_text("cats is in the trash (end of this list).")).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert [path.name for path in (home / "trash").iterdir()] == ["cats"]
        page.get_by_role("button", name=last).click()
        if last == "Restore":
            expect(page.get_by_text("cats is back.")).to_be_visible()
            assert (home / "exports" / "cats" / "manifest.json").is_file()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert not errors
    assert not list((home / "trash").iterdir())


def _made_large(export: Path) -> Path:
    """Let an image be large, though it takes no place on the disk, and let the manifest say so."""
    image = next(export.glob("images/*/*.jpg"))
    os.truncate(image, LARGE)
    manifest = json.loads((export / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        entry["size"] = LARGE if export / entry["path"] == image else entry["size"]
    (export / "manifest.json").write_text(json.dumps(manifest))
    return image


def _open_files(server: psutil.Process) -> list[str]:
    return [each.path for each in server.open_files()]


def _happens(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
