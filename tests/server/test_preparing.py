"""Who waits until the pages' modules are there, and who is answered at once."""

import asyncio
import subprocess
import sys
from threading import Event
from typing import Any

import pytest
from browsing import REPOSITORY

from cocomine.server.preparing import Preparation, Waiting

WAITS = [("websocket", "/_stcore/stream"), ("http", "/zip/abc")]
AT_ONCE = [("http", "/"), ("http", "/static/js/index.js"), ("http", "/_stcore/health")]


async def served_before_and_after(kind: str, path: str) -> tuple[bool, bool]:
    """Whether a request passes while the work is going on, and whether it does once it is done."""
    done, passed = Event(), asyncio.Event()

    async def app(*_: Any) -> None:
        passed.set()

    def work() -> None:
        assert done.wait(20)

    preparation = Preparation(work)
    preparation.begin()
    request = asyncio.create_task(Waiting(app, preparation=preparation)({"type": kind, "path": path}, None, None))  # type: ignore[arg-type]
    for _ in range(5):
        await asyncio.sleep(0)
    before = passed.is_set()
    done.set()
    await request
    return before, passed.is_set()


@pytest.mark.parametrize(("kind", "path"), WAITS)
def test_what_runs_pages_waits_for_them(kind: str, path: str) -> None:
    assert asyncio.run(served_before_and_after(kind, path)) == (False, True)


@pytest.mark.parametrize(("kind", "path"), AT_ONCE)
def test_what_a_browser_loads_first_waits_for_nothing(kind: str, path: str) -> None:
    assert asyncio.run(served_before_and_after(kind, path)) == (True, True)


def test_pages_that_cannot_be_imported_are_told_to_everybody_who_waits() -> None:
    def fail() -> None:
        raise ImportError("no such module")

    async def both() -> tuple[BaseException | None, ...]:
        preparation = Preparation(fail)
        preparation.begin()
        return await asyncio.gather(preparation.wait(), preparation.wait(), return_exceptions=True)

    assert [str(each) for each in asyncio.run(both())] == ["no such module"] * 2


def test_the_server_listens_before_it_imports_what_only_pages_need() -> None:
    code = "import sys, app; print(*{name.split('.')[0] for name in sys.modules})"
    told = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert not {"numpy", "pandas", "pyarrow", "scipy"} & set(told.stdout.split())
