"""What waits until the server can run pages?

The server answers as soon as it listens. So a browser loads the page's own scripts while the pages' modules are still
imported here, by one thread. A session, which runs pages, and an export on its way to a browser wait for that thread:
two threads that import parts of one package at the same time find each other's modules half made.
"""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from cocomine.server.downloads import FOLDER


class Preparation:
    """Work that is done once in a thread of its own, and that others wait for."""

    def __init__(self, work: Callable[[], None]) -> None:
        """Take the work; nothing is begun."""
        self._work = work
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, inside of the server's event loop."""
        self._task = asyncio.create_task(asyncio.to_thread(self._work))

    async def wait(self) -> None:
        """Wait until the work is done; what failed in it is raised for everybody who waits."""
        if self._task is not None:
            await asyncio.shield(self._task)  # who hangs up meanwhile ends nothing


class Waiting:
    """An ASGI layer that lets requests wait for a preparation, but those for what a browser loads first."""

    def __init__(self, app: ASGIApp, *, preparation: Preparation) -> None:
        """Stand before `app`."""
        self._app, self._preparation = app, preparation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, at once or when all is ready for it."""
        if scope["type"] == "websocket" or scope.get("path", "").startswith(f"/{FOLDER}/"):
            await self._preparation.wait()
        await self._app(scope, receive, send)
