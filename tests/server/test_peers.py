"""Whose program is at the other end of a connection."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from requests_by_hand import NOBODY, another_user

from cocomine.server import peers
from cocomine.server.peers import Endpoint, is_own_peer, peer_user

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no user numbers")
LOOPBACKS = [(socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "::1")]
BOTH = (socket.AF_INET6, "::", "127.0.0.1")
"""A server for both kinds of address, asked by the older kind."""


@pytest.fixture(params=["kernel", "tables"], autouse=True)
def _linux_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to ask Linux must say the same; where there is no such thing to ask, only the tables are left."""
    if request.param == "tables":
        monkeypatch.setattr(peers, "SOCK_DIAG", 31)


@pytest.fixture(params=[*LOOPBACKS, BOTH], ids=["IPv4", "IPv6", "both"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, str]]:
    family, address, asked = request.param
    with socket.socket(family) as listener:
        if address == "::":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            listener.bind((address, 0))
        except OSError:
            pytest.skip("this system has no IPv6")
        listener.listen()
        yield listener, asked


def connected(server: tuple[socket.socket, str], *, by_another: bool = False) -> tuple[socket.socket, socket.socket]:
    """Both ends of a new connection, the far one first."""
    listener, address = server
    with another_user() if by_another else nullcontext():
        far = socket.create_connection((address, listener.getsockname()[1]))
    return far, listener.accept()[0]


def ends(near: socket.socket) -> tuple[Endpoint, Endpoint]:
    """What ASGI calls client and server."""
    client, server = near.getpeername(), near.getsockname()
    return (client[0], client[1]), (server[0], server[1])


def test_a_program_of_the_same_user_is_own(server: tuple[socket.socket, str]) -> None:
    far, near = connected(server)
    with closing(far), closing(near):
        assert is_own_peer(*ends(near))


def test_a_program_of_another_user_is_not(server: tuple[socket.socket, str]) -> None:
    far, near = connected(server, by_another=True)
    with closing(far), closing(near):
        assert not is_own_peer(*ends(near))
        assert sys.platform != "linux" or peer_user(*ends(near)) == NOBODY


def test_a_socket_that_its_program_closed_is_nobody_s(server: tuple[socket.socket, str]) -> None:
    far, near = connected(server, by_another=True)
    with closing(near):
        far.close()  # Linux now calls it root's
        assert not is_own_peer(*ends(near))


def test_an_end_that_no_socket_has_is_nobody_s(server: tuple[socket.socket, str]) -> None:
    far, near = connected(server)
    with closing(far), closing(near):
        client, here = ends(near)
        assert not is_own_peer((client[0], 1), here)
        assert not is_own_peer(client, (here[0], 1))
        assert not is_own_peer(("192.0.2.1", client[1]), here)


def test_root_may_do_what_it_could_do_anyway(
    server: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can connect as root")
    far, near = connected(server)
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    with closing(far), closing(near):
        assert is_own_peer(*ends(near))


def test_where_the_system_tells_nothing_nobody_is_known(
    server: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peers, "SOCK_DIAG", 31)
    monkeypatch.setattr(peers, "TABLES", (tmp_path, tmp_path / "missing"))
    far, near = connected(server)
    with closing(far), closing(near):
        assert sys.platform != "linux" or not is_own_peer(*ends(near))


def test_other_systems_ask_the_person_s_own_processes(
    server: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    far, near = connected(server)
    with closing(far), closing(near):
        client, here = ends(near)
        assert is_own_peer(client, here)
        assert not is_own_peer((client[0], 1), here)


def test_the_kernel_is_enough(
    server: tuple[socket.socket, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux has it")
    monkeypatch.setattr(peers, "SOCK_DIAG", 4)
    monkeypatch.setattr(peers, "TABLES", (tmp_path / "missing",))
    far, near = connected(server, by_another=True)
    with closing(far), closing(near):
        assert peer_user(*ends(near)) == NOBODY
        client, here = ends(near)
        assert peer_user(here, (here[0], 1)) is None  # though a socket listens there
        assert peer_user(here, client) == os.geteuid()  # our own end
