"""From which hosts may images be fetched, and in which form is each asked?

From COCO's; from another one only after the person allowed it. https comes first, and http only from a host for which
the person allowed that as well. `images.cocodataset.org` is a bucket of Amazon's and has no certificate of its own:
asked by https it shows one for `s3.amazonaws.com`. The same files are under that name, with the bucket in the path, and
so they are fetched encrypted.

Source: https://cocodataset.org/#download; https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import unquote, urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from cocomine.downloading.refusals import Refused
from cocomine.errors import DownloadError

COCO_HOST = "images.cocodataset.org"
S3_HOST = "s3.amazonaws.com"
S3_FOLDER = f"/{COCO_HOST}"
DEFAULT_PORTS = {"https": 443, "http": 80}
LONGEST_ADDRESS = 2000
USUAL_ADDRESS = re.compile(r"(https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?)((?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+)")
"""Its site is parsed once, since a dataset names one site 100,000 times; its path needs no encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """A URL that was taken apart once.

    Attributes:
        scheme: "https" or "http".
        host: in lower case; an international name in its ASCII form, an IPv6 address without brackets.
        path: with the query, percent-encoded.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's own: by this the person allows it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def web_address(text: str) -> WebAddress:
    """Return a URL, taken apart.

    Raises:
        Refused: it is none, or of a kind that is not fetched.
    """
    usual = USUAL_ADDRESS.fullmatch(text)
    if usual and len(text) <= LONGEST_ADDRESS:
        return replace(_site(usual[1]), path=usual[2])
    return _parsed(text)


@cache
def _site(text: str) -> WebAddress:
    return _parsed(text)


def _parsed(text: str) -> WebAddress:
    try:
        found = parse_url(text.strip() if len(text) <= LONGEST_ADDRESS else "")
    except LocationParseError as error:
        raise Refused(f"{text[:80]!r} is no web address") from error
    if found.scheme not in DEFAULT_PORTS or not found.host:
        raise Refused(f"{text[:80]!r} is no address that begins with https:// or http://")
    if found.auth:
        raise Refused("its web address holds a user name, which is not sent")
    port = found.port or DEFAULT_PORTS[found.scheme]
    return WebAddress(scheme=found.scheme, host=found.host.strip("[]"), port=port, path=found.request_uri)


def redirected(url: WebAddress, location: str) -> WebAddress:
    """Return where a server sends from a URL.

    Raises:
        Refused: to nowhere, or from https to http.
    """
    target = web_address(urljoin(str(url), location))
    if (url.scheme, target.scheme) == ("https", "http"):
        raise Refused(f"{url.authority} redirects from https to http, which is not followed")
    return target


def host_named(text: str) -> str:
    """Return the host that a person typed, with its port where one was named, as `Permission` takes it.

    Raises:
        DownloadError: it is none.
    """
    text = text.strip()
    try:
        return web_address(text if "://" in text else f"https://{text}/").authority
    except Refused as error:
        raise DownloadError(f"{text!r} is no host. Write it like {COCO_HOST}, or paste an image's address.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What the person allowed beside COCO's hosts over https.

    Attributes:
        hosts: other hosts, as `host_named` returns them.
        plain_hosts: hosts, COCO's among them, that may be asked without encryption.
    """

    hosts: frozenset[str] = frozenset()
    plain_hosts: frozenset[str] = frozenset()

    def check(self, url: WebAddress) -> None:
        """Refuse a URL that the person did not allow.

        Raises:
            Refused: with the host to ask the person for.
        """
        host = url.authority
        if not is_coco(url) and host not in self.hosts:
            raise Refused(f"it is on {host}, which is none of COCO's hosts and was not allowed", wants_host=host)
        if url.scheme == "http" and host not in self.plain_hosts:
            raise Refused(f"{host} was not allowed without encryption (http)", wants_plain_host=host)

    def forms(self, url: WebAddress) -> tuple[WebAddress, ...]:
        """Return in which forms a file is asked for, the best first; none of them is checked yet."""
        if is_coco(url):
            path = url.path if url.host == COCO_HOST else url.path.removeprefix(S3_FOLDER)
            plain = WebAddress(scheme="http", host=COCO_HOST, port=80, path=path)
            secure = WebAddress(scheme="https", host=S3_HOST, port=443, path=S3_FOLDER + path)
        elif url.scheme == "http" and url.port == DEFAULT_PORTS["http"]:
            plain, secure = url, replace(url, scheme="https", port=DEFAULT_PORTS["https"])
        else:
            return (url,)
        return (secure, plain) if plain.authority in self.plain_hosts else (secure,)


def coco_address(folder: str, name: str) -> str:
    """Return where COCO has an image of a split, such as "train2017" and "000000000009.jpg"."""
    return f"https://{S3_HOST}{S3_FOLDER}/{folder}/{name}"


def is_coco(url: WebAddress) -> bool:
    """Return whether an address is one of COCO's, which may be asked without being allowed."""
    if url.port != DEFAULT_PORTS[url.scheme]:
        return False
    in_bucket = url.path.startswith(f"{S3_FOLDER}/") and ".." not in unquote(url.path)
    return url.host == COCO_HOST or (url.host == S3_HOST and url.scheme == "https" and in_bucket)
