"""Who may talk to the app's server?

The app reads the files of the person who runs it, so a session belongs to that person alone. Every request, on every
route and for the socket of a session, passes here first:

* its `Host` is one that is served, with the port it came in by: `localhost`, `127.0.0.1`, `[::1]`, the address that
  it reached, and the names that the person gave. A name that somebody else pointed here is none (DNS rebinding);
* it comes from our own page: its `Origin` is that of the `Host`, which a browser always sends with a socket or a
  change, and no page elsewhere asked for it, unless to open the app itself;
* its sender is the person: a program of the same user (`peers`), or one that brings the secret, which stands in a
  file that only this user can read. It comes once in an address and is then kept as a cookie. Whoever says that a
  proxy lets only their own people in is taken at their word.

Of those who are let in, as many have a session at once as there are descriptors for.

What is reached on which system is in docs/decisions/010.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from html import escape
from urllib.parse import parse_qsl, quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cocomine.server.peers import Endpoint, is_own_peer

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
ENCRYPTED = frozenset({"https", "wss"})
READING = frozenset({"GET", "HEAD"})
OWN_SITES = frozenset({"same-origin", "none"})
"""Where a browser says that a request of our own page, or of the person, comes from; other ports are "same-site"."""
SECRET = "token"  # noqa: S105 - the name of the parameter
FORWARDED = ("x-forwarded-for", "x-forwarded-proto", "forwarded")
"""By these uvicorn believes that a connection comes from elsewhere, and who sends them may name any."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Which requests are let in.

    Attributes:
        names: further names or addresses of the server, at the port it listens on.
        hosts: further values of `Host`, as a browser sends them.
        trusts_proxy: whether everybody who reaches the port is let in.
        secret: what tells the person from everybody else where the system cannot.
    """

    names: frozenset[str]
    hosts: frozenset[str]
    trusts_proxy: bool
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


def admission_from_environment(environment: Mapping[str, str], *, names: frozenset[str]) -> Admission:
    """Return what `COCOMINE_HOSTS` (separated by commas) and `COCOMINE_TRUST_PROXY` (`1`) say.

    Args:
        names: of the server, from its own settings.
    """
    hosts = environment.get("COCOMINE_HOSTS", "").lower().split(",")
    return Admission(
        names=names,
        hosts=frozenset(filter(None, map(str.strip, hosts))),
        trusts_proxy=environment.get("COCOMINE_TRUST_PROXY") == "1",
    )


class Guard:
    """An ASGI layer that refuses what the module says and passes on the rest."""

    def __init__(self, app: ASGIApp, *, admission: Admission, session_limit: int) -> None:
        """Stand before `app`; let so many sessions be open at once."""
        self._app = app
        self._admission = admission
        self._session_limit = session_limit
        self._session_count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 with the reason, hand over the cookie, or pass the request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._wrong_address(scope, headers) or _foreign_page(scope, headers)
        if refusal is None and self._brings_secret(scope):
            await self._with_cookie(scope)(scope, receive, send)
            return
        refusal = refusal or await self._stranger(scope, headers)
        if refusal is not None:
            _log.warning("Refused %.200r: %s", scope["path"], refusal)
            await PlainTextResponse(refusal, status_code=403)(scope, receive, send)
        elif self._is_one_too_many(scope, headers):
            await PlainTextResponse(self._full, status_code=503)(scope, receive, send)
        elif scope["type"] == "websocket":
            self._session_count += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._session_count -= 1
        else:
            await self._app(scope, receive, _unframed(send))

    @property
    def _full(self) -> str:
        return (
            f"CocoMine is open {self._session_count} times, as often as this computer allows it. "
            "Close a tab that shows it, then load this page again."
        )

    def _is_one_too_many(self, scope: Scope, headers: Headers) -> bool:
        """Tell whether a session, or the page that would open one, is beyond the limit."""
        opens = scope["type"] == "websocket" or headers.get("sec-fetch-dest") == "document"
        return opens and self._session_count >= self._session_limit

    def _wrong_address(self, scope: Scope, headers: Headers) -> str | None:
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) == 1 and hosts[0] in self._admission.hosts | self._own_hosts(scope):
            return None
        host, scheme = ", ".join(hosts) or "no name", "https" if scope["scheme"] in ENCRYPTED else "http"
        return (
            f"CocoMine is not served at this address ({host}). Open {scheme}://localhost:{scope['server'][1]}. "
            "If the address is your own, start CocoMine with COCOMINE_HOSTS set to it."
        )

    def _own_hosts(self, scope: Scope) -> set[str]:
        address, port = scope["server"]
        names = LOOPBACK | self._admission.names | {as_host(address)}
        return {f"{name}:{port}" for name in names} | (names if port in {80, 443} else set())

    def _brings_secret(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] not in READING:
            return False
        return is_equal(dict(_query(scope)).get(SECRET, ""), self._admission.secret)

    def _with_cookie(self, scope: Scope) -> Response:
        """Return a page that goes on to the same address without the secret.

        A redirection would be followed without the cookie, which is strict, where a page elsewhere had the link.
        """
        kept = urlencode([(name, value) for name, value in _query(scope) if name != SECRET])
        there = escape(quote("/" + scope["path"].lstrip("/")) + (f"?{kept}" if kept else ""))
        page = HTMLResponse(
            f'<!doctype html><title>CocoMine</title><meta http-equiv="refresh" content="0;url={there}">'
        )
        page.set_cookie(_cookie(scope), self._admission.secret, httponly=True, samesite="strict")
        page.headers["Cache-Control"] = "no-store"
        page.headers["Referrer-Policy"] = "no-referrer"
        return page

    async def _stranger(self, scope: Scope, headers: Headers) -> str | None:
        kept = cookie_parser(headers.get("cookie", "")).get(_cookie(scope), "")
        if self._admission.trusts_proxy or is_equal(kept, self._admission.secret):
            return None
        if not any(name in headers for name in FORWARDED) and await run_in_threadpool(_is_own, scope):
            return None
        return (
            "This CocoMine was started by somebody else, or it cannot tell that you did. If you did, open the address "
            "in the file that its terminal names. Behind a proxy that lets only your own people in, start it with "
            "COCOMINE_TRUST_PROXY=1."
        )


def _foreign_page(scope: Scope, headers: Headers) -> str | None:
    refusal = "CocoMine answers its own page alone. Open it in a window of its own."
    is_reading = scope["type"] == "http" and scope["method"] in READING
    origins = headers.getlist("origin")
    if not origins and is_reading:
        opens_app = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return None if headers.get("sec-fetch-site", "none") in OWN_SITES or opens_app else refusal
    return None if len(origins) == 1 and origins[0] in _own_origins(scope, headers) else refusal


def _own_origins(scope: Scope, headers: Headers) -> set[str]:
    """Return what a browser calls our page; behind a proxy of the person's it may be encrypted where we are not."""
    host = headers["host"].lower()
    return {f"https://{host}"} if scope["scheme"] in ENCRYPTED else {f"http://{host}", f"https://{host}"}


def _is_own(scope: Scope) -> bool:
    client: Endpoint | None = scope["client"]
    return client is not None and is_own_peer(client, scope["server"])


def as_host(address: str) -> str:
    """Return an address as a browser writes it before a port."""
    address = address.removeprefix("::ffff:")  # IPv4 that came to a socket of both kinds
    return f"[{address}]" if ":" in address else address


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _cookie(scope: Scope) -> str:
    return f"cocomine-{scope['server'][1]}"  # cookies do not tell ports apart, their names must


def is_equal(given: str, expected: str) -> bool:
    """Return whether two secrets are the same, in a time that does not tell how much of them is."""
    return compare_digest(given.encode(), expected.encode())


def _unframed(send: Send) -> Send:
    """Return a `send` that tells browsers not to show the app inside a page elsewhere."""

    async def send_unframed(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("Content-Security-Policy", "frame-ancestors 'self'")
        await send(message)

    return send_unframed
