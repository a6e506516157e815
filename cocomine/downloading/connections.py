"""How is a server asked so that only the address that was looked at can answer?

urllib3's pools are made for an address, with the host's name for certificate and `Host`: the way that its documentation
gives for a name of one's own. No redirect is followed by the library and no proxy is used: each hop is checked here
like the first URL.

Source: https://urllib3.readthedocs.io/en/stable/advanced-usage.html#custom-sni-hostname
"""

import ssl
import threading
from collections.abc import Mapping

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError, SSLError

from cocomine.downloading.addresses import Network
from cocomine.downloading.permission import Permission, WebAddress, redirected
from cocomine.downloading.refusals import Interrupted, Refused

MOST_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
HEADERS = {"User-Agent": "CocoMine", "Accept": "image/*,*/*;q=0.5", "Accept-Encoding": "identity"}
"""A compressed answer could be of any size, and images are compressed already."""
LONGEST_CONNECT_S = 10.0
"""Then the next address of a host is tried."""
UNREACHABLE = (NewConnectionError, ConnectTimeoutError)


class Connections:
    """Connections that are kept open between files, each to an address that was looked at."""

    def __init__(self, network: Network, permission: Permission, *, kept: int, patience_s: float) -> None:
        """Connect to nothing yet.

        Args:
            network: how names become addresses.
            permission: what the person allowed.
            kept: so many connections to one address stay open.
            patience_s: how long a server may say nothing.
        """
        self._network, self._permission = network, permission
        self._kept = kept
        self._timeout = Timeout(connect=min(patience_s, LONGEST_CONNECT_S), read=patience_s)
        self._lock = threading.Lock()
        self._addresses: dict[tuple[str, int], tuple[str, ...]] = {}
        self._pools: dict[tuple[WebAddress, str], HTTPConnectionPool] = {}
        self._certificates: ssl.SSLContext | None = None

    def answer(self, url: WebAddress, headers: Mapping[str, str]) -> BaseHTTPResponse:
        """Return a server's answer, redirects followed, of which only the headers are read yet.

        Raises:
            Refused: a URL on the way, or an address of its host, may not be asked.
            Interrupted: no server answers now.
        """
        seen = {url}
        while True:
            self._permission.check(url)
            response = self._answer_of_hop(url, headers)
            if response.status not in REDIRECTS:
                return response
            response.close()
            url = redirected(url, response.headers.get("Location", ""))
            if url in seen:
                raise Refused(f"{url.authority} redirects in a circle")
            if len(seen) > MOST_REDIRECTS:
                raise Refused(f"{url.authority} redirects more than {MOST_REDIRECTS} times")
            seen.add(url)

    def close(self) -> None:
        """Close what is not in use."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def _answer_of_hop(self, url: WebAddress, headers: Mapping[str, str]) -> BaseHTTPResponse:
        for address in self._addresses_of(url):
            try:
                return self._ask(url, address, headers)
            except UNREACHABLE:
                continue  # the next address; where none is left, it is told below
        with self._lock:
            self._addresses.pop((url.host, url.port), None)
        raise Interrupted(f"{url.authority} cannot be reached", is_unspoken=True)

    def _ask(self, url: WebAddress, address: str, headers: Mapping[str, str]) -> BaseHTTPResponse:
        sent = {**HEADERS, **headers, "Host": url.authority}
        try:
            return self._pool(url, address).urlopen(
                "GET",
                url.path,
                headers=sent,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except UNREACHABLE:
            raise
        except SSLError as error:
            if isinstance(error.args[0], ssl.SSLCertVerificationError):
                reason = error.args[0].verify_message
                told = f"the certificate of {url.authority} is not valid ({reason})"
                raise Refused(told, is_unspoken=True) from error
            raise Interrupted(f"{url.authority} could not be spoken with over https", is_unspoken=True) from error
        except (HTTPError, OSError) as error:
            raise broken(url, error) from error

    def _addresses_of(self, url: WebAddress) -> tuple[str, ...]:
        """Return the addresses of a host; looked up again only after none of them could be reached."""
        with self._lock:
            key = url.host, url.port
            if key not in self._addresses:
                self._addresses[key] = self._network.addresses(url.host, url.port)
            return self._addresses[key]

    def _pool(self, url: WebAddress, address: str) -> HTTPConnectionPool:
        site = WebAddress(scheme=url.scheme, host=url.host, port=url.port, path="")
        with self._lock:
            if (site, address) not in self._pools:
                self._pools[site, address] = self._new_pool(site, address)
            return self._pools[site, address]

    def _new_pool(self, site: WebAddress, address: str) -> HTTPConnectionPool:
        if site.scheme == "http":
            return HTTPConnectionPool(address, site.port, timeout=self._timeout, maxsize=self._kept)
        self._certificates = self._certificates or self._network.certificates()
        return HTTPSConnectionPool(
            address,
            site.port,
            timeout=self._timeout,
            maxsize=self._kept,
            ssl_context=self._certificates,
            server_hostname=site.host,
        )


def broken(url: WebAddress, error: Exception) -> Interrupted:
    """Return what is told of a connection that ended before its time."""
    if isinstance(error, ReadTimeoutError):
        return Interrupted(f"{url.authority} sent nothing for too long")
    return Interrupted(f"the connection to {url.authority} broke")
