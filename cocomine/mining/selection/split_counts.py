"""How much of each selected class does each split hold?"""

from collections.abc import Mapping, Sequence

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.selection import SubsetSplit


def class_counts(part: SubsetSplit, dataset: Dataset, classes: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return `instance_counts`, `crowd_counts` and `image_counts`, each a number by class.

    An instance is an annotation without crowd; an image counts where it has an annotation of the class, crowd
    included.
    """
    columns, size = part.split.annotations, len(dataset.categories)
    category_index, is_crowd = columns.category_index[part.annotation_index], columns.is_crowd[part.annotation_index]
    pairs = np.unique(np.stack([columns.image_index[part.annotation_index], category_index], axis=1), axis=0)
    counts: Mapping[str, Ints] = {
        "instance_counts": np.bincount(category_index[~is_crowd], minlength=size),
        "crowd_counts": np.bincount(category_index[is_crowd], minlength=size),
        "image_counts": np.bincount(pairs[:, 1], minlength=size),
    }
    index = {name: dataset.category_index_of(name) for name in classes}
    return {what: {name: int(each[at]) for name, at in index.items()} for what, each in counts.items()}
