"""COCO's own annotations of train2017 and val2017: how do they come, and what is taken of their archive?

The archive is known by its size and SHA-256, and comes from COCO's host over https. Of its six files the two with
objects are unpacked, under names of ours: nothing that an archive says decides where something is written, and no more
is written than the files are known to hold. Each appears whole.

Source: https://cocodataset.org/#download
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cocomine.background.reporting import Report
from cocomine.downloading.connections import Connections
from cocomine.downloading.permission import coco_address, web_address
from cocomine.downloading.refusals import Refused
from cocomine.downloading.report import Conditions
from cocomine.downloading.transfer import Transfer, WebFile
from cocomine.downloading.waiting import Ending
from cocomine.errors import DownloadError
from cocomine.system.files import atomic_file, file_sha256
from cocomine.system.folders import is_file
from cocomine.system.space import require_space, writing_to

KIND = "annotations"
DOWNLOADING, UNPACKING = "Downloading", "Unpacking"
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An archive that is known.

    Attributes:
        url: where it is.
        size_bytes: of the archive.
        sha256: of the archive, in hex.
        members: what is taken of it, with the size of each in bytes.
    """

    url: str
    size_bytes: int
    sha256: str
    members: dict[str, int]

    @property
    def unpacked_bytes(self) -> int:
        """The size of what is taken."""
        return sum(self.members.values())


TRAINVAL_2017 = Archive(
    url=coco_address("annotations", "annotations_trainval2017.zip"),
    size_bytes=252_907_541,
    sha256="113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
    members={
        "annotations/instances_train2017.json": 469_785_474,
        "annotations/instances_val2017.json": 19_987_840,
    },
)


def is_unpacked(folder: Path, archive: Archive = TRAINVAL_2017) -> bool:
    """Return whether the files of an archive are in a folder."""
    return all(is_file(target) for target in _targets(folder, archive))


def carry_out(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Bring the annotations to `arguments["folder"]`: the work of a task.

    Raises:
        DownloadError: the archive does not come, or is not the one that is known.
        StorageError: there is no room, or the folder may not be written to.
        JobCancelled: it is to end; what has come stays.
    """
    folder = Path(arguments["folder"])
    bring_annotations(folder, TRAINVAL_2017, Conditions(), report)
    return {"sentence": f"The annotations of COCO 2017 are in {folder}.", "is_well": True}


def bring_annotations(folder: Path, archive: Archive, conditions: Conditions, report: Report) -> None:
    """Download an archive, check it, and unpack it into a folder; for its errors see `carry_out`."""
    require_space(folder, archive.size_bytes + archive.unpacked_bytes, "The download")
    report.plan({DOWNLOADING: 20.0, UNPACKING: 3.0}, unit="megabyte")
    path = folder / Path(archive.url).name
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    told = _Megabytes(report.phase(DOWNLOADING), archive.size_bytes)
    if not is_file(path):
        _fetch(path, archive, conditions, told)
    told = _Megabytes(report.phase(UNPACKING), archive.unpacked_bytes)
    _unpack(path, folder, archive, told)
    with writing_to(path):
        path.unlink()


class _Megabytes:
    """Tells in megabytes how far something is that is counted in bytes."""

    def __init__(self, progress: Callable[[int, int], None], total_bytes: int) -> None:
        self._progress, self._total, self._done = progress, total_bytes, 0

    def add(self, size_bytes: int) -> None:
        self._done += size_bytes
        self._progress(self._done // 1_000_000, max(self._total // 1_000_000, 1))


def _fetch(path: Path, archive: Archive, conditions: Conditions, told: _Megabytes) -> None:
    patience = conditions.patience
    connections = Connections(conditions.network, conditions.permission, kept=1, patience_s=patience.silence_s)
    file = WebFile(
        url=web_address(archive.url),
        target=path,
        most_bytes=archive.size_bytes,
        check=lambda arrived: _check(arrived, archive),
    )
    try:
        Transfer(connections, patience, Ending(), told.add).fetch(file)
    except Refused as error:
        raise DownloadError(f"{archive.url}: {error.reason}. Try again later, or fetch it with a browser.") from error
    finally:
        connections.close()


def _check(path: Path, archive: Archive) -> None:
    found = file_sha256(path)
    if found != archive.sha256:
        raise Refused(f"what came is not the archive that is known (its SHA-256 is {found})")


def _targets(folder: Path, archive: Archive) -> list[Path]:
    return [folder / name for name in archive.members]


def _unpack(path: Path, folder: Path, archive: Archive, told: _Megabytes) -> None:
    try:
        with zipfile.ZipFile(path) as opened:
            for (name, size_bytes), target in zip(archive.members.items(), _targets(folder, archive), strict=True):
                _unpack_one(opened, name, size_bytes, target, told)
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise DownloadError(f"{path}: cannot be unpacked ({error}). Delete it, and download again.") from error


def _unpack_one(opened: zipfile.ZipFile, name: str, size_bytes: int, target: Path, told: _Megabytes) -> None:
    with writing_to(target, need_bytes=size_bytes):
        target.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(name) as reading, atomic_file(target) as writing:
            _copy(reading, writing, size_bytes, told)  # type: ignore[arg-type]  # what a ZipFile opens reads like a file


def _copy(reading: BinaryIO, writing: BinaryIO, size_bytes: int, told: _Megabytes) -> None:
    left = size_bytes
    while block := reading.read(BLOCK_BYTES):
        left -= len(block)
        if left < 0:
            break
        writing.write(block)
        told.add(len(block))
    if left:
        raise zipfile.BadZipFile(f"a file in it does not have the {size_bytes:,} bytes that are known")
