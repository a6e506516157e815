"""Whose program is at the other end of a TCP connection on this computer?

A port on loopback keeps other computers out, not the other people who work on this one: any local user can connect to
it. The system knows whose each socket is. Linux tells everybody the number of the user: of one connection over a socket
to the kernel (sock_diag(7)), or, where that is not to be had, of all in a table (`/proc/net/tcp`, proc_net(5)), which
takes it a hundred times as long. Elsewhere the person's own processes are asked which sockets they hold.

What counts is an established connection alone: Linux names root as the user of a socket that its program has closed.
A connection from another computer, another container or through a network of another kind is nobody's here.
"""

import os
import socket
import struct
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import psutil

Endpoint = tuple[str, int]
"""An address, as ASGI names it in `client` and `server`, and a port."""
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
ESTABLISHED = 1
ROOT = 0
SOCK_DIAG = 4
"""Netlink's number for questions about sockets; here and below linux/netlink.h, sock_diag.h and inet_diag.h."""
MESSAGE = struct.Struct("=IHHII")
"""Length with these 16 bytes, what it is about, whether it asks, its number, its sender (nlmsghdr)."""
QUESTION = struct.Struct("=BBBxI")
"""Family, protocol, no more than the usual, states as bits; a pair of ends follows (inet_diag_req_v2)."""
ENDS = struct.Struct("!HH16s16s")
"""Ports and addresses of the socket asked for and of its peer (inet_diag_sockid)."""
ANY_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
"""Whatever its interface and the kernel's own number for it."""
ANSWER = struct.Struct("=BBxx48s12xI")
"""Family, state, the pair of ends, user (inet_diag_msg)."""
ABOUT_SOCKETS, IS_QUESTION = 20, 1
KERNEL = 0
"""Its address among all who talk over netlink."""
ANSWER_LIMIT_S = 1.0
LONGEST_ANSWER = 4_096
"""Bytes; one of one socket takes about a hundred."""
READS = 3
"""How often the tables are read before a connection counts as unknown: a row may move while they are read."""


def is_own_peer(client: Endpoint, server: Endpoint) -> bool:
    """Return whether the program that connected from `client` to us, at `server`, is this user's own, or root's.

    It takes under a millisecond on Linux, a few where the kernel does not answer; elsewhere up to a few hundred, so ask
    on a thread.
    """
    if sys.platform == "linux":
        return peer_user(client, server) in {os.geteuid(), ROOT}
    return _is_held_by_own_process(client, server)


def peer_user(client: Endpoint, server: Endpoint) -> int | None:
    """Return the number of the user who connected from `client` to `server`; None where Linux does not know."""
    asked = (_plain(client), _plain(server))
    user = _told_user(*asked)
    return _listed_user(*asked) if user is None else user


def _told_user(client: Endpoint, server: Endpoint) -> int | None:
    """Return whose socket the kernel says it is; None where it does not answer, or there is no such connection.

    It answers "no such entry" to both: to a connection that it does not find, and where it lacks what would look.
    """
    addresses = [ip_address(address) for address, _ in (client, server)]
    family = socket.AF_INET6 if isinstance(addresses[0], IPv6Address) else socket.AF_INET
    ends = ENDS.pack(client[1], server[1], *(address.packed for address in addresses))
    question = QUESTION.pack(family, socket.IPPROTO_TCP, 0, 1 << ESTABLISHED) + ends + ANY_COOKIE
    head = MESSAGE.pack(MESSAGE.size + len(question), ABOUT_SOCKETS, IS_QUESTION, 0, 0)
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG) as kernel:
            kernel.settimeout(ANSWER_LIMIT_S)
            kernel.sendto(head + question, (KERNEL, 0))
            answer, (sender, _) = kernel.recvfrom(LONGEST_ANSWER)
    except OSError:
        return None
    if sender != KERNEL or len(answer) < MESSAGE.size + ANSWER.size or MESSAGE.unpack_from(answer)[1] != ABOUT_SOCKETS:
        return None
    family, state, found, user = ANSWER.unpack_from(answer, MESSAGE.size)
    # Without a connection between the two it answers with whoever listens at the first.
    return user if state == ESTABLISHED and _both_ends(family, found) == (client, server) else None


def _both_ends(family: int, ends: bytes) -> tuple[Endpoint, Endpoint]:
    """Read `ENDS` of a socket that the kernel found; one of IPv6 may hold a connection of IPv4."""
    port, peer_port, address, peer = ENDS.unpack_from(ends)
    length = 16 if family == socket.AF_INET6 else 4
    near, far = (str(ip_address(each[:length])) for each in (address, peer))
    return _plain((near, port)), _plain((far, peer_port))


def _listed_user(*asked: Endpoint) -> int | None:
    """Return whose socket the tables say it is, None where no row has these two ends."""
    for _ in range(READS):
        for row, user in _established(*(port for _, port in asked)):
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
            if int(state, 16) == ESTABLISHED:
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
