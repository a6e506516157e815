"""Where does the person say that images are, and which splits have them there?

Where nobody says anything, the usual folders are searched (`image_folder_search`).
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from cocomine.coco.dataset import Split, unknown_name_message
from cocomine.coco.image_address import ImageAddress, parts_of
from cocomine.coco.image_folder_search import image_folder_below, spread_names
from cocomine.errors import DatasetError, SelectionError
from cocomine.system.file_names import is_address
from cocomine.system.folders import is_folder, names_in
from cocomine.wording import counted

Place = Path | ImageAddress
OF_THIS_COMPUTER = frozenset({"file", "local"})
"""Kinds of addresses that are paths."""
FETCHED_NAMES = 3
"""Names that are asked for at an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFolders:
    """Where the person says that images are.

    Attributes:
        named: folders, or addresses of folders, by split; "" stands for all splits.
        linked: where links among the images may lead, beside their own folder.
    """

    named: Mapping[str, Place] = field(default_factory=dict)
    linked: tuple[Path, ...] = ()

    @classmethod
    def from_texts(cls, named: Sequence[str], linked: Sequence[Path], fetched: Path) -> "ImageFolders":
        """Return what options say, each `[SPLIT=]PATH`; a path that is there is one, whatever it holds.

        Args:
            fetched: the folder that keeps images which are read from addresses.

        Raises:
            DatasetError: a folder is not there, or images are not read from such an address.
        """
        for folder in linked:
            _require_folder(folder)
        return cls(
            named={split: place_of(text, fetched) for split, text in map(_pair, named)},
            linked=tuple(_absolute(each) for each in linked),
        )


def place_of(text: str, fetched: Path) -> Place:
    """Return the folder that a person named, or the address of one; `file://` is a path like any other.

    Args:
        fetched: the folder that keeps images which are read from addresses.

    Raises:
        DatasetError: there is no such folder, or images are not read from such an address.
    """
    if is_address(text) and parts_of(text).scheme not in OF_THIS_COMPUTER:
        return ImageAddress.of(text, fetched)
    folder = Path(unquote(parts_of(text).path) if is_address(text) else text)
    _require_folder(folder)
    return _absolute(folder)


def place_text(split: Split) -> str | None:
    """Return where a split's images are, as another process is told it; None where no folder is known."""
    if split.address is not None:
        return split.address.address
    return None if split.image_folder is None else str(split.image_folder)


def with_place(split: Split, text: str | None, linked: Sequence[Path], fetched: Path) -> Split:
    """Return a split whose images are where `place_text` said."""
    if text is not None and is_address(text):
        return with_address(split, ImageAddress.of(text, fetched))
    return with_images(split, None if text is None else Path(text), linked)


EVERYWHERE = ImageFolders()
"""Nothing is said: the usual folders are searched."""


def with_images(split: Split, folder: Path | None, linked: Sequence[Path] = ()) -> Split:
    """Return a split whose images are in a folder."""
    return replace(split, image_folder=folder, linked_folders=tuple(linked), address=None)


def with_address(split: Split, address: ImageAddress) -> Split:
    """Return a split whose images are at an address; nothing is fetched."""
    return replace(split, image_folder=address.kept_in, linked_folders=(), address=address)


def with_named_folders(splits: Sequence[Split], folders: ImageFolders) -> tuple[Split, ...]:
    """Return splits whose images are where the person says; what is not there changes nothing."""
    return tuple(_placed(split, folders) for split in splits)


def require_named_folders(splits: Sequence[Split], folders: ImageFolders) -> None:
    """Make sure that what the person says holds images.

    Raises:
        SelectionError: a split is named that is not there.
        DatasetError: a named folder is not there, or holds none of the images.
        AddressError: a named address cannot be read.
    """
    split_names = [split.name for split in splits]
    for name, folder in folders.named.items():
        if name not in {"", *split_names}:
            raise SelectionError(unknown_name_message("split", name, split_names))
        meant = [each for each in splits if each.name == name or (not name and each.name not in folders.named)]
        if isinstance(folder, ImageAddress):
            require_images(folder, meant)
        elif meant and not any(_named(split, folders) for split in meant):
            raise DatasetError(_nothing_found(folder, meant))


def require_images(address: ImageAddress, splits: Sequence[Split]) -> None:
    """Make sure that an address holds images of these splits: the first, the middle and the last one are fetched.

    Raises:
        DatasetError: none of them is there.
        AddressError: it cannot be read.
    """
    names = [name for split in splits for name in spread_names(split.images.file_names, FETCHED_NAMES)]
    if names and not any(address.file(name) for name in names):
        raise DatasetError(
            f"{address.address}: none of {', '.join(names)} is here. Name the address of the folder that holds the "
            "images, one for each split (SPLIT=ADDRESS)."
        )


def _pair(text: str) -> tuple[str, str]:
    split, equals, place = text.partition("=")
    if not equals or is_address(text) or is_folder(Path(text).expanduser()):
        return "", text
    return split, place


def _require_folder(folder: Path) -> None:
    if not is_folder(folder.expanduser()):
        raise DatasetError(f"{folder}: there is no such folder. Check the spelling.")


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.expanduser().absolute()))


def _placed(split: Split, folders: ImageFolders) -> Split:
    named = folders.named.get(split.name) or folders.named.get("")
    if isinstance(named, ImageAddress):
        return with_address(split, named)
    return with_images(split, _named(split, folders) or split.image_folder, folders.linked)


def _named(split: Split, folders: ImageFolders) -> Path | None:
    """Return the folder that the person named for a split, or the one in it where its images are."""
    named = folders.named.get(split.name) or folders.named.get("")
    if named is None or isinstance(named, ImageAddress):
        return None
    return image_folder_below(named, split.name, split.images.file_names)


def _nothing_found(folder: Path, splits: Sequence[Split]) -> str:
    if not is_folder(folder):
        return f"{folder}: there is no such folder. Name the folder that holds the images."
    count = sum(len(split.images) for split in splits)
    names = ", ".join(split.images.file_names[0] for split in splits if len(split.images))
    there = names_in(folder)
    holds = f"it holds {counted(len(there), 'file')}, such as {there[0]}" if there else "it holds no files"
    return (
        f"{folder}: none of {counted(count, 'image')} was found here; {holds}. "
        f"The annotations name files such as {names}. Name the folder that holds these."
    )
