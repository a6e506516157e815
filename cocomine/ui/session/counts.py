"""What selections give, counted once and kept between reruns."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from cocomine.coco.dataset import Ints
from cocomine.coco.images_on_disk import picture_bytes
from cocomine.mining.selection.counting import (
    CandidateImages,
    ClassIndex,
    SubsetCounts,
    class_index_of,
    image_counts_by_mode,
    images_removed_by_excluding,
    objects_per_class,
)
from cocomine.mining.selection.selection import ImageKey, Mode, Selection
from cocomine.ui.session.cached import BY_STAMP, FolderTimes, Opened, folder_times, presence_of
from cocomine.wording import size_words


def candidates_of(opened: Opened, excluded: frozenset[ImageKey]) -> CandidateImages:
    """Return the images that selections take from, those taken out by hand left out."""
    return CandidateImages(
        class_index=_class_index_of(opened, folder_times(opened)), dataset=opened.dataset, excluded=excluded
    )


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Counting …")
def _class_index_of(opened: Opened, times: FolderTimes) -> ClassIndex:
    return class_index_of(opened.dataset, presence_of(opened), _sizes(opened, times))


def sizes_of(opened: Opened) -> dict[str, Ints]:
    """Return by split the bytes of each image's file, 0 where it is missing, (n,)."""
    return _sizes_by_split(opened, folder_times(opened))


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Looking for the images …")
def _sizes_by_split(opened: Opened, times: FolderTimes) -> dict[str, Ints]:
    del times  # only a key
    return {split.name: picture_bytes(split) for split in opened.dataset.splits}


def _sizes(opened: Opened, times: FolderTimes) -> Ints | None:
    """Return the bytes of the image files of all splits, (n,); None where no split has an image folder."""
    if all(split.image_folder is None for split in opened.dataset.splits):
        return None
    return np.concatenate(list(_sizes_by_split(opened, times).values()))


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def counts_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> SubsetCounts:
    """Return what a selection gives, in numbers."""
    return candidates_of(opened, excluded).counts(selection)


def images_by_mode(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> Mapping[Mode, int]:
    """Return how many images each mode would take."""
    return image_counts_by_mode(candidates_of(opened, excluded), selection)


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def price_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> Mapping[str, int]:
    """Return how many images forbidding each class would cost; nobody may change it."""
    return images_removed_by_excluding(candidates_of(opened, excluded), selection)


def objects_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> dict[str, int]:
    """Return how many objects of each picked class a selection gives."""
    candidates = candidates_of(opened, excluded)
    return objects_per_class(candidates.class_index, selection.classes, candidates.images(selection))


def size_text(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> str:
    """Return what the pictures take on disk, those that are there, such as "3.9 MB"."""
    sizes = _sizes(opened, folder_times(opened))
    if sizes is None:
        return "no image files found"
    total = int(sizes[candidates_of(opened, excluded).images(selection)].sum())
    return size_words(total)
