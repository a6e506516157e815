"""What of the objects is lost on the way to a label map, and why?

A label map has one class for each pixel and few pixels. So an object can lie under others, can be too small for a
single pixel at the network's input size, or has no mask to begin with; and where two selected classes claim a pixel,
one of them learns from a wrong label. Objects are counted by what the map shows: one is lost when no pixel of its
mask has its class. One that lies under another of its own class has not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import DatasetImage
from cocomine.coco.mask_spans import mask_spans
from cocomine.coco.masks import Mask, Shape, native_mask
from cocomine.coco.paint_order import painting_order
from cocomine.coco.size import Size
from cocomine.labels.conflict import ClaimedPixels, claimed_pixels, overlap_sentence
from cocomine.labels.label_map import LabelMap, label_of, painted_labels
from cocomine.labels.table import IGNORED_LABEL, LabelTable, label_table
from cocomine.mining.selection.selection import Subset
from cocomine.system.jobs import Progress
from cocomine.wording import counted, join_names


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
        claimed: by the selected classes.
    """

    labels: LabelMap
    objects: tuple[MappedObject, ...]
    claimed: ClaimedPixels

    @property
    def lost(self) -> tuple[MappedObject, ...]:
        """The objects without a pixel."""
        return tuple(each for each in self.objects if each.lost_because is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LostObjectCounts:
    """The reports of a subset's images, or of its first ones, in numbers; all arrays are (images,) or longer.

    Attributes:
        foreground_px: pixels that at least one selected class claims.
        contested_px: pixels that two or more of them claim.
        object_counts: objects that have a class in the map.
        lost_counts: objects of each image that are lost, by reason.
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
    def claimed(self) -> ClaimedPixels:
        """By the selected classes, in all of these images."""
        return ClaimedPixels(foreground_px=int(self.foreground_px.sum()), contested_px=int(self.contested_px.sum()))

    @property
    def has_conflict(self) -> Bools:
        """Which images have a pixel that two selected classes claim."""
        return self.contested_px > 0

    @property
    def has_lost(self) -> Bools:
        """Which images have a lost object."""
        return np.asarray(sum(self.lost_counts.values()) > 0)


def label_map_report(shapes: Sequence[Shape], table: LabelTable, *, native: Size, size: Size) -> LabelMapReport:
    """Return the label map of an image, the same as `label_map` gives, with what it does to the objects."""
    labels_by_id = table.label_of_category
    drawn = [shape for shape in painting_order(shapes, native) if label_of(shape, labels_by_id) is not None]
    count = len(drawn)
    spans = mask_spans([shape.segmentation for shape in drawn], natives=[native] * count, sizes=[size] * count)
    (columns,) = spans.painted(painted_labels(drawn, labels_by_id), [0] * count, [size])
    labels = np.ascontiguousarray(columns.T)
    drawn_masks = [mask.T for mask in spans.laid_together(range(count), [size] * count)]
    learnt = [
        (shape, mask)
        for shape, mask in zip(drawn, drawn_masks, strict=True)
        if not shape.is_crowd and label_of(shape, labels_by_id) != IGNORED_LABEL
    ]
    masks = _masks_of_classes([(labels_by_id[shape.category_id], mask) for shape, mask in learnt], table)
    return LabelMapReport(
        labels=labels,
        objects=tuple(_mapped(shape, mask, labels, labels_by_id[shape.category_id], native) for shape, mask in learnt),
        claimed=claimed_pixels(np.stack(masks)) if masks else ClaimedPixels(),
    )


def label_map_report_of_image(image: DatasetImage, table: LabelTable, *, size: Size) -> LabelMapReport:
    """Return the report of one image of a dataset.

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
        progress: gets how far it is, in images.
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
            report = label_map_report_of_image(image, table, size=Size.square(size_px))
            lost = [each.lost_because for each in report.lost]
            counts[:3, done] = report.claimed.foreground_px, report.claimed.contested_px, len(report.objects)
            counts[3:, done] = [lost.count(reason) for reason in LostBecause]
            np.add.at(by_label, [each.label for each in report.lost], 1)
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


def _masks_of_classes(masks: Iterable[tuple[int, Mask]], table: LabelTable) -> list[Mask]:
    """Return the masks of each selected class that has any, laid together."""
    selected = {label.label for label in table.labels if label.selected}
    unions: dict[int, Mask] = {}
    for label, mask in masks:
        if label in selected:
            unions[label] = unions[label] | mask if label in unions else mask
    return list(unions.values())


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


MOST_CLASSES = 5
"""So many of the classes that lose most are named."""


def reason_words(reason: LostBecause, size_px: int) -> str:
    """Return why an object has no pixel in a map of this side, such as "too small for 128 px"."""
    return {
        LostBecause.TOO_SMALL: f"too small for {size_px} px",
        LostBecause.COVERED: "covered by other classes",
        LostBecause.NO_MASK: "without a mask",
    }[reason]


def label_map_sentence(report: LabelMapReport) -> str:
    """Return what one label map does to the objects of its image."""
    if not report.objects:
        return "No object has a class in this training mask."
    return f"{overlap_sentence(report.claimed.share)} {_lost_text(len(report.lost), len(report.objects))}."


def lost_objects_sentence(counts: LostObjectCounts, size_px: int) -> str:
    """Return what is lost in the images of a subset that were examined."""
    totals = {reason: int(each.sum()) for reason, each in counts.lost_counts.items()}
    reasons = [f"{total:,} {reason_words(reason, size_px)}" for reason, total in totals.items() if total]
    of_which = f": {', '.join(reasons)}" if reasons else ""
    lost = _lost_text(sum(totals.values()), int(counts.object_counts.sum()))
    return f"{counted(counts.image_count, 'image')} checked. {overlap_sentence(counts.claimed.share)} {lost}{of_which}."


def by_class_sentence(counts: LostObjectCounts, names: Mapping[int, str]) -> str:
    """Return which classes lose most objects; empty where fewer than two lose any.

    Args:
        names: of the classes, by mask value.
    """
    ranked = sorted(counts.lost_by_label.items(), key=lambda found: (-found[1], found[0]))
    if len(ranked) < 2:
        return ""
    named = [f"{names[label]} {count:,}" for label, count in ranked[:MOST_CLASSES]]
    more = [f"{len(ranked) - MOST_CLASSES:,} more"] if len(ranked) > MOST_CLASSES else []
    return f"Lost by class: {join_names([*named, *more])}."


def _lost_text(lost_count: int, object_count: int) -> str:
    return f"{lost_count:,} of {counted(object_count, 'object')} lost"
