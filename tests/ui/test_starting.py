"""What happens before the first answer of the server."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browsing import REPOSITORY, running_app
from records import document, write_split

from benchmarks.session import opened_session

BEGUN = """
import sys, time
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
from cocomine.ui.session import opening
from cocomine.ui.starting import import_first_page, import_other_pages, run_pages_through_app

begin = PagesManager.__init__
def begun(manager, *args, **more):
    begin(manager, *args, **more)
    run_pages_through_app()  # AppTest lets each run be the first
PagesManager.__init__ = begun
"""
WALK = """
import_first_page()
import_other_pages()
before = set(sys.modules)
app = AppTest.from_file("app.py", default_timeout=60)
app.query_params["data"], app.query_params["classes"] = sys.argv[1], "cat,cup"
app.run()
for page in ("data", "understand", "choose", "check", "export", "train", "compare"):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception and app.title
print(*(set(sys.modules) - before))
"""
FIRST_PAGE = """
import_first_page()
before = set(sys.modules)
end_s = time.monotonic() + 60
opening.LARGE_BYTES = 0  # also what is read beside the page
app = AppTest.from_file("app.py", default_timeout=60)
app.run()
app.text_input(key="typed_path").input(sys.argv[1])
next(each for each in app.button if each.label == "Open").click().run()
while not app.metric and time.monotonic() < end_s:
    time.sleep(0.1)
    app.run()
app.query_params["classes"] = "cat,cup"
app.run()
for toggle in range(len(app.toggle)):
    app.toggle[toggle].set_value(True).run()
for part in ("info", "licenses", "categories", "annotations"):
    app.button_group(key="data-part").set_value([part]).run()
next(each for each in app.button if each.label == "Browse …").click().run()
next(each for each in app.button if each.key == "check-image-files").click().run()
time.sleep(1)
assert not app.exception and app.title and app.toggle, app
print(*(set(sys.modules) - before))
"""
LARGE = {"cocomine", "numpy", "pandas", "pages", "plotly", "pyarrow", "scipy", "starlette"}
"""Packages whose modules need each other; the rest imports single ones that need nobody."""


def imported_late(walk: str, tmp_path: Path, *arguments: str) -> set[str]:
    """What the large packages have that was imported after the preparation, while a person walked through pages."""
    done = subprocess.run(
        [sys.executable, "-c", BEGUN + walk, *arguments],
        cwd=REPOSITORY,
        env={"COCOMINE_HOME": str(tmp_path / "home"), "COCOMINE_VIEWERS": "0", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    late = {name for name in done.stdout.split() if name.split(".")[0] in LARGE}
    return {name for name in late if not name.startswith("plotly.graph_objs.")}  # each stands alone


@pytest.mark.slow
def test_no_page_imports_what_another_may_be_importing(tmp_path: Path) -> None:
    """Two threads that import parts of one package in another order find a part half made."""
    data = write_split(tmp_path / "data", document())
    assert not imported_late(WALK, tmp_path, str(data))


@pytest.mark.slow
def test_the_first_page_imports_nothing_while_what_others_need_is_imported(tmp_path: Path) -> None:
    data = write_split(tmp_path / "data", document())
    assert not imported_late(FIRST_PAGE, tmp_path, str(data))


@pytest.mark.slow
def test_a_link_to_another_page_opens_it_as_the_first_visit(tmp_path: Path) -> None:
    """Streamlit would run the page without `app.py`, and what the page needs is not there yet."""
    data = write_split(tmp_path / "data", document())
    with running_app(tmp_path) as address, opened_session(address) as own:
        own.show("understand", urlencode({"data": str(data), "classes": "cat,cup"}))
        assert (own.shown.title, own.shown.errors) == ("Understand", [])


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
