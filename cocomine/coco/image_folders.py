"""Where are the images of an annotation file?

Annotation files say names, not folders, and every tool has its own layout. Folders are tried in the order of how much
their names say: the split's own name and the words for its role, then the usual words for images, then all others
beside the file and beside `annotations`. How many names are there decides; a folder for another role never counts.
A sample of names spread over the file is asked for; only where none is found, folders are listed.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from urllib.parse import unquote

from cocomine.coco.below_folder import file_in
from cocomine.coco.dataset import Split, unknown_name_message
from cocomine.coco.image_address import ImageAddress, parts_of
from cocomine.coco.split_role import SplitRole, role_of_name
from cocomine.coco.string_column import StringColumn
from cocomine.coco.table_folder import PARTITION, split_of_partition
from cocomine.errors import DatasetError, SelectionError
from cocomine.system.file_names import is_address
from cocomine.system.file_spelling import spellings
from cocomine.system.folders import folder_names, is_folder, names_in
from cocomine.wording import counted, printable

Place = Path | ImageAddress
OF_THIS_COMPUTER = frozenset({"file", "local"})
"""Kinds of addresses that are paths."""
PROBED_NAMES, RESPELLED_NAMES = 64, 16
"""Names that are asked for as they are written, and that are tried in other spellings."""
FETCHED_NAMES = 3
"""Names that are asked for at an address."""
MOST_FOLDERS = 200
"""Subfolders of one folder that are looked into."""
IMAGE_WORDS = ("images", "data", "JPEGImages", "imgs", "img", "image", "pictures", "photos", "frames")
ROLE_WORDS = {
    SplitRole.TRAIN: ("train", "training", "trainset"),
    SplitRole.VAL: ("val", "valid", "validation", "dev"),
    SplitRole.TEST: ("test", "testing", "testset"),
}
ANNOTATION_WORDS = {"annotations", "annotation", "annots", "anno", "ann", "labels", "label", "json", "jsons", "coco"}
"""Names of folders beside which the images are."""
GENERAL_STEMS = {"labels", "annotations", "_annotations", "coco", "instances", "result", "data", "dataset"}
"""Of files that are named for their split only by their folder, as `train/labels.json`."""


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


def image_folder_of(file: Path, names: Sequence[str]) -> Path | None:
    """Return the folder where most of the names of an annotation file are found, None if none is.

    One that is named for the split comes before all others: the folder of another split may have every name, where a
    file is missing in the split's own.
    """
    split = split_name(file)
    others = chain(_usual_folders(file), _other_folders(file, split))
    return _best_folder(_own_folders(file, split), names) or _best_folder(others, names)


def searched_folders(file: Path) -> list[Path]:
    """Return the folders that are looked into for the images of an annotation file."""
    split = split_name(file)
    return list(_existing(chain(_own_folders(file, split), _usual_folders(file), _other_folders(file, split))))


def folders_as_good(split: Split) -> list[Path]:
    """Return in which other folders the images' names are as well, where the first by name became the split's own.

    The first, the middle and the last image are asked for.
    """
    file, folder, name = split.source.path, split.image_folder, split_name(split.source.path)
    if folder is None or split.address is not None:
        return []
    if folder in _existing(chain(_own_folders(file, name), _usual_folders(file))):
        return []
    sample = _sample(split.images.file_names, FETCHED_NAMES)
    have_all = [each for each in _existing(_other_folders(file, name)) if all(file_in(each, one) for one in sample)]
    return have_all[1:] if have_all[:1] == [folder] else []


def image_folder_below(folder: Path, split: str, names: Sequence[str]) -> Path | None:
    """Return the folder where most names are found: one that the person named, or one in it."""
    inside = [folder / word for word in _split_words(split)]
    return _best_folder(chain([folder], inside, _listed(folder, role_of_name(split))), names)


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
    names = [name for split in splits for name in _sample(split.images.file_names, FETCHED_NAMES)]
    if names and not any(address.file(name) for name in names):
        raise DatasetError(
            f"{address.address}: none of {', '.join(names)} is here. Name the address of the folder that holds the "
            "images, one for each split (SPLIT=ADDRESS)."
        )


def split_name(file: Path) -> str:
    """Return the split's name: `train2017` for `instances_train2017.json`, the folder's where the file says nothing.

    Folders are named for it, so it is never empty, `.` or `..`.
    """
    if file.name.startswith(PARTITION) and file.name != PARTITION:
        return printable(split_of_partition(file.name))
    says_nothing = file.stem in GENERAL_STEMS and _is_role(file.parent.name)
    if says_nothing or file.name == "_annotations.coco.json":
        name = file.parent.name
    else:
        name = file.stem.removeprefix("instances_").removesuffix(".coco") or file.stem
    return printable(name if name.strip(".") else file.name)


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


def _best_folder(folders: Iterable[Path], names: Sequence[str]) -> Path | None:
    sample, best, most = _sample(names), None, (0, 0)
    tried = []
    for folder in _existing(folders):
        tried.append(folder)
        score = _score(folder, sample)
        if score[0] == len(sample) > 0:
            return folder
        if score > most:
            best, most = folder, score
    return best or _best_by_listing(tried, names)


def _score(folder: Path, sample: Sequence[str]) -> tuple[int, int]:
    """Return how many names are found, under any spelling and as written."""
    missing = [name for name in sample if file_in(folder, name) is None]
    respelled = [name for name in missing[:RESPELLED_NAMES] if any(file_in(folder, each) for each in spellings(name))]
    as_written = len(sample) - len(missing)
    return as_written + len(respelled), as_written


def _best_by_listing(folders: Sequence[Path], names: Sequence[str]) -> Path | None:
    """Return the folder with most of the names, where too few images are on disk for a sample to hit one."""
    if len(names) <= PROBED_NAMES:
        return None
    listed = {folder: _files_in(folder) for folder in folders}
    files = set(chain.from_iterable(listed.values()))
    likely = names.paths_to(files) if isinstance(names, StringColumn) else names
    bare_names = {name.replace("\\", "/").rpartition("/")[2] for name in likely}
    hits = {folder: len(bare_names.intersection(there)) for folder, there in listed.items()}
    best = max(hits, key=lambda folder: hits[folder], default=None)
    return best if best is not None and hits[best] else None


def _files_in(folder: Path) -> list[str]:
    """Return the names of the files in a folder that may be images; beside an annotation file is often none."""
    return [name for name in names_in(folder) if not name.endswith(".json")]


def _own_folders(file: Path, split: str) -> Iterator[Path]:
    for base in (file.parent.parent, file.parent):
        for word in _split_words(split):
            yield from (base / word, base / "images" / word)
            yield from (base / word / inside for inside in IMAGE_WORDS)
            yield from (base / outside / word for outside in IMAGE_WORDS)


def _usual_folders(file: Path) -> Iterator[Path]:
    for base in (file.parent.parent, file.parent):
        yield from (base / word for word in IMAGE_WORDS)
    yield from (file.parent, file.parent.parent)


def _other_folders(file: Path, split: str) -> Iterator[Path]:
    role = role_of_name(split)
    yield from _listed(file.parent, role)
    if file.parent.name.lower() in ANNOTATION_WORDS or _is_role(file.parent.name):
        yield from _listed(file.parent.parent, role)


def _listed(base: Path, role: SplitRole | None) -> Iterator[Path]:
    """Return the folders in a folder, those for the same role first, and in each those that its name leads to."""
    for folder in _fit(base, role):
        yield folder
        if folder.name.lower() in {word.lower() for word in IMAGE_WORDS} or role_of_name(folder.name) is not None:
            yield from _fit(folder, role)


def _fit(base: Path, role: SplitRole | None) -> list[Path]:
    """Return the folders in a folder but those for another role, those for the same first."""
    try:
        names = folder_names(base)[:MOST_FOLDERS]
    except OSError:  # not there, or not ours to read
        return []
    roles = {name: role_of_name(name) for name in names}
    return [base / name for each in dict.fromkeys((role, None)) for name in names if roles[name] == each]


def _split_words(split: str) -> Sequence[str]:
    role = role_of_name(split)
    return tuple(dict.fromkeys((split, *(ROLE_WORDS[role] if role else ()))))


def _is_role(name: str) -> bool:
    """Return whether a folder is named for a role and for nothing else, `train2017` as well as `Val`."""
    return re.sub(r"[\d\W_]", "", name).lower() in chain.from_iterable(ROLE_WORDS.values())


def _existing(folders: Iterable[Path]) -> Iterator[Path]:
    seen: set[str] = set()
    for folder in folders:
        normal = os.path.normpath(folder)
        if normal not in seen:
            seen.add(normal)
            if os.path.isdir(normal):  # noqa: PTH112 - as text, hundreds are asked for and few are there
                yield Path(normal)


def _sample(names: Sequence[str], most: int = PROBED_NAMES) -> list[str]:
    """Return names spread evenly over a file, the first and the last among them."""
    count = min(most, len(names))
    indices = [round(each * (len(names) - 1) / max(1, count - 1)) for each in range(count)]
    return [names[index] for index in indices if names[index]]
