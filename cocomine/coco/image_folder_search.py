"""Where are the images of an annotation file?

Annotation files say names, not folders, and every tool has its own layout. Folders are tried in the order of how much
their names say: the split's own name and the words for its role, then the usual words for images, then all others
beside the file and beside `annotations`. How many names are there decides; a folder for another role never counts.
A sample of names spread over the file is asked for; only where none is found, folders are listed.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from cocomine.coco.below_folder import file_in
from cocomine.coco.dataset import Split
from cocomine.coco.split_role import SplitRole, role_of_name
from cocomine.coco.string_column import StringColumn
from cocomine.coco.table_folder import PARTITION, split_of_partition
from cocomine.system.file_spelling import spellings
from cocomine.system.folders import folder_names, names_in
from cocomine.wording import printable

PROBED_NAMES, RESPELLED_NAMES = 64, 16
"""Names that are asked for as they are written, and that are tried in other spellings."""
COMPARED_NAMES = 3
"""Names that another folder must have to be as good."""
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
    sample = spread_names(split.images.file_names, COMPARED_NAMES)
    have_all = [each for each in _existing(_other_folders(file, name)) if all(file_in(each, one) for one in sample)]
    return have_all[1:] if have_all[:1] == [folder] else []


def image_folder_below(folder: Path, split: str, names: Sequence[str]) -> Path | None:
    """Return the folder where most names are found: one that the person named, or one in it."""
    inside = [folder / word for word in _split_words(split)]
    return _best_folder(chain([folder], inside, _listed(folder, role_of_name(split))), names)


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


def _best_folder(folders: Iterable[Path], names: Sequence[str]) -> Path | None:
    sample, best, most = spread_names(names), None, (0, 0)
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


def spread_names(names: Sequence[str], most: int = PROBED_NAMES) -> list[str]:
    """Return names spread evenly over a file, the first and the last among them."""
    count = min(most, len(names))
    indices = [round(each * (len(names) - 1) / max(1, count - 1)) for each in range(count)]
    return [names[index] for index in indices if names[index]]
