"""How much of each picked class does each split hold, and is there a split to train on and one to validate on?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from cocomine.coco.dataset import Dataset, Ints
from cocomine.coco.split_role import SplitRole
from cocomine.mining.selection import SubsetSplit


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
    return {what: {name: int(each[place]) for name, place in index.items()} for what, each in counts.items()}


def unmet_roles(roles: Iterable[SplitRole | None]) -> tuple[SplitRole, ...]:
    """Return which of training and validation no split is for."""
    there = set(roles)
    return tuple(role for role in (SplitRole.TRAIN, SplitRole.VAL) if role not in there)


def unmet_roles_sentence(splits: Sequence[Mapping[str, Any]]) -> str | None:
    """Return in one sentence which use no split is for; None where there are both.

    Args:
        splits: the `splits` of a manifest, or as much of each as `split` and `role`.
    """
    words = {SplitRole.TRAIN: "training", SplitRole.VAL: "validation"}
    unmet = unmet_roles(entry["role"] and SplitRole(entry["role"]) for entry in splits)
    found = ", ".join(f"{entry['split']} ({entry['role'] or 'no role'})" for entry in splits)
    return f"No split is for {' and none for '.join(words[role] for role in unmet)}: {found}." if unmet else None
