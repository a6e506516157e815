"""One session of the app without a browser: it sends and gets what a browser does, and draws nothing.

It speaks Streamlit's own messages over a socket of its own, so that many sessions cost the measured computer little.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

LONGEST_RUN_S = 120.0


@dataclass
class Shown:
    """What the last run of a page put on it.

    Attributes:
        title: the page's own, None where it has none.
        errors: what it calls an error, in order.
        is_whole: whether the run came to its end.
    """

    title: str | None = None
    errors: list[str] = field(default_factory=list)
    is_whole: bool = False


class Session:
    """A person who goes from page to page; parts that ask to be run again are, as a browser does it."""

    def __init__(self, socket: ClientConnection) -> None:
        """Begin on an open socket; nothing is shown yet."""
        self._socket = socket
        self._pages: dict[str, str] = {}
        self._page = self._query = ""
        self._due_s: dict[str, tuple[float, float]] = {}
        self.shown, self.titles = Shown(), list[str]()

    def show(self, page: str, query: str = "") -> float:
        """Go to a page by its name in the address, and return the seconds until its run has ended."""
        self._page, self._query = page, query
        began_s = time.monotonic()
        self._ask()
        while not self.shown.is_whole:
            self._take(self._socket.recv(timeout=LONGEST_RUN_S))
        return time.monotonic() - began_s

    def look(self, seconds: float) -> None:
        """Stay on the page; its parts that are run again after a while are."""
        end_s = time.monotonic() + seconds
        while (now_s := time.monotonic()) < end_s:
            for fragment, (_, interval_s) in [each for each in self._due_s.items() if each[1][0] <= now_s]:
                self._due_s[fragment] = (now_s + interval_s, interval_s)
                self._ask(fragment)
            try:
                self._take(self._socket.recv(timeout=min(0.1, end_s - now_s)))
            except TimeoutError:
                continue

    @property
    def is_at_rest(self) -> bool:
        """Whether no part of the page asks to be run again."""
        return not self._due_s

    def wait_for_title(self, title: str, limit_s: float = LONGEST_RUN_S) -> None:
        """Stay on the page until it has this title, as when a dataset has been read."""
        end_s = time.monotonic() + limit_s
        while self.shown.title != title or not self.shown.is_whole:
            if time.monotonic() > end_s:
                raise TimeoutError(f"no page “{title}” after {limit_s:.0f} s, but “{self.shown.title}”")
            self.look(0.2)

    def _ask(self, fragment: str = "") -> None:
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.fragment_id, run.is_auto_rerun = self._query, fragment, bool(fragment)
        if self._page in self._pages:
            run.page_script_hash = self._pages[self._page]
        else:
            run.page_name = self._page
        if not fragment:
            self._due_s, self.shown = {}, Shown()
        self._socket.send(message.SerializeToString())

    def _take(self, data: str | bytes) -> None:
        message = ForwardMsg.FromString(data)
        match message.WhichOneof("type"):
            case "navigation":
                self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "auto_rerun":
                interval_s = message.auto_rerun.interval
                self._due_s[message.auto_rerun.fragment_id] = (time.monotonic() + interval_s, interval_s)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._due_s.pop(fragment, None)
            case "delta":
                self._note(message.delta.new_element)
            case "script_finished" if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._due_s, self.shown = {}, Shown()
            case "script_finished" if message.script_finished != ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
                self.shown.is_whole = True

    def _note(self, element: Element) -> None:
        if element.WhichOneof("type") == "exception":
            self.shown.errors.append(f"{element.exception.type}: {element.exception.message}")
        if element.alert.format == Alert.ERROR:
            self.shown.errors.append(element.alert.body)
        if element.code.code_text.startswith("Traceback"):
            self.shown.errors.append(element.code.code_text)
        if element.heading.tag == "h1":
            self.shown.title = element.heading.body
            self.titles.append(element.heading.body)


@contextmanager
def opened_session(address: str) -> Iterator[Session]:
    """Open a session of the app at `address`, such as `http://127.0.0.1:8501`."""
    there, protocols = f"ws://{urlsplit(address).netloc}/_stcore/stream", [Subprotocol("streamlit")]
    with connect(there, origin=Origin(address), subprotocols=protocols, max_size=None, open_timeout=60) as socket:
        yield Session(socket)
