"""How much of each category is there?

Images count with crowd regions included, instances without them; crowd regions
are counted apart. Everything follows from the columns, nothing is decoded.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.dataset import Bools, Dataset, Ints, Split

SMALL_AREA_PX = 32**2
"""COCO's bound between small and medium objects (https://cocodataset.org/#detection-eval)."""
MEDIUM_AREA_PX = 96**2
"""COCO's bound between medium and large objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryStatistics:
    """One category in numbers.

    Attributes:
        id: COCO's category id.
        image_count: images with at least one annotation of it, crowd included.
        instance_count: annotations without crowd.
        crowd_count: crowd regions.
        small_share: share of instances with a known area below 32² px, in [0, 1].
        medium_share: share of instances from 32² to below 96² px.
        large_share: share of instances of 96² px and more.
        instances_per_image: instances divided by images with the category.
        median_area_share: median share of the image that one instance covers, in [0, 1]; 0 without instances.
    """

    id: int
    name: str
    supercategory: str
    image_count: int
    instance_count: int
    crowd_count: int
    small_share: float
    medium_share: float
    large_share: float
    instances_per_image: float
    median_area_share: float


def presence(dataset: Dataset) -> Bools:
    """Return which image has which category, crowd included, shape (images of all splits, categories)."""
    size = len(dataset.categories)
    return np.concatenate([np.zeros((0, size), dtype=bool), *(split_presence(split, size) for split in dataset.splits)])


def split_presence(split: Split, category_count: int) -> Bools:
    """Return which image of one split has which category, shape (images, categories)."""
    matrix = np.zeros((len(split.images), category_count), dtype=bool)
    matrix[split.annotations.image_index, split.annotations.category_index] = True
    return matrix


def category_statistics(dataset: Dataset) -> list[CategoryStatistics]:
    """Return the numbers of every category over all splits, in the dataset's order."""
    size = len(dataset.categories)
    images = presence(dataset).sum(axis=0)
    instances, crowds = instance_counts(dataset), _counts(dataset, crowd=True)
    shares = _size_shares(dataset)
    medians = _median_area_shares(dataset)
    return [
        CategoryStatistics(
            id=category.category_id,
            name=category.name,
            supercategory=category.supercategory,
            image_count=int(images[index]),
            instance_count=int(instances[index]),
            crowd_count=int(crowds[index]),
            small_share=float(shares[0, index]),
            medium_share=float(shares[1, index]),
            large_share=float(shares[2, index]),
            instances_per_image=float(instances[index] / images[index]) if images[index] else 0.0,
            median_area_share=float(medians[index]),
        )
        for index, category in zip(range(size), dataset.categories, strict=True)
    ]


def instance_counts(dataset: Dataset) -> Ints:
    """Return the number of annotations without crowd of each category, shape (categories,)."""
    return _counts(dataset, crowd=False)


def _counts(dataset: Dataset, *, crowd: bool) -> Ints:
    counts = np.zeros(len(dataset.categories), dtype=np.int64)
    for split in dataset.splits:
        columns = split.annotations
        counts += np.bincount(columns.category_index[columns.is_crowd == crowd], minlength=len(counts))
    return counts


def _size_shares(dataset: Dataset) -> NDArray[np.float64]:
    """Return the shares of small, medium and large instances, shape (3, categories)."""
    counts = np.zeros((3, len(dataset.categories)))
    for split in dataset.splits:
        columns = split.annotations
        single = ~columns.is_crowd & ~np.isnan(columns.areas_px)
        size_class = np.digitize(columns.areas_px[single], [SMALL_AREA_PX, MEDIUM_AREA_PX])
        np.add.at(counts, (size_class, columns.category_index[single]), 1)
    total = counts.sum(axis=0)
    return np.asarray(np.divide(counts, total, out=np.zeros_like(counts), where=total > 0))


def _median_area_shares(dataset: Dataset) -> NDArray[np.float64]:
    """Return the median share of the image one instance covers, shape (categories,)."""
    categories, shares = [], []
    for split in dataset.splits:
        columns, images = split.annotations, split.images
        single = ~columns.is_crowd & ~np.isnan(columns.areas_px)
        image_areas = (images.widths * images.heights)[columns.image_index[single]]
        categories.append(columns.category_index[single])
        shares.append(columns.areas_px[single] / np.maximum(image_areas, 1))
    category, share = np.concatenate([np.zeros(0, dtype=np.int64), *categories]), np.concatenate([np.zeros(0), *shares])
    order = np.lexsort((share, category))
    bounds = np.searchsorted(category[order], np.arange(len(dataset.categories) + 1))
    groups = [share[order[start:stop]] for start, stop in pairwise(bounds)]
    return np.array([np.median(group) if len(group) else 0.0 for group in groups])
