"""Where is it kept which folders a person named for a dataset's images?

In one small JSON file for each dataset, `image_folders/<digest>.json` in the workspace, under the path that was opened
with links resolved. A damaged file counts as none: naming a folder again takes a moment.
"""

import hashlib
import os
from pathlib import Path

import msgspec

from cocomine.coco.image_address import ImageAddress
from cocomine.coco.image_folders import EVERYWHERE, ImageFolders, Place
from cocomine.errors import DatasetError
from cocomine.system.file_names import is_address
from cocomine.system.files import write_json


class _Document(msgspec.Struct):
    dataset: str
    named: dict[str, str] = {}
    linked: list[str] = []


def kept_folders(folder: Path, dataset_path: Path, fetched: Path) -> ImageFolders:
    """Return what was named for a dataset, as it was kept; whether it is still there is not asked.

    Args:
        folder: where all these files are.
        dataset_path: what was opened, a folder or an annotation file.
        fetched: the folder that keeps images which are read from addresses.
    """
    try:
        kept = msgspec.json.decode(_file(folder, dataset_path).read_bytes(), type=_Document)
        named = {split: _place(text, fetched) for split, text in kept.named.items()}
    except (OSError, ValueError, DatasetError):  # there is none, or it is damaged; msgspec's errors are ValueErrors
        return EVERYWHERE
    return ImageFolders(named=named, linked=tuple(map(Path, kept.linked)))


def keep_folders(folder: Path, dataset_path: Path, folders: ImageFolders) -> None:
    """Keep what is named for a dataset from now on; where nothing is, its file goes.

    Raises:
        OSError: it cannot be written.
    """
    file = _file(folder, dataset_path)
    if folders == EVERYWHERE:
        file.unlink(missing_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    named = {
        split: place.address if isinstance(place, ImageAddress) else str(place)
        for split, place in folders.named.items()
    }
    write_json(file, {"dataset": str(dataset_path), "named": named, "linked": [str(each) for each in folders.linked]})


def _place(text: str, fetched: Path) -> Place:
    return ImageAddress.of(text, fetched) if is_address(text) else Path(text)


def _file(folder: Path, dataset_path: Path) -> Path:
    return folder / f"{hashlib.sha256(os.fsencode(os.path.realpath(dataset_path))).hexdigest()[:32]}.json"
