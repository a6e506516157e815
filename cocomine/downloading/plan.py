"""Which images are fetched, from where, and to which place?

The address is the record's `coco_url`. Where there is none, or one of mscoco.org, which COCO gave up, it follows from
the names that COCO gives its folders and files. Names come from a dataset's file: one that leads out of the target
folder, or is that of an earlier image, is told and not fetched.

Source: https://cocodataset.org/#download
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Split
from cocomine.coco.image_origin import image_origin
from cocomine.coco.size import Size
from cocomine.downloading.permission import WebAddress, coco_address, web_address
from cocomine.downloading.refusals import Failure, Refused, failure
from cocomine.system.file_names import name_flaw
from cocomine.system.folders import is_there

COCO_FOLDER = re.compile(r"(?:train|val|test)201[457]|unlabeled2017")
COCO_NAME = re.compile(r"(?:COCO_([a-z]+201[457])_)?\d{12}\.jpg")
BYTES_PER_PX = 0.5
"""Of an image file, a little less than the mean of train2017: 163 kB for 0.28 million pixels."""
FORMER_HOST = re.compile(r"https?://(?:www\.)?mscoco\.org/")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedImage:
    """An image to be fetched.

    Attributes:
        name: as the person knows it.
        url: as the dataset says; which form of it is asked for is the permission's matter.
        size: as the dataset says.
        folder: out of which the image never comes.
        target: where the image will be, below `folder`.
    """

    name: str
    url: WebAddress
    size: Size
    folder: Path
    target: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadPlan:
    """What a download will do.

    Attributes:
        images: to be fetched, unless they are there.
        failures: images that cannot be fetched, as is known before.
    """

    images: tuple[WantedImage, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the dataset names, sorted; COCO's among them."""
        return tuple(sorted({each.url.authority for each in self.images}))

    @property
    def estimated_bytes(self) -> int:
        """How much will come for the images that are not in their places, by the pixels that they have."""
        return round(BYTES_PER_PX * sum(each.size.pixel_count for each in self.images if not is_there(each.target)))


def plan_download(split: Split, image_index: Ints, *, names: Sequence[str], folder: Path) -> DownloadPlan:
    """Return how to fetch these images of a split.

    Args:
        split: whose records are read.
        image_index: positions of the images, (n,).
        names: of the files below `folder`, (n).
        folder: where they will be; it need not be there yet.

    Raises:
        DatasetError: the annotation file changed or is gone.
    """
    images, failures, taken = list[WantedImage](), list[Failure](), set[str]()
    for index, name, url_text in zip(image_index.tolist(), names, _addresses(split, image_index), strict=True):
        try:
            place = _place(name, taken)
            url = _stated(url_text)
        except Refused as error:
            failures.append(failure(name, error))
            continue
        taken.add(place)
        size = split.images.size_at(index)
        images.append(WantedImage(name=name, url=url, size=size, folder=folder, target=folder / name))
    return DownloadPlan(images=tuple(images), failures=tuple(failures))


def _place(name: str, taken: set[str]) -> str:
    """Return by what a place in a folder is known, or refuse a name."""
    flaw = name_flaw(name)
    if flaw:
        raise Refused(f"its name {flaw}")
    place = os.path.normcase(os.path.normpath(name))
    if place in taken:
        raise Refused("another image has the same name")
    return place


def _stated(url_text: str) -> WebAddress:
    if not url_text:
        raise Refused("the dataset does not say where on the web it is (`coco_url`)")
    return web_address(url_text)


def _addresses(split: Split, image_index: Ints) -> Iterator[str]:
    """Yield the web address of each image; "" where neither record nor name tells one."""
    records = split.source.records(split.images.spans[image_index])
    for index, record in zip(image_index.tolist(), records, strict=True):
        written = image_origin(record).coco_url
        named = _address_by_name(split.name, split.images.file_names[index])
        yield named if not written or FORMER_HOST.match(written) else written


def _address_by_name(split_name: str, file_name: str) -> str:
    last = PurePosixPath(file_name.replace("\\", "/")).name
    found = COCO_NAME.fullmatch(last)
    folder = found and (found[1] or split_name)
    return coco_address(folder, last) if folder and COCO_FOLDER.fullmatch(folder) else ""
