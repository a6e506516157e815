"""Which addresses of the app count as its own: a sender whom nobody knows gets as far as the third question."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from cocomine.server.guard import Guard, admission_from_environment

UNKNOWN = ("192.0.2.1", 40000)
WRONG_HOST, WRONG_PAGE, STRANGER = "not served at this address", "its own page alone", "started by somebody else"


def told(server: tuple[str, int], *headers: tuple[str, str], **more: Any) -> str:
    """What the guard of a server that is named `gpu` answers to a socket from a place that is not this computer."""
    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "websocket", "scheme": "ws", "path": "/", "query_string": b"", "headers": raw, "server": server}
    sent: list[Message] = []

    async def app(_: Scope, __: Receive, ___: Send) -> None:
        raise AssertionError("it was let in")

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    admission = admission_from_environment({"COCOMINE_HOSTS": " A.example ,"}, names=frozenset({"gpu"}))
    guard = Guard(app, admission=admission, session_limit=1)
    asyncio.run(guard(scope | {"client": UNKNOWN} | more, receive, send))
    return b"".join(message.get("body", b"") for message in sent).decode()


@pytest.mark.parametrize(
    ("server", "host"),
    [
        (("192.168.1.5", 8501), "192.168.1.5:8501"),
        (("::ffff:192.168.1.5", 8501), "192.168.1.5:8501"),
        (("::1", 8501), "[::1]:8501"),
        (("fd00::5", 8501), "[fd00::5]:8501"),
        (("127.0.0.1", 8501), "gpu:8501"),
        (("127.0.0.1", 8501), "a.example"),
        (("127.0.0.1", 80), "localhost"),
    ],
)
def test_an_address_that_is_reached_or_named_is_served(server: tuple[str, int], host: str) -> None:
    assert STRANGER in told(server, ("host", host), ("origin", f"http://{host}"))
    assert STRANGER in told(server, ("host", host), ("origin", f"https://{host}"))  # behind a proxy


@pytest.mark.parametrize(
    "host", ["gpu", "gpu:1", "a.example:8501", "b.example", "192.168.1.5:8501", "[::]:8501", "*", ""]
)
def test_another_address_is_not(host: str) -> None:
    assert WRONG_HOST in told(("127.0.0.1", 8501), ("host", host), ("origin", f"http://{host}"))


def test_one_request_has_one_address() -> None:
    own = "127.0.0.1:8501"
    assert WRONG_HOST in told(("127.0.0.1", 8501), ("host", own), ("host", own), ("origin", f"http://{own}"))
    assert WRONG_PAGE in told(("127.0.0.1", 8501), ("host", own), *[("origin", f"http://{own}")] * 2)


def test_an_encrypted_server_answers_its_encrypted_page() -> None:
    server, host = ("127.0.0.1", 8501), ("host", "localhost:8501")
    assert STRANGER in told(server, host, ("origin", "https://localhost:8501"), scheme="wss")
    assert WRONG_PAGE in told(server, host, ("origin", "http://localhost:8501"), scheme="wss")


def test_a_connection_without_an_end_is_a_stranger_s() -> None:
    host = "localhost:8501"
    assert STRANGER in told(("127.0.0.1", 8501), ("host", host), ("origin", f"http://{host}"), client=None)
