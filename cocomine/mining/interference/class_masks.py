"""Which pixels does each class claim in an image?

The masks of a class's objects are laid together. Crowd regions are left out: they say that a class is somewhere in
there, not which pixels are its own. So are boxes without a mask.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import DatasetImage, Split
from cocomine.coco.masks import Mask, Segmentation, polygons_of, scaled_mask
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
    return split.annotations.has_mask() & ~split.annotations.is_crowd


def masks_by_class(
    split: Split, images: Sequence[int] | Ints, chosen: Bools, *, size_px: int | None
) -> Iterator[ClassMasks]:
    """Yield the masks of images, one by one.

    Args:
        chosen: which annotations of the split are drawn, (m,).
        size_px: the longer side of the masks; smaller images keep their size, and None keeps that of all.
    """
    for image_index in np.asarray(images, dtype=np.int64).tolist():
        image = split.image_at(image_index)
        native, size = image.size, image.size.reduced(size_px)
        by_class = _segmentations(image, chosen) if native.is_drawable else {}
        masks = [_mask(segmentations, native, size) for segmentations in by_class.values()]
        yield ClassMasks(
            category_index=np.fromiter(by_class, dtype=np.int64, count=len(by_class)),
            masks=np.stack([mask.T for mask in masks]) if masks else np.zeros((0, *size.xy), dtype=bool),
        )


def _segmentations(image: DatasetImage, chosen: Bools) -> dict[int, list[Segmentation]]:
    by_class: dict[int, list[Segmentation]] = {}
    annotation_index = image.annotation_index
    for shape in image.split.shapes_at(annotation_index[chosen[annotation_index]]):
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
