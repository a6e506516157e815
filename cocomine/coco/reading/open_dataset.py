"""Which files belong to the dataset that a person points at?

A file is one split. A folder is searched where datasets keep annotations: COCO's
`annotations/`, Parquet tables, the folder itself, and one level below (Roboflow's
`train/_annotations.coco.json`). Where the images are is found out by
`image_folders`, or said by the person.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.columns import Category
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.findings import Finding
from cocomine.coco.image_folder_search import image_folder_of, split_name
from cocomine.coco.image_folders import EVERYWHERE, ImageFolders, require_named_folders, with_images, with_named_folders
from cocomine.coco.reading.column_cache import indexed_split
from cocomine.coco.reading.columns import SplitWithCategories
from cocomine.coco.table_folder import has_tables, lacking_table, source_stamp, table_splits
from cocomine.errors import DatasetError, NotInstancesError
from cocomine.system.folders import file_names, folder_names, names_in
from cocomine.system.jobs import Progress

OUR_FILES = {"labels.json", "manifest.json", "mined.json", "demo.json"}
"""Files of our own that lie where annotations may; others use these names too, and are told by how they begin."""
COCO_BEGINS = re.compile(rb'\s*\{\s*"(info|licenses|images|annotations|categories|type|videos)"\s*:')
HEAD_BYTES = 4096
PACKED = (".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".7z", ".rar")
"""Endings of archives."""
Refusal = tuple[Path, NotInstancesError]


def open_dataset(
    path: Path,
    *,
    splits: Sequence[str] | None = None,
    index: Path | None = None,
    progress: Progress | None = None,
    image_folders: ImageFolders = EVERYWHERE,
) -> Dataset:
    """Open an annotation file, a folder with one or more of them, or a folder with Parquet tables.

    Args:
        path: a JSON file or a folder.
        splits: names of the splits to take; None takes all.
        index: the folder where what was read is kept for the next time; None keeps nothing.
        progress: gets how far the reading is, in bytes of all files.
        image_folders: where the images are, as far as the person says; the rest is found out.

    Raises:
        DatasetError: nothing there can be opened, or a named folder holds no image; the message says what to do.
        SelectionError: a split name is unknown.
    """
    path = existing_path(path)
    files = [path] if path.is_file() else annotation_files(path)
    if not files:
        raise DatasetError(
            f"{path}: no annotation file (*.json) was found here, in 'annotations' or one level below. "
            f"{_way_to_a_file(path)}"
        )
    if splits is not None and len(files) > 1:
        files = [file for file in files if split_name(file) in splits] or files
    reading = _Reading(files=files, root=path if path.is_dir() else path.parent, index=index, progress=progress)
    opened, refused = reading.parts()
    if not opened:
        raise refused[0][1]
    dataset = _joined(path, opened, skipped=refused)
    if image_folders != EVERYWHERE:
        require_named_folders(dataset.splits, image_folders)
        dataset = replace(dataset, splits=with_named_folders(dataset.splits, image_folders))
    return dataset if splits is None else dataset.with_splits(splits)


def annotation_files(folder: Path) -> list[Path]:
    """Return the annotation files of a folder, sorted; COCO's `instances_*` alone where there are any.

    Of a folder with Parquet tables, what stands for its splits, see `table_folder`.

    Raises:
        DatasetError: the folder cannot be read.
    """
    official = [file for file in _json_files(folder / "annotations") if _is_instances(file)]
    if official:
        return official  # COCO's own layout; the folders beside it hold a hundred thousand images each
    if has_tables(folder):
        return table_splits(folder)
    files = _json_files(folder / "annotations") + _json_files(folder, must_exist=True)
    files += [file for name in folder_names(folder) for file in _json_files(folder / name)]
    files = list(dict.fromkeys(files))
    return [file for file in files if _is_instances(file)] or files


def _way_to_a_file(folder: Path) -> str:
    """Return what to do where a folder has no annotation file."""
    places = (folder, folder / "annotations")
    packed = [name for place in places for name in names_in(place) if name.lower().endswith(PACKED)]
    if table := lacking_table(folder):
        return f"There are Parquet tables, but no table '{table}': write that as well, as docs/parquet.md says."
    if packed:
        return f"Unpack {packed[0]}, if the annotations are in it."
    return "Choose the folder that holds 'annotations' and the images, or the JSON file itself."


def existing_path(path: Path) -> Path:
    """Return the path without `~` and `..`: both the folder's name and the file's become names of splits.

    Raises:
        DatasetError: there is nothing.
    """
    try:
        path = Path(os.path.normpath(path.expanduser().absolute()))
        found = path.exists()
    except (OSError, RuntimeError):  # too long a name; the home of an unknown person
        found = False
    if not found:
        raise DatasetError(f"{path}: there is no such file or folder. Check the spelling, or browse to it.")
    return path


def _json_files(folder: Path, *, must_exist: bool = False) -> list[Path]:
    try:
        names = file_names(folder, ending=".json")
    except OSError as error:
        if must_exist:
            raise DatasetError(
                f"{folder}: the folder cannot be read ({error.strerror}). Check its permissions."
            ) from error
        return []
    return [folder / name for name in names if name not in OUR_FILES or _says_coco(folder / name)]


def _says_coco(file: Path) -> bool:
    """Return whether a file that is named as one of ours begins as an annotation file; FiftyOne's is `labels.json`."""
    try:
        with file.open("rb") as opened:
            return COCO_BEGINS.match(opened.read(HEAD_BYTES)) is not None
    except OSError:
        return True  # reading it says what is wrong


def _is_instances(file: Path) -> bool:
    return file.name.startswith("instances")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Which files are read, and how."""

    files: Sequence[Path]
    root: Path
    index: Path | None
    progress: Progress | None

    def parts(self) -> tuple[list[SplitWithCategories], list[Refusal]]:
        opened: list[SplitWithCategories] = []
        refused: list[Refusal] = []
        for number, file in enumerate(self.files):
            try:
                split, categories = indexed_split(file, self.index, self._report_of(number))
            except NotInstancesError as error:
                refused.append((file, error))
            else:
                folder = image_folder_of(file, split.images.file_names)
                opened.append((with_images(split.renamed(self._name(file)), folder), categories))
        return opened, refused

    def _report_of(self, number: int) -> Progress | None:
        progress = self.progress
        if progress is None:
            return None
        sizes = [source_stamp(file).size for file in self.files]
        before, total = sum(sizes[:number]), sum(sizes)
        return lambda done, _: progress(before + done, total)

    def _name(self, file: Path) -> str:
        name = split_name(file)
        same = [other for other in self.files if split_name(other) == name]
        return name if len(same) == 1 else file.relative_to(self.root).with_suffix("").as_posix().replace("/", "-")


def _joined(path: Path, parts: Sequence[SplitWithCategories], *, skipped: Sequence[Refusal]) -> Dataset:
    """Bring all splits to one list of categories: the first file's, then what others add."""
    joined: dict[int, Category] = {}
    by_name: dict[str, Category] = {}
    for split, categories in parts:
        for category in categories:
            earlier = joined.setdefault(category.category_id, category)
            namesake = by_name.setdefault(category.name, category)
            if earlier.name != category.name or namesake.category_id != category.category_id:
                other = earlier if earlier.name != category.name else namesake
                raise DatasetError(
                    f"{split.source.path}: category {category.category_id} is {category.name!r} here, and in another "
                    f"split {other.category_id} is {other.name!r}. "
                    "Open the files one by one, or make the categories agree."
                )
    position = {category_id: index for index, category_id in enumerate(joined)}
    splits = tuple(_reindexed(split, position) for split, _ in parts)
    findings = tuple(
        Finding(code="file_skipped", split=file.name, count=1, message=str(error), examples=(file.name,))
        for file, error in skipped
    )
    first = replace(splits[0], findings=splits[0].findings + findings)
    return Dataset(path=path, categories=tuple(joined.values()), splits=(first, *splits[1:]))


def _reindexed(split: Split, position: Mapping[int, int]) -> Split:
    """Return a split whose `category_index` counts in the dataset's categories, of which the positions are given."""
    if split.category_ids == tuple(position)[: len(split.category_ids)]:
        return replace(split, category_ids=tuple(position))  # as nearly always; its columns stay mapped
    table = np.array([position[category_id] for category_id in split.category_ids], dtype=np.int64)
    images, annotations = split.images, split.annotations
    return replace(
        split,
        category_ids=tuple(position),
        images=replace(
            images,
            checked_absent=_renumbered(images.checked_absent, table),
            not_exhaustive=_renumbered(images.not_exhaustive, table),
        ),
        annotations=replace(annotations, category_index=table[annotations.category_index]),
    )


def _renumbered(pairs: Ints, table: Ints) -> Ints:
    return np.stack([pairs[:, 0], table[pairs[:, 1]]], axis=1)
