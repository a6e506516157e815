"""What a page says when something in it fails that should not."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import REPOSITORY, go_to, running_app
from playwright.sync_api import Page, expect

from benchmarks.session import opened_session
from cocomine.ui.failing import FAILURE

pytestmark = pytest.mark.slow
SENTENCE = "val.json: there is nothing in it. Choose another file."
BROKEN = {"compare": 'KeyError("a <b> $c$ of ours")', "train": f"DatasetError({SENTENCE!r})"}
"""Two pages, and what they raise."""
TRACE_END = "KeyError: 'a <b> $c$ of ours'"
SCRIPT = """
import streamlit as st
from cocomine.errors import DatasetError

def fail(): raise {error}

st.title("Broken")
if st.query_params.get("where") == "fragment":
    st.fragment(fail)()
fail()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def broken(home: Path) -> Iterator[str]:
    """The address of our app, but for its broken pages."""
    folder = home / "app"
    for name in (".streamlit", "pages"):
        shutil.copytree(REPOSITORY / name, folder / name)
    shutil.copy(REPOSITORY / "app.py", folder)
    (folder / "cocomine").symlink_to(REPOSITORY / "cocomine")
    for page, error in BROKEN.items():
        (folder / "pages" / f"{page}.py").write_text(SCRIPT.format(error=error))
    with running_app(home, folder=folder) as address:
        yield address


@pytest.mark.browser
def test_a_failure_is_a_sentence_with_its_trace_folded_and_no_link_leads_away(broken: str, page: Page) -> None:
    page.goto(broken)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Broken")).to_be_visible()
    expect(page.get_by_text(FAILURE)).to_be_visible()
    trace = page.get_by_text(TRACE_END)
    expect(trace).to_be_hidden()
    page.get_by_text("What failed").click()
    expect(trace).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    links = page.eval_on_selector_all("a", "links => links.map(link => link.href)")
    assert links
    assert all(link.startswith(broken) for link in links)
    go_to(page, "Export")


@pytest.mark.parametrize("where", ["page", "fragment"])
def test_the_server_logs_a_failure_and_the_other_pages_go_on(broken: str, home: Path, where: str) -> None:
    with opened_session(broken) as session:
        session.show("compare", f"where={where}")
        sentence, trace = session.shown.errors
        assert session.shown.title == "Broken"
        assert sentence.startswith(FAILURE)
        assert trace.endswith(TRACE_END)
        session.show("export")
        assert (session.shown.title, session.shown.errors) == ("Export", [])
    assert TRACE_END in (home / "server.log").read_text()


@pytest.mark.parametrize("where", ["page", "fragment"])
def test_what_a_person_can_act_on_stands_in_its_own_words(broken: str, where: str) -> None:
    with opened_session(broken) as session:
        session.show("train", f"where={where}")
        assert [error.replace("\\", "") for error in session.shown.errors] == [SENTENCE]
