"""Whose program is at the other end of a TCP connection on this computer?

A port on loopback keeps other computers out, not the other people who work on this one: any local user can connect to
it. The system knows whose each socket is. Linux tells everybody, with the user's number beside both addresses
(`/proc/net/tcp`, proc_net(5)); elsewhere the person's own processes are asked which sockets they hold.

What counts is an established connection alone: Linux names root as the user of a socket that its program has closed.
A connection from another computer, another container or through a network of another kind is nobody's here.
"""

import os
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import psutil

Endpoint = tuple[str, int]
"""An address, as ASGI names it in `client` and `server`, and a port."""
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
ESTABLISHED = "01"
ROOT = 0
READS = 3
"""How often the tables are read before a connection counts as unknown: a row may move while they are read."""


def is_own_peer(client: Endpoint, server: Endpoint) -> bool:
    """Return whether the program that connected from `client` to us, at `server`, is this user's own, or root's.

    It takes under a millisecond on Linux; elsewhere up to a few hundred, so ask on a thread.
    """
    if sys.platform == "linux":
        return peer_user(client, server) in {os.geteuid(), ROOT}
    return _is_held_by_own_process(client, server)


def peer_user(client: Endpoint, server: Endpoint) -> int | None:
    """Return the number of the user who connected from `client` to `server`; None where Linux does not know."""
    asked = (_plain(client), _plain(server))
    for _ in range(READS):
        for row, user in _established(client[1], server[1]):
            if row == asked:
                return user
    return None


def _established(*ports: int) -> Iterator[tuple[tuple[Endpoint, Endpoint], int]]:
    """Yield both ends of each established connection between two ports, the row's own first, and that end's user."""
    marks = [f":{port:04X} " for port in ports]
    for table in TABLES:
        try:
            rows = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue  # a system without IPv6 has no second table, and some hide both
        for row in rows:
            if not all(mark in row for mark in marks):
                continue  # of thousands of rows, most are of others
            _, local, remote, state, _, _, _, user, *_ = row.split()
            if state == ESTABLISHED:
                yield (_decoded(local), _decoded(remote)), int(user)


def _decoded(text: str) -> Endpoint:
    """Read `0100007F:1F90`: an address in words of four bytes, each in the machine's order, and a port."""
    address, port = text.split(":")
    words = [bytes.fromhex(address[at : at + 8]) for at in range(0, len(address), 8)]
    packed = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    return _plain((str(ip_address(packed)), int(port, 16)))


def _plain(end: Endpoint) -> Endpoint:
    """Return an endpoint with its address in one way of writing; IPv4 inside IPv6 is IPv4."""
    address: IPv4Address | IPv6Address = ip_address(end[0])
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or IPv6Address(int(address))  # without a zone
    return str(address), end[1]


def _is_held_by_own_process(client: Endpoint, server: Endpoint) -> bool:
    own, asked = psutil.Process().username(), (_plain(client), _plain(server))
    for process in psutil.process_iter():
        try:
            held = process.net_connections("tcp") if process.username() == own else []
        except psutil.Error:
            continue  # it ended, or is not ours to ask
        ends = ((each.laddr, each.raddr) for each in held if each.status == psutil.CONN_ESTABLISHED)
        if any((_plain(tuple(near)), _plain(tuple(far))) == asked for near, far in ends):
            return True
    return False
