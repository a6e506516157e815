"""Which pixels does each class claim in an image?

The masks of a class's objects are laid together. Crowd regions are left out: they say
that a class is somewhere in there, not which pixels are its own. So are boxes without
a mask.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.dataset import Bools, Ints, Split
from cocomine.coco.masks import (
    Mask,
    Segmentation,
    has_mask,
    polygons_of,
    scaled_mask,
    shapes_of_image,
)
from cocomine.coco.size import Size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassMasks:
    """The classes that have a mask in one image.

    Attributes:
        category_index: which classes, each once, (c,).
        masks: which pixels each of them claims, (c, width, height), down the columns as pycocotools draws them.
    """

    category_index: Ints
    masks: NDArray[np.bool_]


def has_usable_mask(split: Split) -> Bools:
    """Return which annotations of a split claim pixels, (m,): those with a mask that are no crowd."""
    return has_mask(split.annotations) & ~split.annotations.is_crowd


def masks_by_class(
    split: Split, images: Sequence[int] | Ints, chosen: Bools, *, size_px: int | None
) -> Iterator[ClassMasks]:
    """Yield the masks of images, one by one.

    Args:
        split: where the images are.
        images: their positions.
        chosen: which annotations of the split are drawn, (m,).
        size_px: the longer side of the masks; smaller images keep their size, and None keeps that of all.
    """
    for image_index in np.asarray(images, dtype=np.int64).tolist():
        yield _class_masks(split, image_index, chosen, size_px)


def _class_masks(split: Split, image_index: int, chosen: Bools, size_px: int | None) -> ClassMasks:
    native = split.images.size_at(image_index)
    by_class = _segmentations(split, image_index, chosen) if native.is_drawable else {}
    size = native.reduced(size_px)
    masks = [_mask(segmentations, native, size) for segmentations in by_class.values()]
    return ClassMasks(
        category_index=np.fromiter(by_class, dtype=np.int64, count=len(by_class)),
        masks=np.stack([mask.T for mask in masks]) if masks else np.zeros((0, *size.xy), dtype=bool),
    )


def _segmentations(split: Split, image_index: int, chosen: Bools) -> dict[int, list[Segmentation]]:
    by_class: dict[int, list[Segmentation]] = {}
    places = split.annotations_of_image(image_index)
    if not chosen[places].any():
        return by_class
    classes = np.arange(split.annotations.category_index[places].max() + 1)  # ids are of no matter here
    shapes = shapes_of_image(split, image_index, category_ids=classes.tolist())
    for shape, is_chosen in zip(shapes, chosen[places].tolist(), strict=True):
        if is_chosen:
            by_class.setdefault(shape.category_index, []).append(shape.segmentation)
    return by_class


def _mask(segmentations: Sequence[Segmentation], native: Size, size: Size) -> Mask:
    """Return the union; all polygons are drawn at once, which takes half the time of one by one."""
    polygons = [polygon for each in segmentations for polygon in polygons_of(each)]
    union = scaled_mask(polygons, native=native, size=size)
    for each in segmentations:
        if isinstance(each, dict):
            union |= scaled_mask(each, native=native, size=size)
    return union
