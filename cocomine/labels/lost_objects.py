"""What of the objects is lost on the way to a label map, and why?

A label map has one class for each pixel and few pixels. So an object can lie under others, can be too small for a
single pixel at the network's input size, or has no mask to begin with; and where two picked classes claim a pixel, one
of them learns from a wrong label. Objects are counted by what the map shows: one has vanished when no pixel of its
mask has its class. One that lies under another of its own class has not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cocomine.coco.dataset import Bools, DatasetImage, Ints
from cocomine.coco.mask_area import largest_first
from cocomine.coco.masks import Mask, Shape, native_mask, scaled_mask
from cocomine.coco.size import Size
from cocomine.labels.label_map import LabelMap, painted
from cocomine.labels.table import IGNORED_LABEL, LabelTable, label_table
from cocomine.mining.selection.selection import Subset
from cocomine.system.jobs import Progress


class LostBecause(StrEnum):
    """Why an object has no pixel in a label map."""

    TOO_SMALL = "too small"
    """it covers no pixel at the map's size"""
    COVERED = "covered"
    """all its pixels went to objects of other classes that lie over it"""
    NO_MASK = "no mask"
    """it covers no pixel at any size"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedObject:
    """What became of one object, no crowd region, that has a class in the map.

    Attributes:
        label: its mask value.
        drawn_px: pixels of the map that its mask covers.
        kept_px: those of them that have its label.
        lost_because: why none has; None where some do.
    """

    annotation_id: int
    category_id: int
    label: int
    drawn_px: int
    kept_px: int
    lost_because: LostBecause | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelMapReport:
    """A label map with what it does to the objects.

    Attributes:
        labels: the map, (height, width).
        objects: the largest first, as they are painted.
        foreground_px: pixels that at least one picked class claims.
        contested_px: pixels that two or more picked classes claim.
    """

    labels: LabelMap
    objects: tuple[MappedObject, ...]
    foreground_px: int
    contested_px: int

    @property
    def overlap(self) -> float | None:
        """Share of the claimed pixels that is disputed, in [0, 1]; None where none is claimed."""
        return self.contested_px / self.foreground_px if self.foreground_px else None

    @property
    def lost(self) -> tuple[MappedObject, ...]:
        """The objects without a pixel."""
        return tuple(each for each in self.objects if each.lost_because is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LostObjectCounts:
    """The accounts of a subset's images, or of its first ones, in numbers; all arrays are (images,) or longer.

    Attributes:
        foreground_px: see `LabelMapReport`.
        contested_px: see `LabelMapReport`.
        object_counts: objects that have a class in the map.
        lost_counts: objects of each image that vanished, by reason.
        lost_by_label: the same by mask value, of all images together.
    """

    foreground_px: Ints
    contested_px: Ints
    object_counts: Ints
    lost_counts: Mapping[LostBecause, Ints]
    lost_by_label: Mapping[int, int]

    @property
    def image_count(self) -> int:
        """Images that were looked at."""
        return len(self.foreground_px)

    @property
    def overlap(self) -> float | None:
        """Share of all claimed pixels that is disputed, in [0, 1]; None where none is claimed."""
        foreground_px = int(self.foreground_px.sum())
        return int(self.contested_px.sum()) / foreground_px if foreground_px else None

    @property
    def has_conflict(self) -> Bools:
        """Which images have a pixel that two picked classes claim."""
        return self.contested_px > 0

    @property
    def has_lost(self) -> Bools:
        """Which images have an object that vanished."""
        return np.asarray(sum(self.lost_counts.values()) > 0)


def label_map_report(shapes: Sequence[Shape], table: LabelTable, *, native: Size, size: Size) -> LabelMapReport:
    """Return the label map of an image, the same as `label_map` gives, with what it does to the objects.

    Args:
        shapes: the annotations of the image.
        table: which category has which label.
        native: the image's own size.
        size: the map's.
    """
    label_of = table.label_of_category
    drawn = [
        (shape, scaled_mask(shape.segmentation, native=native, size=size))
        for shape in largest_first(shapes, native)
        if shape.category_id in label_of
    ]
    labels = painted(drawn, label_of, size=size)
    learnt = [(shape, mask) for shape, mask in drawn if _is_learnt(shape, label_of)]
    claims = _claims([(label_of[shape.category_id], mask) for shape, mask in learnt], table, size)
    return LabelMapReport(
        labels=labels,
        objects=tuple(_mapped(shape, mask, labels, label_of[shape.category_id], native) for shape, mask in learnt),
        foreground_px=int(np.count_nonzero(claims)),
        contested_px=int(np.count_nonzero(claims > 1)),
    )


def label_map_report_of_image(image: DatasetImage, table: LabelTable, *, size: Size) -> LabelMapReport:
    """Return the account of one image of a dataset.

    Raises:
        DatasetError: the image is said to be larger than any.
    """
    return label_map_report(image.shapes(), table, native=image.size, size=size)


def lost_objects(
    subset: Subset, progress: Progress, *, size_px: int, most_images: int | None = None
) -> LostObjectCounts:
    """Draw the label maps of a subset's images, in their order, and count what is lost.

    Args:
        subset: its selection says which classes have a label, and what becomes of the others.
        progress: told how far it is, in images.
        size_px: side of the square label maps.
        most_images: of the first so many; None looks at all.

    Raises:
        ExportError: more classes need a label than a map has room for.
    """
    table = label_table(subset.dataset, subset.selection)
    images = [part.split.image_at(at) for part in subset.parts for at in part.image_index.tolist()][:most_images]
    counts = np.zeros((3 + len(LostBecause), len(images)), dtype=np.int64)
    by_label = np.zeros(IGNORED_LABEL + 1, dtype=np.int64)
    for done, image in enumerate(images):
        if image.size.is_drawable:
            account = label_map_report_of_image(image, table, size=Size.square(size_px))
            lost = [each.lost_because for each in account.lost]
            counts[:3, done] = account.foreground_px, account.contested_px, len(account.objects)
            counts[3:, done] = [lost.count(reason) for reason in LostBecause]
            np.add.at(by_label, [each.label for each in account.lost], 1)
        progress(done + 1, len(images))
    return LostObjectCounts(
        foreground_px=counts[0],
        contested_px=counts[1],
        object_counts=counts[2],
        lost_counts=dict(zip(LostBecause, counts[3:], strict=True)),
        lost_by_label={int(label): int(by_label[label]) for label in np.flatnonzero(by_label)},
    )


def images_with_crowd(subset: Subset) -> Bools:
    """Return which of a subset's images, in their order, have a crowd region that becomes ignored, (images,)."""
    drawn = set(label_table(subset.dataset, subset.selection).label_of_category)
    is_drawn = np.array([each.category_id in drawn for each in subset.dataset.categories], dtype=bool)
    parts = [np.zeros(0, dtype=bool)]
    for part in subset.parts:
        columns = part.split.annotations
        has_crowd = np.zeros(len(part.split.images), dtype=bool)
        has_crowd[columns.image_index[columns.is_crowd & is_drawn[columns.category_index]]] = True
        parts.append(has_crowd[part.image_index])
    return np.concatenate(parts)


def _is_learnt(shape: Shape, label_of: Mapping[int, int]) -> bool:
    return not shape.is_crowd and label_of[shape.category_id] != IGNORED_LABEL


def _claims(masks: Iterable[tuple[int, Mask]], table: LabelTable, size: Size) -> Ints:
    """Return how many picked classes claim each pixel, (height, width)."""
    picked = {label.label for label in table.labels if label.picked}
    unions: dict[int, Mask] = {}
    for label, mask in masks:
        if label in picked:
            unions[label] = unions[label] | mask if label in unions else mask
    claims = np.zeros(size, dtype=np.int64)
    for union in unions.values():
        claims += union
    return claims


def _mapped(shape: Shape, mask: Mask, labels: LabelMap, label: int, native: Size) -> MappedObject:
    drawn_px, kept_px = int(np.count_nonzero(mask)), int(np.count_nonzero(labels[mask] == label))
    return MappedObject(
        annotation_id=shape.annotation_id,
        category_id=shape.category_id,
        label=label,
        drawn_px=drawn_px,
        kept_px=kept_px,
        lost_because=None if kept_px else LostBecause.COVERED if drawn_px else _why_not_drawn(shape, native),
    )


def _why_not_drawn(shape: Shape, native: Size) -> LostBecause:
    is_there = native_mask(shape.segmentation, native).any()
    return LostBecause.TOO_SMALL if is_there else LostBecause.NO_MASK
