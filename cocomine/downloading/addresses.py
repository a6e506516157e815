"""Which addresses of the network may a download reach?

Those that everybody on the internet can reach. A dataset's file names hosts, and whoever wrote it could name this
computer, a router or a cloud's metadata service (169.254.169.254): by a literal, by a name that leads there, or by a
redirect. So a name is resolved once, every address that it has is looked at, and the connection goes to one of these
addresses and not to the name, which a second answer could lead elsewhere.

Source: https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import certifi

from cocomine.downloading.refusals import Interrupted, Refused

NAT64 = IPv6Network("64:ff9b::/96")
"""An IPv4 address in its last 32 bits, as networks without IPv4 write it (RFC 6052)."""
LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
IP = IPv4Address | IPv6Address


def is_public(address: str) -> bool:
    """Return whether an address can be reached from everywhere; text that is no address cannot."""
    try:
        return _is_public(ip_address(address))
    except ValueError:
        return False


def _is_public(ip: IP) -> bool:
    if isinstance(ip, IPv6Address):
        if ip in NAT64:
            return _is_public(IPv4Address(ip.packed[-4:]))
        if ip in LOCAL_NAT64 or ip.scope_id or ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def resolved(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a host, as the system gives them; a literal is its own.

    Raises:
        OSError: it has none.
        UnicodeError: it is no host name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def public_host(host: str, address: str) -> bool:  # noqa: ARG001 - as `Network.may_reach` asks
    """Return whether a connection may go to this address, whatever the host is called."""
    return is_public(address)


def trusted_certificates() -> ssl.SSLContext:
    """Return what certificates are checked by: the system's authorities, and those of Mozilla where it has none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How names become addresses, and which of them count; nothing but a test has another than the default.

    Attributes:
        resolve: takes host and port, and returns addresses.
        may_reach: takes host and address, and returns whether a connection may go there.
        certificates: returns what a server's certificate is checked by.
    """

    resolve: Callable[[str, int], Sequence[str]] = resolved
    may_reach: Callable[[str, str], bool] = public_host
    certificates: Callable[[], ssl.SSLContext] = trusted_certificates

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses to which a connection may go.

        Raises:
            Refused: one of them is not public.
            Interrupted: there is none now.
        """
        try:
            found = tuple(self.resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise Interrupted(f"no address was found for {host}; is this computer online?") from error
        if not found:
            raise Interrupted(f"no address was found for {host}")
        inner = [address for address in found if not self.may_reach(host, address)]
        if inner:
            raise Refused(f"{host} leads to {inner[0]}, which is not an address on the public internet")
        return found
