"""Which images are for training and which for validation, by recipes that name no method of division?

Official splits are kept. A single split is divided by image, never by annotation, so that no image is on both sides:
within each group of images with the same rarest class a seeded shuffle gives the asked share to validation.

Nothing here changes, since what was exported from such recipes must come out of them again, byte for byte. New recipes
are divided by `stratification`.
"""

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.errors import SelectionError
from cocomine.mining.selection.selection import Subset, SubsetSplit
from cocomine.mining.statistics.categories import split_presence


def val_images(subset: Subset, *, val_share: float, seed: int) -> Ints:
    """Return the positions of the images that go to validation, rising.

    Args:
        subset: of a dataset with one split.
        val_share: share of the images to put into validation, in (0, 1); met to the nearest image.

    Raises:
        SelectionError: the share is not between 0 and 1.
    """
    if not 0 < val_share < 1:
        raise SelectionError(f"The validation share is {val_share}. Give a number between 0 and 1, such as 0.2.")
    (part,) = subset.parts
    group = _rarest_class(subset, part)
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(part.image_index))
    by_group = shuffled[np.argsort(group[shuffled], kind="stable")]
    # Every 1/val_share-th image along the groups: each group gives its share to within one image.
    count = round(len(by_group) * val_share)
    chosen = ((np.arange(count) + 0.5) * len(by_group) / max(count, 1)).astype(np.int64)
    return np.sort(part.image_index[by_group[chosen]])


def split_parts(subset: Subset, *, val_share: float, seed: int) -> tuple[SubsetSplit, ...]:
    """Return the subset's splits: the official ones, or "train" and "val" made from a single one."""
    if len(subset.parts) != 1:
        return subset.parts
    (part,) = subset.parts
    validation = val_images(subset, val_share=val_share, seed=seed)
    is_val = np.isin(part.image_index, validation)
    return _named(part, "train", part.image_index[~is_val]), _named(part, "val", part.image_index[is_val])


def _named(part: SubsetSplit, name: str, image_index: Ints) -> SubsetSplit:
    columns = part.split.annotations
    kept = np.isin(columns.image_index[part.annotation_index], image_index)
    return SubsetSplit(
        split=part.split.renamed(name), image_index=image_index, annotation_index=part.annotation_index[kept]
    )


def _rarest_class(subset: Subset, part: SubsetSplit) -> Ints:
    """Return for each image the position, among the selected classes, of the rarest one that it has, (n,)."""
    selected = [subset.dataset.category_index_of(name) for name in subset.selection.classes]
    matrix = split_presence(part.split, len(subset.dataset.categories))[part.image_index][:, selected]
    rarity = np.where(matrix, matrix.sum(axis=0), np.iinfo(np.int64).max)
    return np.asarray(rarity.argmin(axis=1)) if selected else np.zeros(len(part.image_index), dtype=np.int64)
