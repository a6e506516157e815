"""Who waits until the pages' modules are there, and who is answered at once."""

import asyncio
import subprocess
import sys
from threading import Event, Thread
from typing import Any

import pytest
from browsing import REPOSITORY

from cocomine.server import preparing
from cocomine.server.preparing import Preparation, Waiting

SESSION, DOWNLOAD = ("websocket", "/_stcore/stream"), ("http", "/zip/abc")
AT_ONCE = [("http", "/"), ("http", "/static/js/index.js"), ("http", "/_stcore/health")]
LONG_S = 20


class Steps:
    """A preparation whose steps end when they are told to."""

    def __init__(self) -> None:
        self.preparation = Preparation()
        self.begun = Event(), Event()
        self.ends = Event(), Event()
        self.preparation.begin(lambda: self._carry_out(0), lambda: self._carry_out(1))

    def _carry_out(self, step: int) -> None:
        self.begun[step].set()
        assert self.ends[step].wait(LONG_S)


async def passed_after_each_step(kind: str, path: str) -> list[bool]:
    """Whether a request has passed while the first step goes on, while the second does, and at the end."""
    steps, passed, told = Steps(), asyncio.Event(), []

    async def app(*_: Any) -> None:
        passed.set()

    waiting = Waiting(app, preparation=steps.preparation)
    request = asyncio.create_task(waiting({"type": kind, "path": path}, None, None))  # type: ignore[arg-type]
    for end in steps.ends:
        await asyncio.sleep(0.05)
        told.append(passed.is_set())
        end.set()
    await asyncio.wait_for(request, LONG_S)
    return [*told, passed.is_set()]


def test_a_session_waits_for_what_the_first_page_needs() -> None:
    assert asyncio.run(passed_after_each_step(*SESSION)) == [False, True, True]


def test_a_download_waits_for_everything() -> None:
    assert asyncio.run(passed_after_each_step(*DOWNLOAD)) == [False, False, True]


@pytest.mark.parametrize(("kind", "path"), AT_ONCE)
def test_what_a_browser_loads_first_waits_for_nothing(kind: str, path: str) -> None:
    assert asyncio.run(passed_after_each_step(kind, path)) == [True, True, True]


def test_a_run_of_another_page_begins_the_second_step_and_waits_for_it() -> None:
    steps, has_run = Steps(), Event()

    def run() -> None:
        steps.preparation.wait_in_run()
        has_run.set()

    Thread(target=run, daemon=True).start()
    steps.ends[0].set()
    assert steps.begun[1].wait(LONG_S)
    assert not has_run.wait(0.05)
    assert not steps.preparation.is_complete
    steps.ends[1].set()
    assert has_run.wait(LONG_S)
    assert steps.preparation.is_complete


@pytest.mark.parametrize("has_run", [True, False])
def test_the_second_step_begins_by_itself(has_run: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "SOON_S", 0.0 if has_run else LONG_S)
    monkeypatch.setattr(preparing, "LATEST_S", LONG_S if has_run else 0.0)
    steps = Steps()
    if has_run:
        steps.preparation.note_run()
    steps.ends[0].set()
    assert steps.begun[1].wait(LONG_S / 2)
    steps.ends[1].set()


def test_the_second_step_leaves_the_first_run_alone() -> None:
    steps = Steps()
    steps.ends[0].set()
    assert not steps.begun[1].wait(0.1)
    steps.ends[1].set()


def fail() -> None:
    raise ImportError("no such module")


def test_a_first_page_that_cannot_be_imported_is_told_to_everybody_who_waits() -> None:
    async def both() -> tuple[BaseException | None, ...]:
        preparation = Preparation()
        preparation.begin(fail, lambda: None)
        return await asyncio.gather(
            preparation.wait_for_first(),
            preparation.wait_for_first(),
            preparation.wait_for_all(),
            return_exceptions=True,
        )

    assert [str(each) for each in asyncio.run(both())] == ["no such module"] * 3


def test_other_pages_that_cannot_be_imported_are_told_to_each_run_of_them_alone() -> None:
    preparation = Preparation()
    preparation.begin(lambda: None, fail)
    for _ in range(2):
        with pytest.raises(ImportError, match="no such module"):
            preparation.wait_in_run()
    asyncio.run(preparation.wait_for_first())


def test_nobody_waits_where_no_server_prepares() -> None:
    preparation = Preparation()
    preparation.wait_in_run()
    assert preparation.is_complete


def test_the_server_listens_before_it_imports_what_only_pages_need() -> None:
    code = "import sys, app; print(*{name.split('.')[0] for name in sys.modules})"
    told = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert not {"numpy", "pandas", "pyarrow", "scipy"} & set(told.stdout.split())
