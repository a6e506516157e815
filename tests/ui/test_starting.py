"""What happens before the first answer of the server."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browsing import REPOSITORY, running_app
from records import document, write_split

from benchmarks.session import opened_session

WALK = """
import sys
from streamlit.testing.v1 import AppTest
from cocomine.ui.starting import import_pages

import_pages()
before = set(sys.modules)
app = AppTest.from_file("app.py", default_timeout=60)
app.query_params["data"], app.query_params["classes"] = sys.argv[1], "cat,cup"
app.run()
for page in ("data", "understand", "choose", "check", "export", "train", "compare"):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception and app.title
print(*(set(sys.modules) - before))
"""
LARGE = {"cocomine", "numpy", "pandas", "pages", "plotly", "scipy", "starlette"}
"""Packages whose modules need each other; the rest imports single ones that need nobody."""


@pytest.mark.slow
def test_no_page_imports_what_another_may_be_importing(tmp_path: Path) -> None:
    """Two threads that import parts of one package in another order find a part half made."""
    data = write_split(tmp_path / "data", document())
    walk = subprocess.run(
        [sys.executable, "-c", WALK, str(data)],
        cwd=REPOSITORY,
        env={"COCOMINE_HOME": str(tmp_path / "home"), "COCOMINE_VIEWERS": "0", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert walk.returncode == 0, walk.stderr
    late = {name for name in walk.stdout.split() if name.split(".")[0] in LARGE}
    assert not {name for name in late if not name.startswith("plotly.graph_objs.")}  # each stands alone


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="another system opens its browser in another way")
def test_the_browser_opens_without_the_secret(tmp_path: Path) -> None:
    """What a command is given is everybody's to read."""
    told = tmp_path / "opened"
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > {told}.part && mv {told}.part {told}\n')
    opener.chmod(0o755)
    with running_app(tmp_path, is_headless=False, PATH=f"{tmp_path}:{os.environ['PATH']}") as address:
        end_s = time.monotonic() + 20
        while not told.exists():
            assert time.monotonic() < end_s
        assert told.read_text().strip() == address
    assert not list(tmp_path.glob("address-*"))


@pytest.mark.slow
def test_a_workspace_that_cannot_be_written_stops_no_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        running_app(tmp_path, COCOMINE_HOME=str(tmp_path / "file" / "home")) as address,
        opened_session(address) as own,
    ):
        own.show("")
        assert own.shown.errors == []
    assert "No other browser than your own" in (tmp_path / "server.log").read_text()
