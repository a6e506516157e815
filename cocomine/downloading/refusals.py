"""Why is a file not here: for good, or only for now?

Both are raised and caught within this room. Who called gets `Failure` values, one for each image.
"""

from dataclasses import dataclass


class Refused(Exception):  # noqa: N818 - told as a `Failure`, with the image's name
    """A file that no further try would bring.

    Attributes:
        reason: in words, as the end of a sentence that begins with the image's name.
        wants_host: the host that the person would have to allow; None where that is not what is missing.
        wants_plain_host: the host that the person would have to allow without encryption; None likewise.
        is_unspoken: whether the host could not be spoken with, so that it may be without encryption.
    """

    def __init__(
        self,
        reason: str,
        *,
        wants_host: str | None = None,
        wants_plain_host: str | None = None,
        is_unspoken: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.wants_host, self.wants_plain_host = reason, wants_host, wants_plain_host
        self.is_unspoken = is_unspoken


class Interrupted(Exception):  # noqa: N818 - tried again, and told as `Refused` in the end
    """A file that a further try may bring.

    Attributes:
        reason: in words, as in `Refused`.
        wait_s: how long the server asks to wait first; 0 where it says nothing.
        is_unspoken: as in `Refused`.
    """

    def __init__(self, reason: str, *, wait_s: float = 0.0, is_unspoken: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.wait_s, self.is_unspoken = reason, wait_s, is_unspoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An image that was to be fetched and is not there.

    Attributes:
        name: of the image.
        reason: in words, as the end of a sentence that begins with the name.
        wants_host: as in `Refused`.
        wants_plain_host: as in `Refused`.
    """

    name: str
    reason: str
    wants_host: str | None = None
    wants_plain_host: str | None = None

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


def failure(name: str, error: Refused) -> Failure:
    """Return what is told of an image that was refused."""
    return Failure(name=name, reason=error.reason, wants_host=error.wants_host, wants_plain_host=error.wants_plain_host)
