"""Many sessions at once, and one after the other, on a server that has just been started."""

from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from threading import Barrier

import pytest
from browsing import running_app
from records import FOUR_IMAGES, FOUR_IMAGES_ANNOTATIONS, document, write_split

from benchmarks.session import opened_session

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
