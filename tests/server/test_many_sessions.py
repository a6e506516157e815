"""Many sessions at once, and one after the other, on a server that has just been started."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import psutil
import pytest
from browsing import REPOSITORY, running_app
from records import FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS, document, write_split
from requests_by_hand import OPENING, Server

from benchmarks.session import opened_session
from cocomine.server.descriptors import MOST_SESSIONS, sessions_within

pytestmark = pytest.mark.slow
PAGES = ("", "understand", "choose", "check", "export", "train", "compare")
SESSION_COUNT = 12


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a link says that opens the four images with two classes picked."""
    data = write_split(tmp_path_factory.mktemp("data"), document(FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS))
    return f"data={data}&classes=cat,cup"


@pytest.mark.parametrize("start", range(5))
def test_sessions_that_come_together_just_after_a_start_all_see_their_page(
    start: int, query: str, tmp_path: Path
) -> None:
    ready = Barrier(SESSION_COUNT)

    def errors_of(page: str) -> list[str]:
        with opened_session(address) as session:
            ready.wait(30)
            session.show(page, query)
            session.look(0.5)
            return [f"{page}: {error}" for error in session.shown.errors]

    with running_app(tmp_path) as address, ThreadPoolExecutor(SESSION_COUNT) as people:
        pages = islice(cycle(PAGES[start:] + PAGES[:start]), SESSION_COUNT)
        errors = [error for found in people.map(errors_of, pages) for error in found]
    assert errors == []
    assert "Traceback" not in (tmp_path / "server.log").read_text()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("home")) as address:
        yield address


def descriptor_count(address: str) -> int:
    """How many files and connections the server has open."""
    port = urlsplit(address).port
    servers = (each for each in psutil.Process().children() if f"--server.port={port}" in each.cmdline())
    return int(next(servers).num_fds())


@pytest.mark.skipif(sys.platform == "win32", reason="there are no descriptors")
def test_sessions_that_ended_are_let_go(app: str) -> None:
    """Streamlit keeps 128 for whoever reconnects; what comes after them takes no more."""
    counts = []
    for session_count in (130, 30, 30):
        for _ in range(session_count):
            with opened_session(app):
                pass
        counts.append(descriptor_count(app))
    assert max(counts) - min(counts) < 15


def test_sessions_beyond_the_limit_are_told_so_and_one_that_ends_makes_room(app: str) -> None:
    server = Server(port=urlsplit(app).port or 0)
    page = {"Host": urlsplit(app).netloc, "Sec-Fetch-Dest": "document"}
    with ExitStack() as sessions:
        for _ in range(MOST_SESSIONS - 1):
            sessions.enter_context(opened_session(app))
        with opened_session(app):
            answer = server.answer("/", page)
            assert (answer.status, "Close a tab" in answer.text) == (503, True)
            assert server.answer("/_stcore/stream", OPENING | page | {"Origin": app}).status == 503
            assert server.answer("/_stcore/health", page | {"Sec-Fetch-Dest": "empty"}).status == 200
        end_s = time.monotonic() + 20
        while server.answer("/", page).status != 200:  # the server may learn a little later that it ended
            assert time.monotonic() < end_s


@pytest.mark.parametrize(
    ("descriptors", "sessions"), [(64, 1), (510, 1), (600, 10), (1024, 52), (10**6, MOST_SESSIONS)]
)
def test_fewer_descriptors_are_enough_for_fewer_sessions(descriptors: int, sessions: int) -> None:
    assert sessions_within(descriptors) == sessions


@pytest.mark.skipif(sys.platform == "win32", reason="there are no descriptors")
def test_a_server_with_few_descriptors_takes_as_many_as_it_may() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 800)); "
        "from cocomine.server.descriptors import session_limit; print(session_limit())"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "30"
