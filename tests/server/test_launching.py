"""Before the browser app starts: where its files are, its port, and what is refused."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from cocomine.errors import DatasetError, ServerError
from cocomine.server import launching
from cocomine.server.launching import app_folder, chosen_port, port_trouble, serve

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program serves."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_checkout_s_app_is_beside_the_package() -> None:
    assert app_folder() == REPOSITORY
    assert (app_folder() / "app.py").is_file()


def test_an_installed_app_is_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_app").mkdir()
    monkeypatch.setattr(launching, "PACKAGE", tmp_path)
    assert app_folder() == tmp_path / "_app"


def test_the_next_free_port_is_chosen(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "USUAL_PORT", taken)
    port = chosen_port(None)
    assert port > taken
    assert port_trouble(port) is None


def test_a_named_port_that_is_taken_is_refused_with_what_to_do(taken: int) -> None:
    with pytest.raises(ServerError, match=rf"Port {taken} cannot be used \(.*leave out --port"):
        chosen_port(taken)


def test_a_dataset_that_is_not_there_is_refused_before_anything_starts(tmp_path: Path) -> None:
    before = Path.cwd()
    with pytest.raises(DatasetError, match="there is no such file or folder"):
        serve(port=None, dataset=tmp_path / "nowhere", opens_browser=False)
    assert Path.cwd() == before


def test_a_dataset_in_the_home_of_nobody_is_refused() -> None:
    with pytest.raises(DatasetError, match="~nobody-of-that-name/coco: there is no such file or folder"):
        serve(port=None, dataset=Path("~nobody-of-that-name/coco"), opens_browser=False)


def test_the_app_runs_at_home_with_its_workspace_and_dataset_where_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the person's home may hold settings and secrets for Streamlit, not the folder where they happen to be."""
    (tmp_path / "home").mkdir()
    (tmp_path / "here" / "coco").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COCOMINE_HOME", "mine")
    monkeypatch.setenv("COCOMINE_DATA", "")
    monkeypatch.setattr("streamlit.web.cli.main", given := Mock())
    serve(port=9000, dataset=Path("coco"), opens_browser=False)
    assert Path.cwd() == tmp_path / "home"
    assert os.environ["COCOMINE_HOME"] == str(tmp_path / "here" / "mine")
    assert os.environ["COCOMINE_DATA"] == str(tmp_path / "here" / "coco")
    arguments = given.call_args.args[0]
    assert arguments[:2] == ["run", str(REPOSITORY / "app.py")]
    assert {"--server.port=9000", "--server.headless=true"} <= set(arguments)
