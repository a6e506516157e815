"""Ports of servers that tests start."""

import secrets
import socket
from contextlib import suppress

OWN_PORTS = range(20_000, 32_000)
"""Below those that systems give to whoever asks for any, so that nobody gets one between its choice and its use."""


def free_port() -> int:
    """Return one of these that nobody listens at."""
    while True:
        port = secrets.choice(OWN_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
