"""How is an image read whose folder is not on this computer, but at an address?

The person names the address (`s3://bucket/train2017`, `gs://…`, `https://…`), and nothing else leads to one. A file is
fetched when its bytes are asked for: whole, of at most `MOST_IMAGE_BYTES`, within `LONGEST_S`. It is kept in a folder
of the workspace, so that everything that reads images reads it like any other. Those that were used longest ago make
room. Names of stores may be what no disk can hold beside each other, as `a`, `a/b` and `A`: so the SHA-256 of its name
is part of the one that a file is kept under.

No name leads out: neither out of the address's folder nor out of the one in the workspace. After a failure that is not
a single image's, an address is not asked again for `PAUSE_S`, so that a page of images waits for it once.
"""

import hashlib
import posixpath
import re
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urlsplit

from cocomine.coco.kept_files import KeptFiles
from cocomine.errors import AddressError, DatasetError
from cocomine.system.bounded import within

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse


MB = 1_000_000
MOST_IMAGE_BYTES = 100 * MB
LONGEST_S, PAUSE_S = 20.0, 30.0
BLOCK_BYTES = 1 << 16
"""So much at most is taken of an answer at once."""
AT_ONCE = 8
"""Images that are fetched at once for a page."""
WEB = frozenset({"http", "https"})
PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs", "memory": "fsspec"}
"""The package with which fsspec reads each kind of address."""
NOT_PLAIN = re.compile(r"[^a-z0-9_-]+")
PLAIN_ENDING = re.compile(r"\.[a-z0-9]{1,5}")
"""Of names; some programs tell by it what a file is."""
RECOGNISED = 40
"""Characters of a name by which a person knows it again."""
_failed: dict[str, tuple[float, str]] = {}
"""By address until when it is not asked, on the monotonic clock, and why."""


def parts_of(address: str) -> SplitResult:
    """Return the parts of an address.

    Raises:
        DatasetError: it has none, as `https://[x`.
    """
    try:
        return urlsplit(address)
    except ValueError as error:
        raise DatasetError(f"{address}: this is no address ({error}). Check the spelling.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAddress:
    """A folder of images at an address.

    Attributes:
        address: with no slash at its end.
        kept_in: the folder of this computer that keeps what was fetched from it.
    """

    address: str
    kept_in: Path

    @classmethod
    def of(cls, text: str, workspace_folder: Path) -> "ImageAddress":
        """Return what an address names; nothing is asked for.

        Args:
            text: such as `s3://bucket/folder`.
            workspace_folder: holds a folder for each address.

        Raises:
            DatasetError: it is none from which images are read.
        """
        address = text.rstrip("/")
        parts = parts_of(address)
        names_somebody = parts.scheme in WEB and parts.username is not None  # often a token; abfs:// names containers
        if parts.password or names_somebody or parts.query or parts.fragment:
            raise DatasetError(
                f"{parts.scheme}://{parts.hostname}: a user, a password, “?” or “#” cannot be part of a folder's "
                "address, which is kept and shown. Name the folder alone, and sign in as its provider's own tools do."
            )
        if parts.scheme not in WEB | PACKAGES.keys() or "::" in address or not parts.netloc:
            kinds = ", ".join(f"{each}://" for each in ("s3", "gs", "az", "https"))
            raise DatasetError(f"{text}: images are not read from such an address. Name one with {kinds}, or a folder.")
        digest = hashlib.sha256(address.encode()).hexdigest()[:32]
        return cls(address=address, kept_in=workspace_folder / digest)

    def file(self, name: str) -> Path | None:
        """Return where an image is on this computer, fetched if need be; None if it is not there or leads out.

        Args:
            name: below the address.

        Raises:
            AddressError: the address cannot be read; the message says what to do.
        """
        place = self._place(name)
        if place is None:
            return None
        kept = KeptFiles(self.kept_in.parent)
        if kept.use(place):
            return place
        data = self._fetched(posixpath.normpath(name))
        if data is None:
            return None
        kept.add(place, data)
        return place

    def kept(self, name: str) -> Path | None:
        """Return where an image is on this computer; None if it was not fetched, or had to make room."""
        place = self._place(name)
        return place if place is not None and place.is_file() else None

    def has(self, name: str) -> bool:
        """Return whether a name stays below the address; whether a file is there is not asked."""
        below = posixpath.normpath(name)
        leads_out = posixpath.isabs(below) or below.split("/")[0] in {"..", "."}
        return bool(name) and not leads_out and "\0" not in name and "\\" not in name

    def _place(self, name: str) -> Path | None:
        return self.kept_in / kept_name(name) if self.has(name) else None

    def _fetched(self, name: str) -> bytes | None:
        until, reason = _failed.get(self.address, (0.0, ""))
        if time.monotonic() < until:
            raise AddressError(reason)
        try:
            data = within(LONGEST_S, lambda: self._bytes_of(name))
        except AddressError as error:
            _failed[self.address] = time.monotonic() + PAUSE_S, str(error)
            raise
        except Exception as error:  # each kind of store has errors of its own
            _failed[self.address] = time.monotonic() + PAUSE_S, self._trouble(error)
            raise AddressError(self._trouble(error)) from error
        if data is not None and len(data) > MOST_IMAGE_BYTES:
            raise AddressError(
                f"{self.address}/{name}: the file has more than {MOST_IMAGE_BYTES // MB} MB, and no image has. Check "
                "that this is the folder of the images."
            )
        return data

    def _bytes_of(self, name: str) -> bytes | None:
        """Return the first bytes of a file, one more than an image may have; None where there is no file."""
        if urlsplit(self.address).scheme in WEB:
            return self._bytes_from_web(name)
        from fsspec.core import url_to_fs  # noqa: PLC0415 - what it reads with is imported by it, and only here

        try:
            files, folder = url_to_fs(self.address)
            data: bytes = files.cat_file(f"{folder.rstrip('/')}/{name}", start=0, end=MOST_IMAGE_BYTES + 1)
        except (FileNotFoundError, IsADirectoryError):
            return None
        return data

    def _bytes_from_web(self, name: str) -> bytes | None:
        from urllib3 import PoolManager, Timeout  # noqa: PLC0415 - only where it is needed

        with PoolManager(timeout=Timeout(connect=LONGEST_S / 2, read=LONGEST_S / 2), retries=False) as pool:
            answer = pool.request("GET", f"{self.address}/{quote(name)}", redirect=False, preload_content=False)
            try:
                if answer.status in {404, 410} or (answer.status == 200 and _is_page(answer.headers)):
                    return None
                if answer.status != 200:
                    raise AddressError(_refusal(self.address, answer.status, answer.headers.get("Location")))
                return _received(answer)
            finally:
                answer.close()  # a body that nobody reads would keep its socket

    def _trouble(self, error: Exception) -> str:
        kind = urlsplit(self.address).scheme
        if isinstance(error, ImportError):
            package = PACKAGES[kind]
            return (
                f"{self.address}: {kind}:// is read with the package {package}, which is missing. pip install {package}"
            )
        if isinstance(error, TimeoutError):
            return f"{self.address}: no answer within {LONGEST_S:.0f} s. Check the connection, and try again."
        reason = f"{type(error).__name__}: {error}"[:300]
        if isinstance(error, PermissionError) or "credential" in reason.lower():
            return (
                f"{self.address}: reading is not allowed ({reason}). Sign in as its provider's own tools do, such as "
                f"by AWS_PROFILE for s3://, or, where everybody may read it, set FSSPEC_{kind.upper()}_ANON=true."
            )
        return f"{self.address}: it cannot be read ({reason}). Check the address and the connection."


def kept_name(name: str) -> str:
    """Return how the file of a name is called among those that are kept."""
    below = posixpath.normpath(name)
    stem, ending = posixpath.splitext(posixpath.basename(below).lower())
    digest = hashlib.sha256(below.encode()).hexdigest()[:32]
    return f"{NOT_PLAIN.sub('_', stem)[:RECOGNISED]}-{digest}{ending if PLAIN_ENDING.fullmatch(ending) else ''}"


def fetch_files(wanted: Sequence[tuple[ImageAddress, str]]) -> None:
    """Bring files to this computer, some at once, each given by its address and its name.

    Raises:
        AddressError: an address cannot be read.
    """
    with ThreadPoolExecutor(AT_ONCE) as several:
        for _ in several.map(lambda one: one[0].file(one[1]), wanted):
            pass


def _received(answer: "BaseHTTPResponse") -> bytes:
    """Return the first bytes of an answer, one more than an image may have.

    Raises:
        TimeoutError: they do not come in time, though some come again and again.
    """
    data, ends_s = bytearray(), time.monotonic() + LONGEST_S
    while len(data) <= MOST_IMAGE_BYTES and (block := answer.read1(BLOCK_BYTES)):
        if time.monotonic() > ends_s:
            raise TimeoutError
        data += block
    return bytes(data[: MOST_IMAGE_BYTES + 1])


def _is_page(headers: Mapping[str, str]) -> bool:
    """Return whether a page came in the place of an image, as where one has to sign in."""
    return headers.get("Content-Type", "").lower().startswith("text/html")


def _refusal(address: str, status: int, location: str | None) -> str:
    if location is not None:
        return (
            f"{address}: the server sends elsewhere ({location.partition('?')[0][:200]}). Name that address where it "
            "is the one you mean."
        )
    if status in {401, 403}:
        return f"{address}: the server lets nobody read here (status {status}). Name an address that needs no password."
    return f"{address}: the server answers with status {status}. Check the address, or try again later."
