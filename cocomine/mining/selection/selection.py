"""What did the person ask for, and what does that give on a dataset?

A `Selection` is pure data by class names; a `Subset` is what it selects, by
position. An empty choice selects nothing, everywhere. Where classes are grouped, the groups are classes, and their
members are none.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.class_groups import ClassGroup, members_by_name, require_apart
from cocomine.coco.dataset import Dataset, DatasetImage, ImageKey, Split
from cocomine.coco.grouping import grouped
from cocomine.errors import SelectionError
from cocomine.mining.selection.licences import licensed
from cocomine.mining.selection.limits import Limits, is_left_out
from cocomine.mining.selection.named_classes import NamedClasses, drawn_images
from cocomine.mining.statistics.categories import split_examined


class Mode(StrEnum):
    """Which images a set of classes selects."""

    ANY = "any"
    """at least one of the classes"""
    ALL = "all"
    """every one of the classes"""
    ONLY = "only"
    """at least one of the classes and no other category"""


class Others(StrEnum):
    """What becomes of the categories that were not selected."""

    BACKGROUND = "background"
    """their annotations are left out; their pixels are background, as in the paper"""
    KEEP = "keep"
    """each stays a class of its own"""
    MERGE = "merge"
    """all together become one class, "other" """
    IGNORE = "ignore"
    """their pixels are 255 and count neither in training nor in evaluation"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What the person asked for.

    Attributes:
        classes: names of the selected classes, in the order of their labels.
        excluded_classes: names of classes that no image may contain.
        licences: names of the licences whose images may be taken, see `selection.licences`; None takes all images.
        groups: classes that are taken as one; all other fields name the groups.
        limits: which objects are left out, and how many images are drawn.
    """

    classes: tuple[str, ...] = ()
    excluded_classes: tuple[str, ...] = ()
    mode: Mode = Mode.ANY
    others: Others = Others.BACKGROUND
    licences: tuple[str, ...] | None = None
    groups: tuple[ClassGroup, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        for names in (self.classes, self.excluded_classes):
            if len(set(names)) != len(names):
                raise SelectionError(f"A class is named twice: {', '.join(names)}. Name each once.")
        both = sorted(set(self.classes) & set(self.excluded_classes))
        if both:
            raise SelectionError(f"{', '.join(both)}: both selected and excluded. Choose one of the two.")
        require_apart(self.groups)
        self._require_groups()

    def _require_groups(self) -> None:
        """Refuse classes that are in a group and no class any more.

        Raises:
            SelectionError: there is one.
        """
        group_of, group_names = members_by_name(self.groups), {group.name for group in self.groups}
        for name in (*self.classes, *self.excluded_classes):
            if name in group_of and name not in group_names:
                raise SelectionError(
                    f"{name} is part of the group {group_of[name]}. Choose {group_of[name]}, or take the group apart."
                )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SubsetSplit:
    """The part of a subset in one split.

    Attributes:
        image_index: positions of the images, rising, (n,).
        annotation_index: positions of the annotations that belong to the subset, rising, (m,).
    """

    split: Split
    image_index: Ints
    annotation_index: Ints

    @property
    def all_annotation_index(self) -> Ints:
        """Positions of all annotations in the images, of all classes, but those left out; rising."""
        is_inside, left_out = self._is_in_images, self.split.left_out
        return np.flatnonzero(is_inside if left_out is None else is_inside & ~left_out)

    @property
    def left_out_index(self) -> Ints:
        """Positions of the annotations in the images that are left out, rising."""
        left_out = self.split.left_out
        return np.zeros(0, dtype=np.int64) if left_out is None else np.flatnonzero(self._is_in_images & left_out)

    @property
    def _is_in_images(self) -> Bools:
        is_inside = np.zeros(len(self.split.images), dtype=bool)
        is_inside[self.image_index] = True
        return np.asarray(is_inside[self.split.annotations.image_index])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subset:
    """What a selection gives on a dataset.

    Attributes:
        dataset: its classes as the selection groups them, its splits without what limits leave out.
        excluded: images excluded by hand, (split name, image id).
    """

    dataset: Dataset
    selection: Selection
    parts: tuple[SubsetSplit, ...]
    excluded: frozenset[ImageKey] = field(default_factory=frozenset)

    @property
    def image_count(self) -> int:
        """Images of all splits."""
        return sum(len(part.image_index) for part in self.parts)

    @property
    def annotation_count(self) -> int:
        """Annotations that an export writes, crowd regions included."""
        return sum(len(part.annotation_index) for part in self.parts)

    @property
    def instance_count(self) -> int:
        """Annotations of the selected classes without crowd."""
        return sum(sum(self.class_counts(part)["instance_counts"].values()) for part in self.parts)

    @property
    def other_instance_count(self) -> int:
        """Annotations without crowd, in the subset's images, of classes that were not selected; none left out."""
        every = (~part.split.annotations.is_crowd[part.all_annotation_index] for part in self.parts)
        return int(sum(np.count_nonzero(each) for each in every)) - self.instance_count

    def image(self, key: ImageKey) -> DatasetImage:
        """Return an image with the annotations that it has under the selection, be it in the subset or not.

        Raises:
            SelectionError: there is no such image in the dataset.
        """
        return self.dataset.image(key)

    def class_counts(self, part: SubsetSplit) -> dict[str, dict[str, int]]:
        """Return `instance_counts`, `crowd_counts` and `image_counts` of a part, each a number by selected class.

        An instance is an annotation without crowd; an image counts where it has an annotation of the class, crowd
        included.
        """
        columns, index, size = part.split.annotations, part.annotation_index, len(self.dataset.categories)
        category_index, is_crowd = columns.category_index[index], columns.is_crowd[index]
        pairs = columns.image_index[index] * size + category_index
        pairs.sort()  # faster than np.unique, and in place
        is_first = np.ones(len(pairs), dtype=bool)
        is_first[1:] = pairs[1:] > pairs[:-1]
        counted = {
            "instance_counts": category_index[~is_crowd],
            "crowd_counts": category_index[is_crowd],
            "image_counts": pairs[is_first] % size,
        }
        counts = {what: np.bincount(each, minlength=size) for what, each in counted.items()}
        at = {name: self.dataset.category_index_of(name) for name in self.selection.classes}
        return {what: {name: int(each[at[name]]) for name in at} for what, each in counts.items()}

    def contents_of(self, part: SubsetSplit) -> dict[str, Any]:
        """Return what a part holds, as manifests have it and `readiness.cautions` takes it."""
        return {
            "split": part.split.name,
            "role": part.split.role,
            "image_count": len(part.image_index),
            "annotation_count": len(part.annotation_index),
            **self.class_counts(part),
        }


def matching(presence: Bools, selected: Sequence[int], excluded: Sequence[int], mode: Mode) -> Bools:
    """Return which images a selection of categories gives, (n,).

    Args:
        presence: which image has which category, (n, k).
        selected: positions of the selected categories; none selects nothing.
        excluded: positions of categories that must be absent.
    """
    if not len(selected):
        return np.zeros(len(presence), dtype=bool)
    has = presence[:, selected]
    matches = has.all(axis=1) if mode is Mode.ALL else has.any(axis=1)
    if mode is Mode.ONLY:
        matches &= presence.sum(axis=1) == has.sum(axis=1)
    if len(excluded):
        matches &= ~presence[:, excluded].any(axis=1)
    return np.asarray(matches)


def eligible(split: Split, licences: tuple[str, ...] | None, excluded: Collection[ImageKey]) -> Bools:
    """Return which images of a split have an allowed licence and were not excluded by hand, (n,)."""
    left_out = [image_id for name, image_id in excluded if name == split.name]
    return np.asarray(licensed(split, licences) & ~np.isin(split.images.ids, left_out))


def select(dataset: Dataset, selection: Selection, excluded: Collection[ImageKey] = ()) -> Subset:
    """Return what a selection gives, split by split; a licence that no image has takes none.

    Args:
        dataset: its own groups, if it has any, give way to those of the selection.
        excluded: images to leave out, (split name, image id).

    Raises:
        SelectionError: a class is unknown; the message offers the nearest names.
    """
    dataset = seen_by(selection, dataset)
    selected = [dataset.category_index_of(name) for name in selection.classes]
    banned = [dataset.category_index_of(name) for name in selection.excluded_classes]
    kept = kept_categories(dataset, selection)
    found = [
        NamedClasses(split, len(kept), selected, banned, others=selection.mode is Mode.ONLY) for split in dataset.splits
    ]
    may_be_taken = [eligible(split, selection.licences, excluded) for split in dataset.splits]
    numbers = range(len(selected)), range(len(selected), len(selected) + len(banned))
    images = [
        matching(each.has, *numbers, selection.mode) & may_be for each, may_be in zip(found, may_be_taken, strict=True)
    ]
    if selection.limits.draws:
        images = drawn_images(found, images, may_be_taken, selection.limits)
    parts = tuple(part_of(each.split, taken, kept) for each, taken in zip(found, images, strict=True))
    return Subset(dataset=dataset, selection=selection, parts=parts, excluded=frozenset(excluded))


def unexamined_image_count(subset: Subset, names: Sequence[str]) -> int:
    """Return in how many of the subset's images some of these classes was not looked for, see `statistics.examined`."""
    index = [subset.dataset.category_index_of(name) for name in names]
    size = len(subset.dataset.categories)
    looked_for = [split_examined(part.split, size)[part.image_index][:, index] for part in subset.parts]
    return int(sum(np.count_nonzero(~each.all(axis=1)) for each in looked_for))


def seen_by(selection: Selection, dataset: Dataset) -> Dataset:
    """Return a dataset with a selection's groups, whose splits leave out what its limits say.

    The pixels of what is left out are what those of other classes are.
    """
    dataset, limits = grouped(dataset, selection.groups), selection.limits
    if not limits.leaves_out:
        return dataset
    ignores = selection.others is Others.IGNORE
    splits = (replace(each, left_out=is_left_out(each, limits), ignores_left_out=ignores) for each in dataset.splits)
    return replace(dataset, splits=tuple(splits))


def kept_categories(dataset: Dataset, selection: Selection) -> Bools:
    """Return whose annotations belong to a subset, by category of the dataset as the selection sees it, (k,)."""
    kept = np.full(len(dataset.categories), selection.others in (Others.KEEP, Others.MERGE))
    kept[[dataset.category_index_of(name) for name in selection.classes]] = True
    return np.asarray(kept)


def part_of(split: Split, images: Bools, kept: Bools) -> SubsetSplit:
    """Return some images of a split and, of their annotations, those that belong to the subset.

    Args:
        kept: whose annotations belong to it, by category, (k,).
    """
    columns = split.annotations
    belongs = images[columns.image_index] & kept[columns.category_index]
    if split.left_out is not None:
        belongs &= ~split.left_out
    return SubsetSplit(split=split, image_index=np.flatnonzero(images), annotation_index=np.flatnonzero(belongs))
