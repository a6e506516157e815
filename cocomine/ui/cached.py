"""Which results are worth keeping between reruns?

Everything here is keyed by the files' names, sizes and times, so a changed
dataset is read anew and an unchanged one never twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from cocomine.coco.dataset import Bools, Dataset, Ints
from cocomine.coco.findings import Finding
from cocomine.coco.integrity import integrity_report
from cocomine.coco.opening import annotation_files, existing_path, open_dataset
from cocomine.coco.pictures import picture_bytes
from cocomine.coco.segmentation import shapes_of_image
from cocomine.colours import class_colour
from cocomine.errors import DatasetError
from cocomine.mining.appearance import Appearance, appearance
from cocomine.mining.instances import Positions, instance_positions, instances_of
from cocomine.mining.interference import PairTable, pair_table
from cocomine.mining.selection import ImageKey, Selection, Subset, select
from cocomine.mining.statistics import CategoryStatistics, category_statistics, presence
from cocomine.preview.drawing import DrawnShape, Style, picture_jpeg

Stamp = tuple[tuple[str, int, int], ...]
"""Name, size and time of every annotation file."""
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
    return _opened(str(existing_path(Path(path))), stamp_at(path), str(index))


@st.cache_resource(max_entries=4, show_spinner="Reading the annotations …")
def _opened(path: str, stamp: Stamp, index: str) -> Opened:
    return Opened(dataset=open_dataset(Path(path), index=Path(index)), stamp=stamp)


def in_view(opened: Opened, splits: tuple[str, ...]) -> Opened:
    """Return the same dataset with only these splits in view; without a name, with all."""
    names = tuple(split.name for split in opened.dataset.splits if split.name in splits)
    if not names or len(names) == len(opened.dataset.splits):
        return opened
    return Opened(dataset=opened.dataset.with_splits(names), stamp=(*opened.stamp, (",".join(names), 0, 0)))


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Looking for what is odd …")
def findings_of(opened: Opened) -> list[Finding]:
    """Return the integrity report."""
    return integrity_report(opened.dataset)


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
    return pair_table(presence_of(opened), opened.dataset.category_names)


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def subset_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> Subset:
    """Return what a selection gives."""
    return select(opened.dataset, selection, excluded)


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner=False)
def _picture_bytes(opened: Opened) -> dict[str, Ints]:
    return {split.name: picture_bytes(split) for split in opened.dataset.splits}


def size_of(opened: Opened, subset: Subset) -> str:
    """Return what the pictures of a subset take on disk, in words, such as "3.9 MB"."""
    sizes = _picture_bytes(opened)
    total = sum(int(sizes[part.split.name][part.image_index].sum()) for part in subset.parts)
    return f"{total / 1e9:,.1f} GB" if total >= 1e9 else f"{total / 1e6:,.1f} MB"


@st.cache_data(max_entries=2000, hash_funcs=BY_STAMP, show_spinner=False)
def picture_of(
    opened: Opened, split_name: str, image_id: int, style: Style, classes: tuple[str, ...] | None
) -> bytes | None:
    """Return an image with its shapes as JPEG, or None where the picture is missing or unreadable.

    Args:
        opened: the dataset.
        split_name: the image's split.
        image_id: the image.
        style: what is drawn.
        classes: names of the classes whose shapes are drawn; None draws all.
    """
    dataset = opened.dataset
    split = dataset.split(split_name)
    index = split.image_index_of(image_id)
    path = split.image_path(index)
    if path is None:
        return None
    category_ids = [category.category_id for category in dataset.categories]
    shapes = [
        DrawnShape(
            shape=shape,
            name=dataset.categories[shape.category_index].name,
            colour=class_colour(shape.category_index),
        )
        for shape in shapes_of_image(split, index, category_ids=category_ids)
    ]
    shown = [drawn for drawn in shapes if classes is None or drawn.name in classes]
    try:
        return picture_jpeg(path, shown, style)
    except OSError:
        return None


def colours_of(dataset: Dataset) -> dict[str, str]:
    """Return "#rrggbb" by class name, the same on every page."""
    return {name: class_colour(index) for index, name in enumerate(dataset.category_names)}
