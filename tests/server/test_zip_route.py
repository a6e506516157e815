"""Who gets an export's zip from the server, and what is sent."""

import asyncio
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from browsing import running_app
from datasets import export_of, files_in
from requests_by_hand import Server
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from cocomine.coco.dataset import Dataset
from cocomine.errors import ExportError
from cocomine.exporting.zipping import plan_zip
from cocomine.server.downloads import download_routes, zip_address


@pytest.fixture
def export(four_images: Dataset, tmp_path: Path) -> Path:
    export_of(four_images, tmp_path / "export")
    return tmp_path / "export"


def answer_to(path: str, *, method: str = "GET") -> httpx.Response:
    """Ask for a path as under Streamlit, whose own layer compresses what it may."""
    app = Starlette(routes=download_routes(), middleware=[Middleware(GZipMiddleware)])

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return await client.request(method, path)

    return asyncio.run(asked())


def test_a_browser_gets_the_zip_with_its_name_and_length(export: Path, tmp_path: Path) -> None:
    answer = answer_to(f"/{zip_address(export)}")
    plan = plan_zip(export)
    assert answer.headers["content-disposition"] == f'attachment; filename="{plan.file_name}"'
    assert int(answer.headers["content-length"]) == len(answer.content) == plan.size
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        opened.extractall(tmp_path / "unpacked")
    assert files_in(tmp_path / "unpacked" / plan.name) == files_in(export)


def test_who_asks_for_the_head_alone_gets_no_body(export: Path) -> None:
    answer = answer_to(f"/{zip_address(export)}", method="HEAD")
    assert (int(answer.headers["content-length"]), answer.content) == (plan_zip(export).size, b"")


def test_an_address_stays_the_same_and_holds_no_path(export: Path) -> None:
    assert zip_address(export) == zip_address(export)
    assert export.name not in zip_address(export)


@pytest.mark.parametrize("name", ["export", "../../etc/passwd", "%2e%2e%2fetc%2fpasswd", "0" * 64])
def test_what_was_not_offered_is_not_served(name: str) -> None:
    assert answer_to(f"/zip/{name}").status_code == 404


def test_a_folder_that_is_no_export_any_more_is_told(export: Path) -> None:
    address = zip_address(export)
    (export / "manifest.json").unlink()
    answer = answer_to(f"/{address}")
    assert (answer.status_code, "no complete export" in answer.text) == (409, True)


def test_a_file_that_changes_on_the_way_breaks_the_download_off(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser then calls it failed; it never has a whole zip with another content."""
    monkeypatch.setattr("cocomine.exporting.zipping._check_sum", lambda *_: 1)
    with pytest.raises(ExportError, match="not as it was exported"):
        answer_to(f"/{zip_address(export)}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_app(tmp_path_factory.mktemp("home")) as address:
        yield Server(port=urlsplit(address).port or 0)


@pytest.mark.slow
def test_the_guard_stands_before_downloads_too(server: Server) -> None:
    path, host = f"/zip/{'0' * 64}", {"Host": f"127.0.0.1:{server.port}"}
    assert server.answer(path, host).status == 404
    assert server.answer(path, {"Host": "evil.example"}).status == 403
    assert server.answer(path, host | {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}).status == 403
    assert Server(port=server.port, is_stranger=True).answer(path, host).status == 403
