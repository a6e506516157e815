"""The published ImageNet weights of an encoder: where do they come from, and how are they known again?

They are torchvision's, from PyTorch's own host over https. A file's name ends with the first eight digits of its
SHA-256; what came is compared with these, and its tensors with the encoder, before it appears under its name. Nothing
is fetched that a person did not ask for.

Source: `ResNet50_Weights.IMAGENET1K_V1` and `ResNet18_Weights.IMAGENET1K_V1` in torchvision/models/resnet.py, which
torchvision's own segmentation networks start from as well
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocomine.background.reporting import Report
from cocomine.downloading.connections import Connections
from cocomine.downloading.permission import Permission, web_address
from cocomine.downloading.refusals import Refused
from cocomine.downloading.report import Conditions
from cocomine.downloading.transfer import Transfer, WebFile
from cocomine.downloading.waiting import Ending
from cocomine.errors import DownloadError, WeightsError
from cocomine.system.files import file_sha256
from cocomine.system.space import require_space, writing_to
from cocomine.training.runs.encoders import ENCODERS, Encoder
from cocomine.training.runs.weights_files import inspected

KIND = "weights"
HOST = "download.pytorch.org"
DOWNLOADING = "Downloading"
HASH_IN_NAME = re.compile(r"-([0-9a-f]{8})\.pth$")
ROOM_FACTOR = 1.1
"""What may come may be so much larger than the size that is said, which is rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedWeights:
    """A file of weights that is known.

    Attributes:
        url: whose last part ends with the first eight digits of its SHA-256.
        size_bytes: about.
    """

    encoder: Encoder
    url: str
    size_bytes: int

    @property
    def file_name(self) -> str:
        """Its name, under which torch keeps it as well."""
        return self.url.rpartition("/")[2]

    @property
    def sha256_start(self) -> str:
        """The first eight digits of its SHA-256.

        Raises:
            WeightsError: The name does not end with them.
        """
        if found := HASH_IN_NAME.search(self.file_name):
            return found[1]
        raise WeightsError(f"{self.url}: its name does not end with eight digits of a SHA-256. Choose another file.")


PUBLISHED = {
    name: PublishedWeights(encoder=ENCODERS[name], url=f"https://{HOST}/models/{file_name}", size_bytes=size_bytes)
    for name, file_name, size_bytes in (
        ("resnet50", "resnet50-0676ba61.pth", 102_500_000),
        ("resnet18", "resnet18-f37072fd.pth", 46_800_000),
    )
}
"""By the encoder's name."""


def carry_out(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Bring the weights of `arguments["encoder"]` to `arguments["folder"]`: the work of a task.

    Raises:
        DownloadError: They do not come, or are not those that are known.
        StorageError: There is no room, or the folder may not be written to.
        JobCancelled: It is to end; what has come stays.
    """
    published = PUBLISHED[arguments["encoder"]]
    conditions = Conditions(permission=Permission(hosts=frozenset({HOST})))
    path = bring_weights(published, Path(arguments["folder"]), conditions, report)
    return {"sentence": f"The weights of {published.encoder.title} are in {path}.", "is_well": True}


def bring_weights(published: PublishedWeights, folder: Path, conditions: Conditions, report: Report) -> Path:
    """Download weights into a folder, and return their path; for its errors see `carry_out`."""
    path = folder / published.file_name
    require_space(folder, published.size_bytes, "The download")
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    report.plan({DOWNLOADING: 1.0}, unit="megabyte")
    told = _Bytes(report, published.size_bytes)
    _fetch(published, path, conditions, told.add)
    return path


class _Bytes:
    """Tells how many bytes came, of how many, how fast, and when all are there."""

    def __init__(self, report: Report, total_bytes: int) -> None:
        self._report, self._progress = report, report.phase(DOWNLOADING)
        self._total, self._done = total_bytes, 0

    def add(self, size_bytes: int) -> None:
        self._done += size_bytes
        self._report.count_bytes(self._done, max(self._total, self._done))
        self._progress(self._done // 1_000_000, max(self._total // 1_000_000, 1))


def _fetch(published: PublishedWeights, path: Path, conditions: Conditions, received: Callable[[int], None]) -> None:
    patience = conditions.patience
    connections = Connections(conditions.network, conditions.permission, kept=1, patience_s=patience.silence_s)
    file = WebFile(
        url=web_address(published.url),
        target=path,
        most_bytes=round(published.size_bytes * ROOM_FACTOR),
        check=lambda arrived: _check(arrived, published),
    )
    try:
        Transfer(connections, patience, Ending(), received).fetch(file)
    except Refused as error:
        remedy = f"Try again later, or fetch it with a browser and put it into {path.parent}."
        raise DownloadError(f"{published.url}: {error.reason}. {remedy}") from error
    finally:
        connections.close()


def _check(path: Path, published: PublishedWeights) -> None:
    """Refuse a file that is not the one that is known, or does not fill the encoder."""
    found = file_sha256(path)
    if not found.startswith(published.sha256_start):
        raise Refused(f"what came is not the file that is known: its SHA-256 begins with {found[:8]}")
    try:
        missing = inspected(path, published.encoder).missing
    except WeightsError as error:
        raise Refused(f"what came cannot be used ({error})") from error
    if missing:
        raise Refused(f"what came lacks {len(missing):,} tensors of a {published.encoder.title}")
