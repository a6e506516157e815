"""Under which conditions is a download done, who is told how far it is, and what came of it?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from cocomine.downloading.addresses import Network
from cocomine.downloading.permission import Permission
from cocomine.downloading.refusals import Failure
from cocomine.downloading.waiting import Patience
from cocomine.system.jobs import Progress
from cocomine.wording import counted, size_words

CONNECTION_COUNT = 8
MOST_IMAGE_BYTES = 64 << 20


class Outcome(Enum):
    """How an image came to its place."""

    FETCHED = "fetched"
    KEPT = "kept from an earlier download"
    THERE = "there before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under which images are fetched.

    Attributes:
        permission: what the person allowed.
        connection_count: images that are fetched at once.
        most_bytes: of one image.
        patience: with servers.
        network: nothing but a test names another.
    """

    permission: Permission = field(default_factory=Permission)
    connection_count: int = CONNECTION_COUNT
    most_bytes: int = MOST_IMAGE_BYTES
    patience: Patience = field(default_factory=Patience)
    network: Network = field(default_factory=Network)


def tell_nobody(*_: int) -> None:
    """Hear a number and do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who is told how far a download is.

    Each call may hold the thread that makes it for as long as the download is to pause; where one raises, the download
    ends.

    Attributes:
        images: takes how many images are there or were given up, and how many there are in all.
        received: takes how many bytes came over the network since the beginning; from several threads.
        failed: takes how many images were given up; from several threads.
    """

    images: Progress = tell_nobody
    received: Callable[[int], None] = tell_nobody
    failed: Callable[[int], None] = tell_nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadReport:
    """What became of the images of a plan.

    Attributes:
        fetched: images that came over the network.
        kept: images that were kept from an earlier download.
        there: images that were in their places before.
        failures: all others, each with its reason, by name.
        received_bytes: over the network, failed tries included.
    """

    fetched: int
    kept: int
    there: int
    failures: tuple[Failure, ...]
    received_bytes: int

    @property
    def is_complete(self) -> bool:
        """Whether every image is there."""
        return not self.failures

    @property
    def sentence(self) -> str:
        """What came, in words."""
        parts = [
            f"{counted(self.fetched, 'image')} downloaded ({size_words(self.received_bytes)})",
            *([f"{self.kept:,} from an earlier download"] if self.kept else []),
            *([f"{self.there:,} were there"] if self.there else []),
            *([f"{len(self.failures):,} did not come"] if self.failures else []),
        ]
        return f"{', '.join(parts)}."
