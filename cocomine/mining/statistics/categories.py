"""How much of each category is there?

Images count with crowd regions included, instances without them; crowd regions
are counted apart. Everything follows from the columns, nothing is decoded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.columns import Category
from cocomine.coco.dataset import Dataset, Split
from cocomine.mining.statistics.instances import Instances, instance_positions, instances_of, median, size_counts

USUAL_INPUT_PX = 128
"""Side of the paper's input images, for what becomes of small objects in training."""
MOST_LOG2 = 1023
"""2 to this power is still a float, and to its negative not zero."""


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
        vanishing_share_at_128: share of instances that are smaller than one pixel in an input of 128 × 128 px.
        instances_per_image: instances divided by images with the category.
        median_per_image: median count over the images with at least one instance; 0 without instances.
        most_per_image: the largest count in one image.
        median_area_share: median share of the image that one instance covers, in [0, 1]; 0 without instances.
        median_aspect: median width / height of the boxes, on the log scale, where twice as wide and twice as high
            are equally far from square; 0 without a box.
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
    vanishing_share_at_128: float
    instances_per_image: float
    median_per_image: float
    most_per_image: int
    median_area_share: float
    median_aspect: float


def presence(dataset: Dataset) -> Bools:
    """Return which image has which category, crowd included, shape (images of all splits, categories).

    It lies category by category in memory, since what follows looks at few of them, and it is not copied for that: of
    two million images and 365 categories it takes 0.7 GB.
    """
    matrix = np.zeros((dataset.image_count, len(dataset.categories)), dtype=bool, order="F")
    first = 0
    for split in dataset.splits:
        of_split = matrix[first : first + len(split.images)]
        of_split[split.annotations.image_index, split.annotations.category_index] = True
        first += len(split.images)
    return matrix


def images_by_category(presence: Bools, kind: type[np.int32 | np.float64]) -> "sparse.csr_array":
    """Return the images that have each category as a sparse matrix of ones, (k, n).

    Args:
        presence: which image has which category, (n, k); quick where it lies category by category.
        kind: of the ones.
    """
    image_count, category_count = presence.shape
    marks = np.flatnonzero(presence.T)  # ten times as fast as np.nonzero
    ends = np.searchsorted(marks, np.arange(category_count + 1) * image_count)
    marks %= max(image_count, 1)
    return sparse.csr_array((np.ones(len(marks), dtype=kind), marks, ends), shape=(category_count, image_count))


def split_presence(split: Split, category_count: int) -> Bools:
    """Return which image of one split has which category, shape (images, categories)."""
    matrix = np.zeros((len(split.images), category_count), dtype=bool)
    matrix[split.annotations.image_index, split.annotations.category_index] = True
    return matrix


def examined(dataset: Dataset) -> Bools:
    """Return in which image each category was looked for, be it there or not, shape (images of all splits, categories).

    Everything was, except in federated splits. There a category that is not marked may be there all the same,
    unless the file says that somebody looked and found none.

    Source: A. Gupta, P. Dollár, R. Girshick, LVIS (a federated dataset), https://arxiv.org/abs/1908.03195
    """
    size = len(dataset.categories)
    return np.concatenate([np.zeros((0, size), dtype=bool), *(split_examined(split, size) for split in dataset.splits)])


def split_examined(split: Split, category_count: int) -> Bools:
    """Return in which image of one split each category was looked for, shape (images, categories)."""
    if not split.images.is_federated:
        return np.ones((len(split.images), category_count), dtype=bool)
    matrix = split_presence(split, category_count)
    image_index, category_index = split.images.checked_absent.T
    matrix[image_index, category_index] = True
    return matrix


def category_statistics(dataset: Dataset) -> list[CategoryStatistics]:
    """Return the numbers of every category over all splits, in the dataset's order."""
    images = [np.count_nonzero(has) for has in presence(dataset).T]  # quicker than a sum
    crowds = crowd_counts(dataset)
    positions = instance_positions(dataset)
    return [
        _statistics(category, instances_of(dataset, positions, index), int(images[index]), int(crowds[index]))
        for index, category in enumerate(dataset.categories)
    ]


def crowd_counts(dataset: Dataset) -> Ints:
    """Return the number of crowd regions of each category, shape (categories,)."""
    counts = np.zeros(len(dataset.categories), dtype=np.int64)
    for split in dataset.splits:
        columns = split.annotations
        counts += np.bincount(columns.category_index[columns.is_crowd], minlength=len(counts))
    return counts


def _statistics(category: Category, instances: Instances, image_count: int, crowd_count: int) -> CategoryStatistics:
    vanishing, small, medium, large = size_counts(instances.areas_px).tolist()
    vanishing_at_128, *others_at_128 = size_counts(instances.input_areas_px(USUAL_INPUT_PX)).tolist()
    sized_count = max(vanishing + small + medium + large, 1)
    counts, aspects = instances.counts_per_image, instances.log2_aspects
    return CategoryStatistics(
        id=category.category_id,
        name=category.name,
        supercategory=category.supercategory,
        image_count=image_count,
        instance_count=len(instances),
        crowd_count=crowd_count,
        small_share=(vanishing + small) / sized_count,
        medium_share=medium / sized_count,
        large_share=large / sized_count,
        vanishing_share_at_128=vanishing_at_128 / max(vanishing_at_128 + sum(others_at_128), 1),
        instances_per_image=len(instances) / max(image_count, 1),
        median_per_image=median(counts),
        most_per_image=int(counts.max(initial=0)),
        median_area_share=median(instances.area_shares),
        median_aspect=2.0 ** np.clip(median(aspects), -MOST_LOG2, MOST_LOG2).item() if len(aspects) else 0.0,
    )


def statistics_rows(statistics: Sequence[CategoryStatistics]) -> list[dict[str, Any]]:
    """Return the category statistics with the words of the page."""
    return [
        {
            "category": category.name,
            "supercategory": category.supercategory,
            "id": category.id,
            "images": category.image_count,
            "objects": category.instance_count,
            "crowd regions": category.crowd_count,
            "objects per image": round(category.instances_per_image, 2),
            "median per image": category.median_per_image,
            "most in one image": category.most_per_image,
            "small": category.small_share,
            "medium": category.medium_share,
            "large": category.large_share,
            "under 1 px at 128 px": category.vanishing_share_at_128,
            "median area": category.median_area_share,
            "median width : height": round(category.median_aspect, 2),
        }
        for category in statistics
    ]
