"""Which results are worth keeping between reruns?

Everything here is keyed by the annotation files' names, sizes and times, so a
changed dataset is read anew and an unchanged one never twice. What depends on
the pictures is keyed by the times of their folders, or of the picture, as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from cocomine.coco.dataset import Bools, Dataset
from cocomine.coco.findings import Finding, by_weight
from cocomine.coco.image_folder_store import kept_folders
from cocomine.coco.image_folders import ImageFolders, image_folder_of, with_images, with_named_folders
from cocomine.coco.images_on_disk import ImageCount, image_count, picture_folders
from cocomine.coco.integrity.image_files import sampled_picture_report
from cocomine.coco.integrity.report import file_report, record_report
from cocomine.coco.reading.open_dataset import annotation_files, existing_path, open_dataset
from cocomine.colours import class_colour
from cocomine.drawing.images import drawn_shapes, picture_jpeg
from cocomine.errors import DatasetError, UnreadableImage
from cocomine.mining.interference.co_occurrence import PairTable, pair_table
from cocomine.mining.selection.selection import ImageKey, Selection, Subset, select
from cocomine.mining.statistics.appearance import Appearance, appearance
from cocomine.mining.statistics.categories import CategoryStatistics, category_statistics, checked, presence
from cocomine.mining.statistics.instances import Positions, instance_positions, instances_of
from cocomine.workspace import workspace_from_environment

Stamp = tuple[tuple[str, int, int], ...]
"""Name, size and time of every annotation file."""
FolderTimes = tuple[tuple[str, int], ...]
"""Every folder of pictures with the time it last changed, 0 where it is gone."""
NEW_FOLDER_S = 5.0
"""How often it is looked whether the image folder of a split without one has come."""
FILES_KEPT_S = 5.0
"""A new annotation file in an open folder is seen after this; listing a folder of pictures takes long."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """A dataset with the key under which results about it are kept."""

    dataset: Dataset
    stamp: Stamp


def _by_stamp(opened: Opened) -> Stamp:
    return opened.stamp


BY_STAMP: dict[str | type[Any], Callable[[Any], Any]] = {Opened: _by_stamp}
"""How Streamlit tells open datasets apart; for every cached function that takes one."""


def stamp_at(path: str) -> Stamp:
    """Return the stamp of the dataset at a path, without reading it.

    Raises:
        DatasetError: there is nothing, or the folder cannot be read.
    """
    names = _files_at(str(existing_path(Path(path))))
    try:
        found = [(name, Path(name).stat()) for name in names]
    except OSError as error:
        raise DatasetError(f"{error.filename}: the file is gone ({error.strerror}). Open the dataset again.") from error
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


@st.cache_data(max_entries=32, ttl=FILES_KEPT_S, show_spinner=False)
def _files_at(place: str) -> tuple[str, ...]:
    path = Path(place)
    return (place,) if path.is_file() else tuple(map(str, annotation_files(path)))


def opened_at(path: str, index: Path) -> Opened:
    """Return the dataset at a path, read at most once.

    Args:
        path: a folder or an annotation file.
        index: where what was read is kept.

    Raises:
        DatasetError: it cannot be opened.
    """
    opened = _opened(str(existing_path(Path(path))), stamp_at(path), str(index))
    kept = kept_folders(workspace_from_environment().image_folders, Path(path))
    named = tuple((split, str(folder), _time_of(folder)) for split, folder in kept.named.items())
    linked = tuple(map(str, kept.linked))
    found = () if all(split.image_folder for split in opened.dataset.splits) else _new_folders(opened)
    return _placed(opened, named, linked, found) if named or linked or found else opened


@st.cache_resource(max_entries=4, show_spinner="Reading the annotations …")
def _opened(path: str, stamp: Stamp, index: str) -> Opened:
    return Opened(dataset=open_dataset(Path(path), index=Path(index)), stamp=stamp)


def in_view(opened: Opened, splits: tuple[str, ...]) -> Opened:
    """Return the same dataset with only these splits in view; without a name, with all."""
    names = tuple(split.name for split in opened.dataset.splits if split.name in splits)
    if not names or len(names) == len(opened.dataset.splits):
        return opened
    return Opened(dataset=opened.dataset.with_splits(names), stamp=(*opened.stamp, (",".join(names), 0, 0)))


@st.cache_data(max_entries=16, ttl=NEW_FOLDER_S, hash_funcs=BY_STAMP, show_spinner=False)
def _new_folders(opened: Opened) -> tuple[tuple[str, str], ...]:
    """Return split and image folder where there was none when the dataset was read."""
    bare = [split for split in opened.dataset.splits if split.image_folder is None]
    found = [(split.name, image_folder_of(split.source.path, split.images.file_names)) for split in bare]
    return tuple((name, str(folder)) for name, folder in found if folder is not None)


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Looking for the images …")
def _placed(
    opened: Opened,
    named: tuple[tuple[str, str, int], ...],
    linked: tuple[str, ...],
    found: tuple[tuple[str, str], ...],
) -> Opened:
    """Return a dataset with the image folders that the person named, and those that have come since it was read.

    Args:
        opened: as it was read.
        named: split, or "" for all, with its folder and the time that changed.
        linked: where links among the images may lead.
        found: split and folder.
    """
    folders = ImageFolders(named={split: Path(folder) for split, folder, _ in named}, linked=tuple(map(Path, linked)))
    folder_of = {split: Path(folder) for split, folder in found}
    splits = [with_images(each, each.image_folder or folder_of.get(each.name)) for each in opened.dataset.splits]
    dataset = replace(opened.dataset, splits=with_named_folders(splits, folders))
    told = (*named, *((folder, "", 0) for folder in linked), *((*each, 0) for each in found))
    return Opened(dataset=dataset, stamp=opened.stamp + tuple((f"{one}={two}", 0, time) for one, two, time in told))


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Looking for the images …")
def _image_counts(opened: Opened, times: FolderTimes) -> list[ImageCount]:
    del times  # only a key
    return [image_count(split) for split in opened.dataset.splits]


def image_counts_of(opened: Opened) -> list[ImageCount]:
    """Return how many images of each split in view are on disk."""
    return _image_counts(opened, folder_times(opened))


def findings_of(opened: Opened) -> list[Finding]:
    """Return the integrity report; pictures that come and go are seen."""
    return by_weight([*_record_findings(opened), *_file_findings(opened, folder_times(opened))])


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Looking for what is odd …")
def _record_findings(opened: Opened) -> list[Finding]:
    return record_report(opened.dataset)


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Looking for the pictures …")
def _file_findings(opened: Opened, times: FolderTimes) -> list[Finding]:
    del times  # only a key
    return file_report(opened.dataset)


def sampled_findings_of(opened: Opened) -> list[Finding]:
    """Return what is odd about some image files, by their headers."""
    return _sampled_findings(opened, folder_times(opened))


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def _sampled_findings(opened: Opened, times: FolderTimes) -> list[Finding]:
    del times  # only a key
    return sampled_picture_report(opened.dataset)


def folder_times(opened: Opened) -> FolderTimes:
    """Return when the folders of the pictures last changed; a few calls of the system, no listing."""
    return tuple((str(folder), _time_of(folder)) for folder in _picture_folders(opened))


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def _picture_folders(opened: Opened) -> list[Path]:
    return [folder for split in opened.dataset.splits for folder in picture_folders(split)]


def _time_of(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def presence_of(opened: Opened) -> Bools:
    """Return which image has which category, (images, categories)."""
    return presence(opened.dataset)


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Counting …")
def statistics_of(opened: Opened) -> list[CategoryStatistics]:
    """Return the numbers of every category."""
    return category_statistics(opened.dataset)


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def _positions_of(opened: Opened) -> Positions:
    return instance_positions(opened.dataset)


@st.cache_resource(max_entries=256, hash_funcs=BY_STAMP, show_spinner=False)
def appearance_of(opened: Opened, name: str, input_size_px: int) -> Appearance:
    """Return how a class appears in its images, scaled to a square input of this side."""
    index = opened.dataset.category_index_of(name)
    return appearance(instances_of(opened.dataset, _positions_of(opened), index), input_size_px=input_size_px)


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Comparing every pair with chance …")
def pairs_of(opened: Opened) -> PairTable:
    """Return every pair of categories in numbers."""
    looked_for = checked(opened.dataset) if opened.dataset.is_federated else None
    return pair_table(presence_of(opened), opened.dataset.category_names, checked=looked_for)


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def subset_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> Subset:
    """Return what a selection gives."""
    return select(opened.dataset, selection, excluded)


def picture_of(opened: Opened, image: ImageKey, *, longest_px: int, classes: tuple[str, ...] | None) -> bytes | None:
    """Return an image with its masks as JPEG, or None where the picture is missing or unreadable.

    Args:
        opened: the dataset.
        image: split and image id.
        longest_px: longer side of the picture, at most.
        classes: names of the classes whose masks are drawn; None draws all, none of them gives the photo.
    """
    path = opened.dataset.image(image).path
    return None if path is None else _picture(opened, image, longest_px, classes, _time_of(path))


@st.cache_data(max_entries=2000, hash_funcs=BY_STAMP, show_spinner=False)
def _picture(
    opened: Opened, image: ImageKey, longest_px: int, classes: tuple[str, ...] | None, changed: int
) -> bytes | None:
    del changed  # only a key
    found = opened.dataset.image(image)
    shown = [drawn for drawn in drawn_shapes(opened.dataset, found) if classes is None or drawn.name in classes]
    try:
        return None if found.path is None else picture_jpeg(found.path, shown, longest_px=longest_px)
    except UnreadableImage:
        return None


def colours_of(dataset: Dataset) -> dict[str, str]:
    """Return "#rrggbb" by class name, the same on every page."""
    return {name: class_colour(index) for index, name in enumerate(dataset.category_names)}
