"""Who may ask the viewer for what?

FiftyOne's server has no authentication and hands out any file of the machine. This layer stands in front of it:
only requests to our own loopback address and from our own page (a web page elsewhere, one that another program serves
on this computer, or a name that was pointed at 127.0.0.1, is refused); on Linux only those of this user's programs,
which no token of somebody else's replaces (a cookie goes to every port of a host); our control routes only with the
control token; everything else only with the frame token, which the first page brings in its address and which a
cookie carries from then on, and only what the App needs for looking (`viewer.routes`); and of files only those under
the image folders of the view shown.
"""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cocomine.server.guard import OWN_SITES, admission_from_environment, is_equal
from cocomine.server.peers import is_own_peer
from cocomine.viewer.protocol import TOKEN_HEADER
from cocomine.viewer.routes import is_served

CONTROL_PATH = "/cocomine/"

_log = logging.getLogger(__name__)


class Guard:
    """An ASGI layer that refuses what the module names and passes on the rest."""

    def __init__(self, app: ASGIApp, *, port: int, control_token: str, frame_token: str) -> None:
        """Guard `app`, served on `port`; no image folder is open yet."""
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._control_token = control_token
        self._frame_token = frame_token
        self._cookie = f"cocomine-viewer-{port}"  # cookies do not tell ports apart, their names must
        self._folders: tuple[str, ...] = ()
        self._trusts_proxy = admission_from_environment(os.environ, names=frozenset()).trusts_proxy

    def open_folders(self, folders: Sequence[Path]) -> None:
        """Let files under `folders` be served, and no others."""
        self._folders = tuple(os.path.realpath(folder) for folder in folders)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 with the reason, or pass the request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        reason = self._refusal(scope) if scope["type"] == "http" else "This viewer speaks HTTP only."
        if reason is None and not await run_in_threadpool(self._is_own, scope):
            reason = "This viewer answers only the programs of the user who started it."
        if reason:
            _log.warning("Refused %.20s %.200r: %s", scope.get("method", scope["type"]), scope["path"], reason)
            await PlainTextResponse(reason, status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, self._with_cookie(send) if self._brings_token(scope) else send)

    def _is_own(self, scope: Scope) -> bool:
        return sys.platform != "linux" or self._trusts_proxy or is_own_peer(scope["client"], scope["server"])

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return "This viewer answers only at its own address."
        if origins and origins != [f"http://{hosts[0]}"]:
            return "This viewer answers only its own page."
        if scope["path"].startswith(CONTROL_PATH):
            is_ours = is_equal(headers.get(TOKEN_HEADER, ""), self._control_token)
            return None if is_ours else "This route needs the control token."
        return self._stranger(scope, headers) or self._not_for_looking(scope)

    def _stranger(self, scope: Scope, headers: Headers) -> str | None:
        if self._brings_token(scope):
            return None
        if headers.get("sec-fetch-site", "same-origin") not in OWN_SITES:
            return "This viewer answers only its own page."
        return None if self._has_cookie(headers) else "Open the viewer from CocoMine's Check page."

    def _not_for_looking(self, scope: Scope) -> str | None:
        if not is_served(scope["method"], scope["path"]):
            return "CocoMine's viewer is for looking; it does not serve this."
        asked = QueryParams(scope["query_string"]).getlist("filepath")
        if scope["path"] == "/media" and not self._is_open(asked):
            return "This file is not in the image folders of the dataset."
        return None

    def _brings_token(self, scope: Scope) -> bool:
        return is_equal(QueryParams(scope["query_string"]).get("token", ""), self._frame_token)

    def _has_cookie(self, headers: Headers) -> bool:
        cookies = [part.strip().partition("=") for part in headers.get("cookie", "").split(";")]
        return any(name == self._cookie and is_equal(value, self._frame_token) for name, _, value in cookies)

    def _is_open(self, files: Sequence[str]) -> bool:
        if any("\0" in file for file in files):
            return False
        real = [os.path.realpath(file) for file in files]
        return all(any(Path(file).is_relative_to(folder) for folder in self._folders) for file in real)

    def _with_cookie(self, send: Send) -> Send:
        cookie = f"{self._cookie}={self._frame_token}; Path=/; HttpOnly; SameSite=Strict"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", cookie)
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        return send_with_cookie
