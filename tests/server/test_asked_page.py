"""A click on another page opens that page, whatever the former one still says."""

import asyncio
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from browsing import opened_browser, running_app, settle, watched
from playwright.sync_api import expect
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.source_util import PageInfo

from cocomine.coco.dataset import Dataset
from cocomine.server.asked_page import keep_asked_page

CHOOSE, CHECK, EXPORT = "hash of choose", "hash of check", "hash of export"
FRAGMENT = "a fragment of Choose"
UNKNOWN_YET = ""


def click_on(page: str) -> ClientState:
    return ClientState(page_script_hash=page, query_string="data=demo")


def says(page: str, *, fragment: str = "", value: str = "held") -> ClientState:
    said = ClientState(page_script_hash=page, fragment_id=fragment, query_string="data=former")
    said.widget_states.widgets.append(WidgetState(id="thumbnails", string_value=value))
    return said


def timer_of(page: str) -> ClientState:
    return ClientState(page_script_hash=page, fragment_id=FRAGMENT, is_auto_rerun=True)


STRAGGLERS = [timer_of(CHOOSE), says(CHOOSE, fragment=FRAGMENT), says(CHOOSE)]
NAMES = ["a timer", "a component of a fragment", "a component of the page"]


@pytest.fixture(autouse=True)
def _idle_runners(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that have not begun yet, as on a busy machine: requests wait in the runner, and no script runs."""
    monkeypatch.setattr(ScriptRunner, "start", lambda _: None)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppSession, "request_rerun", AppSession.request_rerun)  # what keep_asked_page does goes again
    for name in ("set_script_intent", "intended_page_script_hash", "intended_page_name"):
        monkeypatch.setattr(PagesManager, name, getattr(PagesManager, name))
    keep_asked_page()


@contextmanager
def session_on_choose() -> Iterator[AppSession]:
    """A session whose fragment of Choose the server holds; it needs a running loop."""
    script = str(Path(__file__).with_name("app.py"))
    session = AppSession(ScriptData(script), MemoryUploadedFileManager("/upload"), ScriptCache(), None, {})
    pages = [PageInfo(page_script_hash=page, script_path=script) for page in (CHOOSE, CHECK, EXPORT)]
    session._pages_manager.set_pages_and_resolve({page["page_script_hash"]: page for page in pages})
    session._fragment_storage.register(FRAGMENT, lambda: None)
    session._client_state.page_script_hash = CHOOSE
    yield session
    session._scriptrunner = None  # it never began, and would be waited for
    session.shutdown()


def next_run(requests: Sequence[ClientState | RerunData | None], *, has_begun: int = 0) -> RerunData:
    """What a session runs next after these requests of the browser, of a script or, None, of the server.

    Args:
        has_begun: how many of the requests have been taken by the thread when the next one comes.
    """

    async def ask() -> RerunData:
        with session_on_choose() as session:
            for count, request in enumerate(requests, 1):
                if isinstance(request, RerunData):
                    waiting(session).request_rerun(request)
                else:
                    session.request_rerun(request)
                if count <= has_begun:
                    waiting(session).on_scriptrunner_ready()
            return waiting(session).on_scriptrunner_ready().rerun_data

    return asyncio.run(ask())


def waiting(session: AppSession) -> ScriptRequests:
    assert session._scriptrunner is not None
    return session._scriptrunner._requests


@pytest.mark.parametrize("straggler", STRAGGLERS, ids=NAMES)
def test_streamlit_by_itself_takes_the_click_back(straggler: ClientState) -> None:
    """When this fails, Streamlit has mended it: `cocomine/server/asked_page.py` can go."""
    assert next_run([click_on(CHECK), straggler]).page_script_hash == CHOOSE


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("straggler", STRAGGLERS, ids=NAMES)
def test_the_page_that_was_clicked_opens(straggler: ClientState) -> None:
    run = next_run([click_on(CHECK), straggler])
    assert (run.page_script_hash, run.query_string, run.fragment_id_queue) == (CHECK, "data=demo", [])
    assert run.widget_states == straggler.widget_states  # what was said is heard


@pytest.mark.usefixtures("kept")
def test_a_button_that_opens_a_page_opens_it() -> None:
    switched = RerunData(page_script_hash=CHECK)
    run = next_run([says(CHOOSE, value="Next"), switched, timer_of(CHOOSE)], has_begun=1)
    assert (run.page_script_hash, run.fragment_id_queue) == (CHECK, [])


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("straggler", STRAGGLERS[:2], ids=NAMES[:2])
def test_a_fragment_of_the_former_page_is_of_the_new_one_once_that_runs(straggler: ClientState) -> None:
    run = next_run([click_on(CHECK), straggler], has_begun=1)
    assert (run.page_script_hash, run.fragment_id_queue) == (CHECK, [FRAGMENT])


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("last", [CHOOSE, EXPORT])
def test_of_two_clicks_the_last_one_counts(last: str) -> None:
    assert next_run([click_on(CHECK), says(CHOOSE), click_on(last)]).page_script_hash == last
    assert next_run([click_on(CHECK), click_on(last), timer_of(CHOOSE)]).page_script_hash == last


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("first", [UNKNOWN_YET, "hash of app.py"])
def test_in_a_first_run_the_browser_knows_the_page(first: str) -> None:
    assert next_run([click_on(first), says(CHOOSE)]).page_script_hash == CHOOSE


@pytest.mark.usefixtures("kept")
def test_without_another_page_a_request_is_passed_on_as_it_is() -> None:
    run = next_run([says(CHOOSE, fragment=FRAGMENT)])
    assert (run.page_script_hash, run.query_string, run.fragment_id_queue) == (CHOOSE, "data=former", [FRAGMENT])


@pytest.mark.usefixtures("kept")
def test_a_request_of_the_server_itself_is_passed_on() -> None:
    assert next_run([None]) == RerunData()


def page_of_first(*runs: tuple[str, str]) -> str:
    """The page that the first of these runs shows, each of a page by its hash or name, when the others have begun."""
    manager, shown, begun = PagesManager("app.py"), [], threading.Barrier(len(runs))
    pages = [PageInfo(page_script_hash=page, script_path="app.py", url_pathname=page) for page in (CHOOSE, CHECK)]

    def run(place: int) -> None:
        for turn, (page_hash, page_name) in enumerate(runs):
            if turn == place:
                manager.set_script_intent(page_hash, page_name)
            begun.wait()
        found = manager.set_pages_and_resolve({page["page_script_hash"]: page for page in pages})
        shown.append((place, found["page_script_hash"] if found else ""))

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(shown)[0]


CLICKED, NAMED = (CHECK, ""), ("", CHECK)


@pytest.mark.parametrize("run", [CLICKED, NAMED], ids=["clicked", "named"])
def test_streamlit_by_itself_shows_the_page_of_the_run_that_began_last(run: tuple[str, str]) -> None:
    """When this fails, Streamlit has mended it: half of `cocomine/server/asked_page.py` can go."""
    assert page_of_first(run, (CHOOSE, "")) == CHOOSE


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("run", [CLICKED, NAMED], ids=["clicked", "named"])
def test_a_run_shows_its_own_page(run: tuple[str, str]) -> None:
    assert page_of_first(run, (CHOOSE, "")) == CHECK


@pytest.mark.browser
@pytest.mark.slow
def test_what_a_component_says_just_after_a_click_on_a_page_does_not_take_it_back(
    tmp_path: Path, four_images: Dataset
) -> None:
    """A component's words leave the browser a moment after they are said, here after the click that follows them."""
    with running_app(tmp_path) as address, opened_browser() as browser:
        page = browser.new_page()
        errors = watched(page)
        page.goto(f"{address}/choose?data={four_images.path}")
        card, link = page.get_by_role("checkbox", name=re.compile("^cat, ")), page.get_by_role("link", name="Check")
        expect(card).to_be_visible()
        settle(page)
        card.evaluate("(card, link) => { card.click(); link.click(); }", link.element_handle())
        heading = page.get_by_role("heading", name="Check", level=1)
        expect(heading).to_be_visible()
        settle(page)
        expect(heading).to_be_visible()
        assert errors == []
