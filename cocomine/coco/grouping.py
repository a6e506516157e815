"""What is a dataset whose classes are merged into groups?

The same dataset with other categories: the members of a group become one, in the place and with the id of its first
member, and every annotation of a member is one of the group. All that follows from the columns, such as statistics,
co-occurrence, selections, label maps and exports, so needs to know nothing of groups. The records in the file stay
what they are: an export alone replaces the `category_id` of a member's record.

Only the positions of the categories are computed anew, 8 bytes for each annotation; all other columns are shared with
the dataset as it was opened, which `Dataset.ungrouped` still gives.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.class_groups import ClassGroup, require_apart
from cocomine.coco.columns import Category, Images
from cocomine.coco.dataset import Dataset, Split
from cocomine.errors import SelectionError


def grouped(dataset: Dataset, groups: Sequence[ClassGroup]) -> Dataset:
    """Return a dataset with these groups and no others, whatever groups it has.

    Raises:
        SelectionError: a member is unknown, or a group is named like a class that is no member of it.
    """
    if dataset.groups == tuple(groups):
        return dataset
    whole = ungrouped(dataset)
    if not groups:
        return whole
    require_apart(groups)
    heads = _heads(whole, groups)
    kept = np.flatnonzero(heads == np.arange(len(heads)))
    new_index = np.searchsorted(kept, heads)
    categories = _categories(whole, groups, kept)
    return replace(
        whole,
        categories=categories,
        splits=tuple(_split(split, new_index, kept) for split in whole.splits),
        groups=tuple(groups),
        ungrouped=whole,
    )


def ungrouped(dataset: Dataset) -> Dataset:
    """Return a dataset with the classes as they are in its files."""
    return dataset if dataset.ungrouped is None else dataset.ungrouped


def source_categories(dataset: Dataset, group: ClassGroup) -> list[Category]:
    """Return the categories that a group of a dataset is made of, in its order."""
    whole = ungrouped(dataset)
    return [whole.categories[whole.category_index_of(name)] for name in group.members]


def _heads(dataset: Dataset, groups: Sequence[ClassGroup]) -> Ints:
    """Return for each category the position of the one whose place it takes: its own, or of its group's first, (k,)."""
    heads = np.arange(len(dataset.categories))
    for group in groups:
        first, *others = [dataset.category_index_of(name) for name in group.members]
        heads[others] = first
    return heads


def _categories(dataset: Dataset, groups: Sequence[ClassGroup], kept: Ints) -> tuple[Category, ...]:
    """Return the categories with groups in the places of their first members.

    Raises:
        SelectionError: two have one name.
    """
    group_at = {dataset.category_index_of(group.members[0]): group for group in groups}
    categories = tuple(
        _category(dataset, group_at[index]) if index in group_at else dataset.categories[index]
        for index in kept.tolist()
    )
    names = {dataset.category_names[index] for index in kept.tolist() if index not in group_at}
    for group in groups:
        if group.name in names:
            raise SelectionError(
                f"The group {group.name!r} ({', '.join(group.members)}) is named like a class that is not in it. "
                "Choose another name, or add that class."
            )
    return categories


def _category(dataset: Dataset, group: ClassGroup) -> Category:
    """Return a group's category, of the supercategory that its members share; "" where they share none."""
    members = [dataset.categories[dataset.category_index_of(name)] for name in group.members]
    shared = {member.supercategory for member in members}
    return Category(
        category_id=members[0].category_id, name=group.name, supercategory=shared.pop() if len(shared) == 1 else ""
    )


def _split(split: Split, new_index: Ints, kept: Ints) -> Split:
    """Return a split whose `category_index` counts in the new categories.

    Args:
        new_index: where each category is now, (k,).
        kept: the categories that give the new ones their ids.
    """
    annotations = split.annotations
    return replace(
        split,
        category_ids=tuple(split.category_ids[index] for index in kept.tolist()),
        annotations=replace(annotations, category_index=new_index[annotations.category_index]),
        images=_images(split.images, new_index),
    )


def _images(images: Images, new_index: Ints) -> Images:
    """Return images of which somebody looked for a group in vain only where that is so of each of its members."""
    if not images.is_federated:
        return images
    members = np.bincount(new_index)
    absent, counts = np.unique(_in_new(images.checked_absent, new_index), axis=0, return_counts=True)
    not_exhaustive = np.unique(_in_new(images.not_exhaustive, new_index), axis=0)
    return replace(images, checked_absent=absent[counts == members[absent[:, 1]]], not_exhaustive=not_exhaustive)


def _in_new(pairs: Ints, new_index: Ints) -> Ints:
    """Return pairs of image and category position in the new categories, each old pair once, (p, 2)."""
    once = np.unique(pairs, axis=0)
    return np.stack([once[:, 0], new_index[once[:, 1]]], axis=1)
