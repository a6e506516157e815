"""Which page opens when a click on another page meets what the former page still says?

The page of the click. Until the browser has heard that the new page began, each of its messages names the former one:
the timer of a fragment, a component that says something by itself, a slider that waits for the hand to rest. Streamlit
1.67 takes the page from the message that came last, so that such a message takes the click back (docs/decisions/022):

* one of a fragment, where the request for the page still waits for its thread (`ScriptRequests` joins the two), or for
  `st.switch_page` to be carried out;
* one of anything else, until the browser hears: it stops the run of the new page and begins one of the former.

One of a fragment that comes during the new page's run waits for its end, and then drops what its widgets hold.

And a run of the former page that has only just begun tells all runs of its session which page is meant, also that of
the new page, which then shows the former. So each run keeps to itself for which page it is.

What the former page says is taken for the page that was asked for. Fragments that this page lacks are passed over,
as Streamlit does with all that are gone. A click on a page is told from the rest by bringing no widget's value, of
which `app.py` has none. To go when Streamlit keeps the page: a test calls it without this.
"""

import threading

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

_take = AppSession.request_rerun
_tell_all_runs = PagesManager.set_script_intent


class _OwnPage(threading.local):
    """For which page the run of this thread is; none outside of runs."""

    page_script_hash: str | None = None
    page_name: str | None = None


_own = _OwnPage()


def keep_asked_page() -> None:
    """Let every session of this process keep the page that was asked for last."""
    AppSession.request_rerun = _take_for_asked_page  # type: ignore[assignment, method-assign]
    PagesManager.set_script_intent = _tell_own_run  # type: ignore[assignment, method-assign]
    PagesManager.intended_page_script_hash = property(_own_page_script_hash)  # type: ignore[assignment, method-assign]
    PagesManager.intended_page_name = property(_own_page_name)  # type: ignore[assignment, method-assign]


def _tell_own_run(manager: PagesManager, page_script_hash: str, page_name: str) -> None:
    _tell_all_runs(manager, page_script_hash, page_name)  # which those who ask from outside of runs still hear
    _own.page_script_hash, _own.page_name = page_script_hash, page_name


def _own_page_script_hash(manager: PagesManager) -> str | None:
    return manager._intended_page_script_hash if _own.page_script_hash is None else _own.page_script_hash


def _own_page_name(manager: PagesManager) -> str | None:
    return manager._intended_page_name if _own.page_name is None else _own.page_name


def _take_for_asked_page(session: AppSession, client_state: ClientState | None) -> None:
    """Take a request of the browser as one for the page where its person is, or is going."""
    if client_state is not None and not _is_click_on_page(client_state):
        asked = _last_request(session)
        if asked.page_script_hash in session.get_pages():  # not so in a first run, which finds its page by itself
            client_state = _moved(client_state, asked)
    _take(session, client_state)


def _is_click_on_page(said: ClientState) -> bool:
    return not said.fragment_id and not said.widget_states.widgets


def _last_request(session: AppSession) -> RerunData | ClientState:
    """Return the request that runs or waits to, also one of `st.switch_page`; without any, that of the last run."""
    runner = session._scriptrunner
    return session._client_state if runner is None else runner._requests._rerun_data


def _moved(said: ClientState, asked: RerunData | ClientState) -> ClientState:
    """Return what was said with the page that was asked for, and that page's query, where they differ."""
    if said.page_script_hash == asked.page_script_hash:
        return said
    moved = ClientState()
    moved.CopyFrom(said)
    moved.page_script_hash, moved.query_string = asked.page_script_hash, asked.query_string
    return moved
