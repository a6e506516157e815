"""What must the label files of each image show, by the columns of the source?

A class must be seen in a label map where an object of it is large enough in the map. Where it is not, the masks are
decoded anew at the image's own size: only pixels that no object of another class claims are counted, whatever the
order of painting. YOLO's and Pascal VOC's files have one line or entry for each object that is inside the image.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from PIL import Image

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.masks import Mask, Shape, native_mask, sampled
from cocomine.coco.size import Size
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.labels.label_map import label_of
from cocomine.labels.table import BACKGROUND_LABEL, IGNORED_LABEL
from cocomine.mining.selection.selection import SubsetSplit

LEAST_SEEN_PX = 16
"""An object that covers so many pixels of a label map must be seen in it."""
LEAST_DRAWN_PX = 4
"""So many pixels of an image have an outline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """One file that the plan holds.

    Attributes:
        kind: what is counted together, in the plural.
        path: from the export's folder on.
        flaws: says in what the file, which is there, is not as planned; "of another size", ...
    """

    kind: str
    path: str
    flaws: Callable[[Path], list[str]]


def planned_labels(plan: ExportPlan) -> Iterator[FileCheck]:
    """Yield the label files of every image, at the paths where those who use them look."""
    for part in plan.parts:
        columns = _LabelFiles(plan, part)
        for index in part.image_index.tolist():
            yield from _of_image(plan, columns, index)


def yolo_text_path(image_path: str) -> str:
    """Return where Ultralytics looks for the text of an image, by its own rule.

    Source: `img2label_paths` in ultralytics/data/utils.py
    """
    images, labels = f"{os.sep}images{os.sep}", f"{os.sep}labels{os.sep}"
    return labels.join(image_path.rsplit(images, 1)).rsplit(".", 1)[0] + ".txt"


def _of_image(plan: ExportPlan, columns: "_LabelFiles", index: int) -> Iterator[FileCheck]:
    formats, split, name = plan.recipe.formats, columns.part.split.name, exported_name(columns.part.split, index)
    stem = os.path.splitext(os.path.normpath(name))[0]  # noqa: PTH122 - a name, not a path of this system
    text_path = yolo_text_path(f"{os.sep}images{os.sep}{split}{os.sep}{os.path.normpath(name)}").removeprefix(os.sep)
    checks = {
        "masks": ("Label maps", f"labels/{split}/{stem}.png", columns.map_flaws),
        "yolo": ("YOLO texts", Path(text_path).as_posix(), columns.text_flaws),
        "voc": ("VOC files", f"voc/{split}/Annotations/{stem}.xml", columns.voc_flaws),
    }
    for asked, (kind, path, flaws) in checks.items():
        if asked in formats:
            yield FileCheck(kind=kind, path=path, flaws=partial(flaws, index))


class _LabelFiles:
    """What one part of a plan says of its annotations, and files that are compared with it."""

    def __init__(self, plan: ExportPlan, part: SubsetSplit) -> None:
        self.plan, self.part = plan, part
        self._category_ids = [category.category_id for category in plan.subset.dataset.categories]
        labels, classes = plan.table.label_of_category, plan.table.class_index_of_category
        annotations = part.split.annotations
        self._label = np.array([labels.get(each, BACKGROUND_LABEL) for each in self._category_ids])
        self._is_object = np.isin(annotations.category_index, np.flatnonzero(np.isin(self._category_ids, [*classes])))
        self._is_object &= ~annotations.is_crowd
        if part.split.left_out is not None:
            self._is_object &= ~part.split.left_out

    @cached_property
    def _must_be_seen(self) -> Bools:
        """Which objects have a mask of their class that is large enough in a label map, (m,)."""
        annotations, images = self.part.split.annotations, self.part.split.images
        sizes = np.maximum(images.widths * images.heights, 1)[annotations.image_index]
        with np.errstate(over="ignore"):  # a box may be absurdly large
            box_px = annotations.boxes_xywh[:, 2] * annotations.boxes_xywh[:, 3]
            area_px = np.fmin(annotations.areas_px, box_px)
            is_large = area_px * self.plan.recipe.size_px**2 >= LEAST_SEEN_PX * sizes
        return np.asarray(self._is_object & annotations.has_mask() & is_large)

    @cached_property
    def _has_box_inside(self) -> Bools:
        """Which boxes have at least a pixel in each direction inside their image, (m,)."""
        annotations, images = self.part.split.annotations, self.part.split.images
        left, top, width, height = annotations.boxes_xywh.T
        with np.errstate(over="ignore"):  # as above
            right = np.minimum(left + width, images.widths[annotations.image_index])
            bottom = np.minimum(top + height, images.heights[annotations.image_index])
        return np.asarray((right - np.maximum(left, 0) >= 1) & (bottom - np.maximum(top, 0) >= 1))

    def map_flaws(self, index: int, path: Path) -> list[str]:
        """Say in what a label map is not as planned."""
        try:
            with Image.open(path) as image:
                values = np.asarray(image)
        except (OSError, ValueError, SyntaxError):  # what Pillow raises for a damaged PNG
            return ["that cannot be read as an image"]
        size_px, annotations = self.plan.recipe.size_px, self._annotations_of(index)
        if values.shape != (size_px, size_px) or values.dtype != np.uint8:
            return [f"not of {size_px} x {size_px} px"]
        labels = self._label[self.part.split.annotations.category_index[annotations]]
        seen = set(np.unique(values).tolist())
        flaws = []
        if seen - {BACKGROUND_LABEL, IGNORED_LABEL, *labels.tolist()}:
            flaws.append("with a class that its image has not")
        unseen = set(labels[self._must_be_seen[annotations]].tolist()) - seen
        if unseen and unseen & self._labels_at_full_size(index):
            flaws.append("without a class that must be seen in it")
        return flaws

    def text_flaws(self, index: int, path: Path) -> list[str]:
        """Say in what a text for YOLO is not as planned."""
        classes = [line.partition(" ")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        class_indices = {str(label.label - 1) for label in self.plan.table.labels[1:]}
        flaws = [] if class_indices.issuperset(classes) else ["with a class that data.yaml does not name"]
        annotations = self._annotations_of(index)
        objects = annotations[self._is_object[annotations]]
        if len(classes) > len(objects):
            flaws.append("with more lines than objects")
        elif len(classes) < len(objects) and len(classes) < self._outlined_count(index, objects):
            flaws.append("with fewer lines than objects")
        return flaws

    def voc_flaws(self, index: int, path: Path) -> list[str]:
        """Say in what a file for Pascal VOC is not as planned."""
        try:
            root = ET.parse(path).getroot()  # noqa: S314 - our own file
        except ET.ParseError:
            return ["that cannot be read as XML"]
        annotations = self._annotations_of(index)
        objects = annotations[self._is_object[annotations]]
        count, sure = len(root.findall("object")), int(self._has_box_inside[objects].sum())
        flaws = [] if sure <= count <= len(objects) else ["with another number of objects"]
        names = {label.name for label in self.plan.table.labels[1:]}
        if not names.issuperset(found.text or "" for found in root.iterfind("object/name")):
            flaws.append("with a class that is not in the export")
        return flaws

    def _annotations_of(self, index: int) -> Ints:
        return self.part.split.annotations_of_image(index)

    def _masks(self, index: int, annotations: Ints | None = None) -> Iterator[tuple[Shape, Mask]]:
        image = self.part.split.image_at(index)
        annotation_ids = None if annotations is None else set(self.part.split.annotations.ids[annotations].tolist())
        for shape in image.shapes():
            if annotation_ids is None or shape.annotation_id in annotation_ids:
                yield shape, native_mask(shape.segmentation, image.size)

    def _labels_at_full_size(self, index: int) -> set[int]:
        """Return the labels of objects with enough pixels, sampled at the map's size, that no other class claims."""
        size = Size.square(self.plan.recipe.size_px)
        labels = self.plan.table.label_of_category
        masks: dict[int, Mask] = {}
        for shape, mask in self._masks(index):
            label = label_of(shape, labels)
            if label is not None and not shape.is_crowd:
                masks[label] = masks.get(label, np.zeros(size, dtype=bool)) | sampled(mask, size)
        label_count = sum((mask.astype(np.int64) for mask in masks.values()), np.zeros(size, dtype=np.int64))
        return {label for label, mask in masks.items() if (mask & (label_count == 1)).sum() >= LEAST_SEEN_PX}

    def _outlined_count(self, index: int, objects: Ints) -> int:
        """Return how many of some objects cover enough of the image, or of those without a mask have a box in it."""
        masked = objects[self.part.split.annotations.has_mask(objects)]
        bare_count = int(self._has_box_inside[np.setdiff1d(objects, masked)].sum())
        return bare_count + sum(int(mask.sum()) >= LEAST_DRAWN_PX for _, mask in self._masks(index, masked))
