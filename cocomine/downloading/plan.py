"""Which images are fetched, from where, and to which place?

The address is the record's `coco_url`. Where there is none, or one of mscoco.org, which COCO gave up, it follows from
the names that COCO gives its folders and files. Names come from a dataset's file: one that leads out of the target
folder, or is that of an earlier image, is told and not fetched.

The place is where the split's other images are. Where there are none, it is the folder of the split's name that is
looked into first when the dataset is opened: beside `annotations`, or beside the annotation file.

Source: https://cocodataset.org/#download
"""

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.image_folder_search import ANNOTATION_WORDS, split_name
from cocomine.coco.image_origin import image_origin
from cocomine.coco.images_on_disk import missing_images
from cocomine.coco.size import Size
from cocomine.downloading.permission import WebAddress, coco_address, is_coco, web_address
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
    """

    name: str
    url: WebAddress
    size: Size
    folder: Path

    @property
    def target(self) -> Path:
        """Where the image will be, below `folder`."""
        return self.folder / self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignHost:
    """A host that is none of COCO's, on which a dataset says that images are.

    Attributes:
        name: as `Permission` takes it.
        is_plain: whether the dataset names it without encryption (http).
    """

    name: str
    image_count: int
    is_plain: bool


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
    def foreign_hosts(self) -> tuple[ForeignHost, ...]:
        """The hosts that the person has to allow, those with most images first."""
        urls = [each.url for each in self.images if not is_coco(each.url)]
        plain = {url.authority for url in urls if url.scheme == "http"}
        counts = Counter(url.authority for url in urls)
        hosts = [
            ForeignHost(name=name, image_count=count, is_plain=name in plain) for name, count in sorted(counts.items())
        ]
        return tuple(sorted(hosts, key=lambda host: -host.image_count))

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the images will be, sorted."""
        return tuple(sorted({each.folder for each in self.images}))

    @property
    def estimated_bytes(self) -> int:
        """How much will come for the images that are not in their places, by the pixels that they have."""
        return round(BYTES_PER_PX * sum(each.size.pixel_count for each in self.images if not is_there(each.target)))


def missing_of(dataset: Dataset, wanted: Mapping[str, Ints] | None = None) -> dict[str, Ints]:
    """Return by split the positions of the images that have no file on disk.

    Args:
        wanted: by split the positions of the images that are looked at; None for all.
    """
    missing = {split.name: missing_images(split) for split in dataset.splits}
    if wanted is None:
        return missing
    return {name: np.intersect1d(index, missing[name]) for name, index in wanted.items()}


def plan_download(
    dataset: Dataset, wanted: Mapping[str, Ints] | None = None, *, root: Path | None = None
) -> DownloadPlan:
    """Return how to fetch images of a dataset.

    Args:
        dataset: whose records are read.
        wanted: by split the positions of the images, (n,); None for all.
        root: a folder in which each split gets one of its name, with all the images that are wanted; None for those
            alone that have no file, at the places where the dataset's images are.

    Raises:
        DatasetError: the annotation file changed or is gone.
    """
    images, failures = dict[tuple[Path, str], WantedImage](), list[Failure]()
    chosen = missing_of(dataset, wanted) if root is None else _all_of(dataset, wanted)
    for name, image_index in chosen.items():
        split = dataset.split(name)
        folder = image_place(split) if root is None else root / name
        for index, url_text in zip(image_index.tolist(), _addresses(split, image_index), strict=True):
            try:
                image = _wanted(split, index, url_text, folder)
                _add(image, images)
            except Refused as error:
                failures.append(failure(split.images.file_names[index], error))
    return DownloadPlan(images=tuple(images.values()), failures=tuple(failures))


def _all_of(dataset: Dataset, wanted: Mapping[str, Ints] | None) -> Mapping[str, Ints]:
    return {split.name: np.arange(len(split.images)) for split in dataset.splits} if wanted is None else wanted


def image_place(split: Split) -> Path:
    """Return the folder in which a split's images are, or would be found."""
    if split.image_folder is not None:
        return split.image_folder
    beside = split.source.path.parent
    return (beside.parent if beside.name.lower() in ANNOTATION_WORDS else beside) / split_name(split.source.path)


def _wanted(split: Split, index: int, url_text: str, folder: Path) -> WantedImage:
    name = split.images.file_names[index]
    if flaw := name_flaw(name):
        raise Refused(f"its name {flaw}")
    url, size = _stated(url_text), split.images.size_at(index)
    return WantedImage(name=name, url=url, size=size, folder=folder)


def _add(image: WantedImage, images: dict[tuple[Path, str], WantedImage]) -> None:
    """Add an image by its place on disk; one that two records name alike is wanted once."""
    there = images.setdefault((image.folder, os.path.normcase(os.path.normpath(image.name))), image)
    if (there.url, there.size) != (image.url, image.size):
        raise Refused("another image has the same name")


def _stated(url_text: str) -> WebAddress:
    if not url_text:
        raise Refused("the dataset does not say where on the web it is (`coco_url`)")
    return web_address(url_text)


def _addresses(split: Split, image_index: Ints) -> Iterator[str]:
    """Yield the web address of each image; "" where neither record nor name tells one."""
    records = split.source.records(split.images.spans[image_index])
    for index, record in zip(image_index.tolist(), records, strict=True):
        written = image_origin(record).coco_url
        if written and not FORMER_HOST.match(written):
            yield written
        else:
            yield _address_by_name(split.name, split.images.file_names[index])


def _address_by_name(folder_name: str, file_name: str) -> str:
    last = PurePosixPath(file_name.replace("\\", "/")).name
    found = COCO_NAME.fullmatch(last)
    folder = found and (found[1] or folder_name)
    return coco_address(folder, last) if folder and COCO_FOLDER.fullmatch(folder) else ""
