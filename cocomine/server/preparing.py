"""What waits until the server can run pages?

The server answers as soon as it listens. So a browser loads the page's own scripts while the pages' modules are still
imported here, in two steps: first what the first page needs, which every session waits for, since it runs pages; then,
once that page is drawn, what the others need, which their runs wait for, and an export on its way to a browser.

One thread imports, and nobody else does meanwhile: two that import parts of one package at the same time find each
other's modules half made. So the first page has all that it can need, or waits for the second step as well.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from starlette.types import ASGIApp, Receive, Scope, Send

from cocomine.server.downloads import FOLDER

SOON_S = 1.0
"""So long after the first run of a page the second step begins, for what that run began goes on meanwhile."""
LATEST_S = 5.0
"""So long it waits for that run; a browser may be closed."""


class Preparation:
    """Work in two steps, done once in a thread of its own, and that others wait for; none before it is begun."""

    def __init__(self) -> None:
        """Begin nothing."""
        self._first: Future[None] | None = None
        self._all: Future[None] = Future()
        self._page_has_run, self._is_wanted = threading.Event(), threading.Event()

    def begin(self, first: Callable[[], None], second: Callable[[], None]) -> None:
        """Begin the first step; the second follows by itself, or as soon as somebody waits for it."""
        self._first = Future()
        threading.Thread(target=self._prepare, args=(self._first, first, second), daemon=True).start()

    def _prepare(self, first_done: Future[None], first: Callable[[], None], second: Callable[[], None]) -> None:
        _carry_out(first, first_done)
        if error := first_done.exception():
            self._all.set_exception(error)
            return
        if self._page_has_run.wait(LATEST_S):
            self._is_wanted.wait(SOON_S)
        _carry_out(second, self._all)

    async def wait_for_first(self) -> None:
        """Wait for the first step; what failed in it is raised for everybody who waits."""
        if self._first is not None:
            await _ended(self._first)

    async def wait_for_all(self) -> None:
        """Wait for both steps, in the server's event loop; what failed in them is raised for everybody who waits."""
        if not self.is_complete:
            self._want()
            await _ended(self._all)

    def wait_in_run(self) -> None:
        """Wait for both steps, in the thread of a page's run or of a job, and raise what failed."""
        if not self.is_complete:
            self._want()
            self._all.result()

    @property
    def is_complete(self) -> bool:
        """Whether nobody has to wait: both steps went well, or were never begun."""
        return self._first is None or (self._all.done() and self._all.exception() is None)

    def note_run(self) -> None:
        """Note that a page has run to its end."""
        self._page_has_run.set()

    def _want(self) -> None:
        self._is_wanted.set()
        self._page_has_run.set()


PREPARATION = Preparation()
"""Of this process; nothing is prepared where pages run without a server."""


def _carry_out(work: Callable[[], None], done: Future[None]) -> None:
    try:
        work()
    except BaseException as error:
        done.set_exception(error)
    else:
        done.set_result(None)


async def _ended(work: Future[None]) -> None:
    await asyncio.shield(asyncio.wrap_future(work))  # who hangs up meanwhile ends nothing


class Waiting:
    """An ASGI layer that lets requests wait for a preparation, but those for what a browser loads first."""

    def __init__(self, app: ASGIApp, *, preparation: Preparation) -> None:
        """Stand before `app`."""
        self._app, self._preparation = app, preparation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, at once or when all is ready for it."""
        if scope["type"] == "websocket":
            await self._preparation.wait_for_first()
        elif scope.get("path", "").startswith(f"/{FOLDER}/"):
            await self._preparation.wait_for_all()
        await self._app(scope, receive, send)
