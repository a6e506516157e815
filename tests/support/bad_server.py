"""A server on this computer that serves files as they should be served, or in any of the ways in which servers fail."""

import hashlib
import re
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cocomine.downloading.addresses import Network, is_public
from cocomine.downloading.permission import Permission

HOST = "coco.test"
INNER_HOST = "inner.test"
"""Leads to this computer as `HOST` does, but no test's network allows it."""
LOOPBACK = "127.0.0.1"


@dataclass(slots=True, kw_only=True)
class Request:
    """What was asked, and how many bytes of a file were given to the system to send."""

    path: str
    headers: Mapping[str, str]
    sent_bytes: int = 0
    has_ended: bool = False


@dataclass
class BadServer:
    """Files by their paths, what goes wrong with them, and what was asked.

    Attributes:
        files: what each path holds.
        faults: what is done instead of the next answers for a path, one for each request.
        has_tags: whether a version of a file is told by `ETag`.
    """

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Callable[["Answer"], None]]] = field(default_factory=lambda: defaultdict(list))
    requests: list[Request] = field(default_factory=list)
    has_tags: bool = True
    ended: threading.Condition = field(default_factory=threading.Condition)

    @property
    def authority(self) -> str:
        return f"{HOST}:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.authority}{path}"

    def permission(self, *more: str) -> Permission:
        """Allow this server without encryption, and more of its names."""
        hosts = frozenset({self.authority, *more})
        return Permission(hosts=hosts, plain_hosts=hosts)

    def wait_for(self, count: int) -> None:
        """Wait until so many answers have ended."""
        with self.ended:
            assert self.ended.wait_for(lambda: sum(each.has_ended for each in self.requests) >= count, 20)

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]


class Answer(BaseHTTPRequestHandler):
    """One answer; faults are functions that take it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"
    request_seen: Request

    def do_GET(self) -> None:
        bad = self.server.bad
        self.request_seen = Request(path=self.path, headers=dict(self.headers.items()))
        bad.requests.append(self.request_seen)
        try:
            faults = bad.faults.get(self.path)
            (faults.pop(0) if faults else Answer.whole)(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with bad.ended:
                self.request_seen.has_ended = True
                bad.ended.notify_all()

    @property
    def body(self) -> bytes:
        return self.server.bad.files[self.path]

    @property
    def tag(self) -> str:
        return '"' + hashlib.sha256(self.body).hexdigest()[:16] + '"'

    def whole(self) -> None:
        """Answer as a good server does: the file, or the part that was asked for if it is still the same file."""
        if self.path not in self.server.bad.files:
            self.head(404, {"Content-Length": "0"})
            return
        start = self.range_start()
        if start is None:
            self.head(200, {"Content-Length": str(len(self.body))})
        elif start >= len(self.body):
            self.head(416, {"Content-Length": "0"})
            return
        else:
            place = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
            self.head(206, {"Content-Length": str(len(self.body) - start), "Content-Range": place})
        self.send(self.body[start or 0 :])

    def range_start(self) -> int | None:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        is_same = self.headers.get("If-Range", self.tag) == self.tag
        return int(found[1]) if found and is_same else None

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.server.bad.has_tags and "ETag" not in headers and self.path in self.server.bad.files:
            self.send_header("ETag", self.tag)
        self.end_headers()

    def send(self, data: bytes) -> None:
        self.request_seen.sent_bytes += len(data)
        self.wfile.write(data)

    def hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        """Say nothing."""


Fault = Callable[[Answer], None]


def dropped_after(count: int) -> Fault:
    """Announce the whole file, or the rest that was asked for, and hang up after so many bytes."""

    def answer(each: Answer) -> None:
        start = each.range_start()
        rest = each.body[start or 0 :]
        length = {"Content-Length": str(len(rest))}
        part = {"Content-Range": f"bytes {start}-{len(each.body) - 1}/{len(each.body)}"}
        each.head(200 if start is None else 206, length if start is None else length | part)
        each.send(rest[:count])
        each.hang_up()

    return answer


def truncated_to(count: int) -> Fault:
    """Send the beginning of a file as if it were all."""

    def answer(each: Answer) -> None:
        each.head(200, {"Content-Length": str(count), "ETag": '"cut"'})
        each.send(each.body[:count])

    return answer


def status(code: int, **headers: str) -> Fault:
    """Answer with a status and no content; `Retry_After="1"` is the header `Retry-After`."""
    return lambda each: each.head(code, {"Content-Length": "0"} | {k.replace("_", "-"): v for k, v in headers.items()})


def redirect_to(location: str) -> Fault:
    return status(302, Location=location)


def sent(data: bytes, **headers: str) -> Fault:
    """Send something else, whole."""

    def answer(each: Answer) -> None:
        each.head(200, {"Content-Length": str(len(data))} | {k.replace("_", "-"): v for k, v in headers.items()})
        each.send(data)

    return answer


def range_ignored(each: Answer) -> None:
    each.head(200, {"Content-Length": str(len(each.body))})
    each.send(each.body)


def endless(announced: int | None) -> Fault:
    """Send for ever; announce so many bytes, or none."""

    def answer(each: Answer) -> None:
        each.head(200, {"Connection": "close"} if announced is None else {"Content-Length": str(announced)})
        while True:
            each.send(bytes(1 << 16))

    return answer


def throttled(block_bytes: int, go_on: threading.Event, after: int = 1) -> Fault:
    """Send block by block, and after some of them wait until the test lets it go on."""

    def answer(each: Answer) -> None:
        each.head(200, {"Content-Length": str(len(each.body))})
        for index, begin in enumerate(range(0, len(each.body), block_bytes)):
            if index == after:
                go_on.wait(30)
            each.send(each.body[begin : begin + block_bytes])

    return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    bad: BadServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no fault of the server's."""


@contextmanager
def bad_server(certificate: ssl.SSLContext | None = None) -> Iterator[BadServer]:
    """Serve for the block, over https where a certificate is given."""
    with _Server((LOOPBACK, 0), Answer) as server:
        if certificate is not None:
            server.socket = certificate.wrap_socket(server.socket, server_side=True)
        server.bad = BadServer(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.bad
        finally:
            server.shutdown()
            thread.join()


def network_of_tests(**more: object) -> Network:
    """Every name leads to this computer, and it may be reached under `HOST` alone."""

    def resolve(host: str, _: int) -> list[str]:
        return [host if host[0].isdigit() else LOOPBACK]

    return Network(
        resolve=resolve,
        may_reach=lambda host, address: (host, address) == (HOST, LOOPBACK) or is_public(address),
        **more,  # type: ignore[arg-type]
    )
