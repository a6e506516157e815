"""Which images are an export's, where each one is named?

An experiment whose arms differ in their images alone says which ones they are, side by side. Nothing is drawn then: the
selection decides labels and annotations, and an image without a selected class is one as good as another. Each side is
of one split of the dataset, since images of two files may share an id.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset, ImageKey, Split
from cocomine.coco.split_role import SplitRole
from cocomine.errors import SelectionError
from cocomine.mining.selection.selection import Selection, Subset, SubsetSplit, kept_categories, part_of, seen_by

Listed = tuple[tuple[str, tuple[ImageKey, ...]], ...]
"""The images of each side, by the side's name: "train", "val" or "test"."""


def check_listed(listed: Listed) -> None:
    """Refuse lists from which no export can be made, whatever the dataset.

    Raises:
        SelectionError: a side has an odd name, no image, or those of two splits; or an image is listed twice.
    """
    sides = [side for side, _ in listed]
    if odd := [side for side in sides if side not in list(SplitRole)]:
        raise SelectionError(f"Images are listed for {odd[0]!r}. Choose from {', '.join(SplitRole)}.")
    if not listed or len(set(sides)) < len(sides):
        raise SelectionError(
            f"Images are listed for {', '.join(sides) or 'no side'}. Name each side once, one at least."
        )
    side_of: dict[ImageKey, str] = {}
    for side, images in listed:
        _check_side(side, images)
        for split, image_id in images:
            other = side_of.setdefault((split, image_id), side)
            if other != side:
                raise SelectionError(f"Image {image_id} of {split} is listed for {other} and for {side}. Choose one.")


def _check_side(side: str, images: Sequence[ImageKey]) -> None:
    splits = sorted({split for split, _ in images})
    if len(splits) != 1:
        raise SelectionError(
            f"The images listed for {side} are of {' and '.join(splits) or 'no split'}. Take those of one split."
        )
    if len(set(images)) < len(images):
        (twice, *_) = [image for image in images if images.count(image) > 1]
        raise SelectionError(f"Image {twice[1]} of {twice[0]} is listed twice for {side}. Name it once.")


def select_listed(dataset: Dataset, selection: Selection, listed: Listed) -> Subset:
    """Return exactly the listed images, with the annotations that they have under a selection.

    Raises:
        SelectionError: a split, an image or a class is not in the dataset.
    """
    dataset = seen_by(selection, dataset)
    for _, images in listed:
        dataset.split(images[0][0])  # or there is none of that name
    kept = kept_categories(dataset, selection)
    parts = []
    for split in dataset.splits:
        is_listed = np.zeros(len(split.images), dtype=bool)
        is_listed[_positions(split, [image for _, images in listed for image in images])] = True
        parts.append(part_of(split, is_listed, kept))
    return Subset(dataset=dataset, selection=selection, parts=tuple(parts))


def listed_parts(subset: Subset, listed: Listed) -> tuple[SubsetSplit, ...]:
    """Return the sides of a subset of listed images, in the order of the lists, each image in its file's order."""
    return tuple(_side(subset, side, images) for side, images in listed)


def _side(subset: Subset, side: str, images: Sequence[ImageKey]) -> SubsetSplit:
    (part,) = (part for part in subset.parts if part.split.name == images[0][0])
    is_listed = np.zeros(len(part.split.images), dtype=bool)
    is_listed[_positions(part.split, images)] = True
    return part_of(part.split.renamed(side), is_listed, kept_categories(subset.dataset, subset.selection))


def _positions(split: Split, images: Sequence[ImageKey]) -> Ints:
    """Return the positions in a split of those of some images that are its own, in their order."""
    return np.array([split.image(image_id).index for name, image_id in images if name == split.name], dtype=np.int64)


def listed_value(listed: Listed) -> list[dict[str, Any]]:
    """Return lists of images as what YAML can hold."""
    return [
        {"side": side, "split": images[0][0], "image_ids": [image_id for _, image_id in images]}
        for side, images in listed
    ]


def listed_of(value: Sequence[Mapping[str, Any]]) -> Listed:
    """Return the lists that `listed_value` gave.

    Raises:
        KeyError: a field is missing.
        TypeError: a field is of another kind.
        ValueError: an id is no number.
    """
    return tuple(
        (str(each["side"]), tuple((str(each["split"]), int(image_id)) for image_id in each["image_ids"]))
        for each in value
    )
