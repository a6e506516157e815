"""Requests written out by hand, as a program sends them that keeps to no browser's rules, and from another user."""

import encodings.idna  # noqa: F401 - connecting needs it, and another user may not read it for the first time
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

NOBODY = 65534
OPENING = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    "Sec-WebSocket-Protocol": "streamlit",
}
"""What asks for a websocket."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where a request goes, and who sends it."""

    port: int
    address: str = "127.0.0.1"
    is_stranger: bool = False

    def answer(self, path: str, headers: Mapping[str, str], *, method: str = "GET") -> "Answer":
        """Send these headers and no others, and return the answer's beginning."""
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        with another_user() if self.is_stranger else _nothing(), socket.socket() as connection:
            connection.settimeout(30)
            connection.connect((self.address, self.port))
            connection.sendall("\r\n".join(lines).encode("latin-1"))
            head, _, rest = _read_until_blank_line(connection).decode("latin-1").partition("\r\n\r\n")
        first, *others = head.split("\r\n")
        fields = dict(line.split(": ", 1) for line in others)
        return Answer(status=int(first.split()[1]), headers={n.lower(): v for n, v in fields.items()}, text=rest)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The beginning of an answer; the text is whole for short ones."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""


@contextmanager
def another_user() -> Iterator[None]:
    """Let what is done here be done by another user of this computer."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _read_until_blank_line(connection: socket.socket) -> bytes:
    """Return what comes until the head is whole, and of the body what its length says, if it says one."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length and (more := connection.recv(65536)):
        body += more
    return head + b"\r\n\r\n" + body
