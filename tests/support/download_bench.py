"""Downloads of small images from a server that fails as it is told to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from bad_server import BadServer, network_of_tests
from PIL import Image

from cocomine.coco.size import Size
from cocomine.downloading.addresses import Network
from cocomine.downloading.downloads import download_images
from cocomine.downloading.image_store import ImageStore
from cocomine.downloading.permission import Permission, web_address
from cocomine.downloading.plan import DownloadPlan, WantedImage
from cocomine.downloading.report import Conditions, DownloadReport, Watch
from cocomine.downloading.waiting import Patience

SIZE = Size(height=96, width=128)
HURRY = Patience(tries=3, first_wait_s=0.001, longest_wait_s=5, silence_s=10)


def jpeg(seed: int, size: Size = SIZE) -> bytes:
    """A JPEG of about 12 kB whose pixels are noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    return file.getvalue()


@dataclass
class Bench:
    """A server, and the folders that a download from it writes."""

    server: BadServer
    folder: Path
    store: ImageStore

    def add(self, *names: str) -> None:
        """Let the server have images."""
        for name in names:
            seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
            self.server.files[f"/{name}"] = jpeg(seed)

    def plan(self, *names: str, urls: Sequence[str] = ()) -> DownloadPlan:
        """Want images, which the server has under their names or elsewhere."""
        addresses = urls or [self.server.url(f"/{name}") for name in names]
        images = [
            WantedImage(name=name, url=web_address(url), size=SIZE, folder=self.folder)
            for name, url in zip(names, addresses, strict=True)
        ]
        return DownloadPlan(images=tuple(images))

    def conditions(
        self, permission: Permission | None = None, patience: Patience = HURRY, network: Network | None = None
    ) -> Conditions:
        return Conditions(
            permission=permission or self.server.permission(),
            patience=patience,
            network=network or network_of_tests(),
            most_bytes=2 << 20,
        )

    def download(
        self, plan: DownloadPlan, conditions: Conditions | None = None, watch: Watch | None = None
    ) -> DownloadReport:
        return download_images(plan, self.store, conditions or self.conditions(), watch or Watch())

    def is_right(self, name: str) -> bool:
        """Whether an image is in its place, byte for byte."""
        return (self.folder / name).read_bytes() == self.server.files[f"/{name}"]

    def places(self) -> set[str]:
        """The files in the target folder."""
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}

    def kept_names(self) -> list[str]:
        """The endings of the files in the store: "" for a whole one."""
        return sorted("".join(path.suffixes) for path in self.store.folder.rglob("*") if path.is_file())
