"""What stands in the files of a task's folder?

`request.json` says what is to be done; it is written once. `status.json` says how far it is; the task's process
replaces it. `result.json` is what the work returned; a `sentence` in it is for people, and `is_well`, where it is
false, says that something they asked for is missing. `PAUSE` and `CANCEL` are there while somebody asks for that;
`PLACE` holds the place in line of a waiting task that somebody moved.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

REQUEST, STATUS, RESULT = "request.json", "status.json", "result.json"
PAUSE, CANCEL, PLACE = "PAUSE", "CANCEL", "PLACE"

Count = Annotated[int, Meta(ge=0)]
Number = Annotated[float, Meta(ge=0, le=1e15)]
Share = Annotated[float, Meta(ge=0, le=1)]
State = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
ENDED_STATES = ("done", "failed", "cancelled")
R = TypeVar("R", bound=msgspec.Struct)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done, and what people call it."""

    kind: Annotated[str, Meta(pattern="^[a-z]+$")]
    """One word for all tasks of this kind, such as "export"; part of the folder's name."""
    title: str
    """For people, such as "Export of giraffe and bus"."""
    work: Annotated[str, Meta(pattern=r"^[A-Za-z_]\w*(\.\w+)*$")]
    """The module whose `carry_out(arguments, report)` does it."""
    arguments: dict[str, Any]
    """What JSON can hold."""
    queue: str = ""
    """Tasks of one queue run one after the other; "" waits for nobody."""
    if_cancelled: str = ""
    """A sentence about what is left of it then, such as "The folder is as it was."."""
    target: str = ""
    """What only one task at a time may work on, such as a folder; "" for nothing of that kind."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How far a task is, and which process says so."""

    state: State
    phases: tuple[str, ...] = ()
    """What is done one after the other, in words."""
    phase: Count | None = None
    """Which of them is going on, from 0; None before the first."""
    done: Count = 0
    """Of the phase, in its unit."""
    total: Count = 0
    unit: str = "image"
    share: Share = 0.0
    """Of the whole task."""
    bytes_done: Count = 0
    bytes_total: Count | None = None
    per_s: Number | None = None
    """Units per second lately."""
    bytes_per_s: Number | None = None
    left_s: Number | None = None
    """Until the end of the whole task."""
    message: str = ""
    """What the work says beside that, or why it ended."""
    began: Number | None = None
    """When the work began, after its waiting, in seconds since the epoch."""
    ended: Number | None = None
    heartbeat: Number = 0.0
    pid: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    started: Number | None = None
    host: str | None = None


def record_bytes(record: msgspec.Struct) -> bytes:
    """Return the content of a record's file."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def record_in(path: Path, kind: type[R]) -> R | None:
    """Return the record in a file, None where there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, ValueError, RecursionError):
        return None
