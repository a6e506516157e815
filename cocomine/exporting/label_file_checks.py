"""What must the label files of each image show, by the columns of the source?

A class must be seen in a label map where an object of it is large enough in the map. Where it is not, the masks are
decoded anew at the image's own size: only pixels that no object of another class claims are counted, whatever the
order of painting. YOLO's and Pascal VOC's files have one line or entry for each object that is inside the image.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from xml.etree import ElementTree as ET

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import Split
from cocomine.coco.masks import Mask, Shape, native_mask, sampled
from cocomine.coco.size import Size
from cocomine.exporting.formats.pascal_voc import voc_class_names
from cocomine.exporting.label_files import (
    LABEL_MAPS,
    VOC_FILES,
    VOC_MASKS,
    YOLO_BOXES,
    LabelRules,
    label_places,
    label_rules,
)
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.exporting.shown_map import ShownMap, stored_map
from cocomine.labels.label_map import label_of
from cocomine.labels.map_size import map_areas_px
from cocomine.labels.table import BACKGROUND_LABEL, IGNORED_LABEL
from cocomine.mining.selection.recipe import YOLO_DETECT

LEAST_SEEN_PX = 16
"""An object that covers so many pixels of a label map must be seen in it."""
LEAST_DRAWN_PX = 4
"""So many pixels of an image have an outline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCheck:
    """One label file that the plan holds.

    Attributes:
        kind: what is counted together, in the plural.
        path: from the export's folder on.
        flaws: says by the file's bytes in what it is not as planned; "of another size", ...
        map_flaws: says it by what a map shows; None where the file is none.
    """

    kind: str
    path: str
    flaws: Callable[[bytes], list[str]]
    map_flaws: Callable[[ShownMap], list[str]] | None = None


def planned_labels(plan: ExportPlan) -> Iterator[LabelCheck]:
    """Yield the label files of every image, at the paths where those who use them look."""
    rules = label_rules(plan)
    for part in plan.parts:
        names = {index: exported_name(part.split, index) for index in part.image_index.tolist()}
        for of_image in label_checks(part.split, names, rules):
            yield from of_image


def label_checks(split: Split, names: dict[int, str], rules: LabelRules) -> Iterator[list[LabelCheck]]:
    """Yield the label files of each of some images.

    Args:
        names: of the images in the export, by position in the split.
    """
    columns = _LabelFiles(split, rules)
    for index, name in names.items():
        places = label_places(split.image_at(index), name, rules)
        yield [columns.check_of(index, name, of, *file) for of, files in places.items() for file in files]


def _looked_for(split: str, name: str, format_name: str) -> str:
    """Return where Ultralytics looks for the text of an image, from the export's folder on."""
    folder = f"{os.sep}{YOLO_DETECT}{os.sep}" if format_name == YOLO_DETECT else os.sep
    text_path = yolo_text_path(f"{folder}images{os.sep}{split}{os.sep}{os.path.normpath(name)}")
    return text_path.removeprefix(os.sep).replace(os.sep, "/")


def yolo_text_path(image_path: str) -> str:
    """Return where Ultralytics looks for the text of an image, by its own rule.

    Source: `img2label_paths` in ultralytics/data/utils.py
    """
    images, labels = f"{os.sep}images{os.sep}", f"{os.sep}labels{os.sep}"
    return labels.join(image_path.rsplit(images, 1)).rsplit(".", 1)[0] + ".txt"


class _LabelFiles:
    """What a split says of its annotations, and files that are compared with it."""

    def __init__(self, split: Split, rules: LabelRules) -> None:
        self._split, self._rules, self._annotations = split, rules, split.annotations
        labels, classes = rules.table.label_of_category, rules.table.class_index_of_category
        self._label = np.array([labels.get(each, BACKGROUND_LABEL) for each in split.category_ids])
        self._is_object = np.array([each in classes for each in split.category_ids])[self._annotations.category_index]
        self._is_object &= ~self._annotations.is_crowd
        if split.left_out is not None:
            self._is_object &= ~split.left_out

    def check_of(self, index: int, name: str, format_name: str, kind: str, place: str) -> LabelCheck:
        """Return what compares a file of a kind with the image at a position.

        Args:
            name: of the image in the export.
            place: where the file is written.
        """
        if kind in (LABEL_MAPS, VOC_MASKS):
            map_flaws = partial(self._map_flaws_of(kind, place), index)
            flaws = partial(_stored_flaws, size=self._size_of(kind, index), map_flaws=map_flaws)
            return LabelCheck(kind=kind, path=place, flaws=flaws, map_flaws=map_flaws)
        if kind == VOC_FILES:
            return LabelCheck(kind=kind, path=place, flaws=partial(self._voc_flaws, index))
        where = _looked_for(self._split.name, name, format_name)
        return LabelCheck(kind=kind, path=where, flaws=partial(self._text_flaws, index, has_boxes=kind == YOLO_BOXES))

    def _map_flaws_of(self, kind: str, place: str) -> Callable[[int, ShownMap], list[str]]:
        if kind == LABEL_MAPS:
            return self._label_map_flaws
        return self._object_mask_flaws if place.startswith("voc/SegmentationObject/") else self._class_mask_flaws

    def _size_of(self, kind: str, index: int) -> Size:
        size = self._split.images.size_at(index)
        return self._rules.map_size(size) if kind == LABEL_MAPS else size

    @cached_property
    def _must_be_seen(self) -> Bools:
        """Which objects have a mask of their class that is large enough in a label map, (m,)."""
        images, rules = self._split.images, self._rules
        map_px = map_areas_px(images.widths, images.heights, rules.mask_shape, size_px=rules.size_px)
        shrunk = map_px / np.maximum(images.widths * images.heights, 1)
        return self._is_seen(shrunk[self._annotations.image_index])

    @cached_property
    def _must_be_seen_at_full_size(self) -> Bools:
        """Which objects have a mask of their class that is large enough at the image's own size, (m,)."""
        return self._is_seen(1.0)

    def _is_seen(self, shrunk: "np.ndarray[tuple[int], np.dtype[np.float64]] | float") -> Bools:
        boxes = self._annotations.boxes_xywh
        with np.errstate(over="ignore"):  # a box may be absurdly large
            area_px = np.fmin(self._annotations.areas_px, boxes[:, 2] * boxes[:, 3])
            is_large = area_px * shrunk >= LEAST_SEEN_PX
        return np.asarray(self._is_object & self._annotations.has_mask() & is_large)

    @cached_property
    def _has_box_inside(self) -> Bools:
        """Which boxes have at least a pixel in each direction inside their image, (m,)."""
        images, owners = self._split.images, self._annotations.image_index
        left, top, width, height = self._annotations.boxes_xywh.T
        with np.errstate(over="ignore"):  # as above
            right = np.minimum(left + width, images.widths[owners])
            bottom = np.minimum(top + height, images.heights[owners])
        return np.asarray((right - np.maximum(left, 0) >= 1) & (bottom - np.maximum(top, 0) >= 1))

    def _label_map_flaws(self, index: int, shown: ShownMap) -> list[str]:
        """Say in what a label map is not as planned."""
        return self._class_flaws(index, shown, self._size_of(LABEL_MAPS, index), self._must_be_seen)

    def _class_mask_flaws(self, index: int, shown: ShownMap) -> list[str]:
        """Say in what a mask of classes for Pascal VOC is not as planned."""
        return self._class_flaws(index, shown, self._size_of(VOC_MASKS, index), self._must_be_seen_at_full_size)

    def _object_mask_flaws(self, index: int, shown: ShownMap) -> list[str]:
        """Say in what a mask of objects for Pascal VOC is not as planned."""
        size = self._size_of(VOC_MASKS, index)
        if shown.size != size:
            return [_of_another_size(size)]
        object_count = int(self._is_object[self._annotations_of(index)].sum())
        is_right = len(shown.values - {IGNORED_LABEL}) <= object_count
        return [] if is_right else ["with more objects than its image has"]

    def _class_flaws(self, index: int, shown: ShownMap, size: Size, must_be_seen: Bools) -> list[str]:
        if shown.size != size:
            return [_of_another_size(size)]
        annotations = self._annotations_of(index)
        labels = self._label[self._annotations.category_index[annotations]]
        flaws = []
        if shown.values - {IGNORED_LABEL, *labels.tolist()}:
            flaws.append("with a class that its image has not")
        unseen = set(labels[must_be_seen[annotations]].tolist()) - shown.values
        if unseen and unseen & self._labels_at_full_size(index, size):
            flaws.append("without a class that must be seen in it")
        return flaws

    def _text_flaws(self, index: int, data: bytes, *, has_boxes: bool) -> list[str]:
        """Say in what a text for YOLO is not as planned."""
        lines = data.decode().splitlines()
        classes = [line.partition(" ")[0] for line in lines]
        class_indices = {str(label.label - 1) for label in self._rules.table.labels[1:]}
        flaws = [] if class_indices.issuperset(classes) else ["with a class that data.yaml does not name"]
        if has_boxes and any(len(line.split(" ")) != 5 for line in lines):
            flaws.append("with a line that is no box")
        annotations = self._annotations_of(index)
        objects = annotations[self._is_object[annotations]]
        least = self._boxed_count if has_boxes else self._outlined_count
        if len(classes) > len(objects):
            flaws.append("with more lines than objects")
        elif len(classes) < len(objects) and len(classes) < least(index, objects):
            flaws.append("with fewer lines than objects")
        return flaws

    def _voc_flaws(self, index: int, data: bytes) -> list[str]:
        """Say in what a file for Pascal VOC is not as planned."""
        try:
            root = ET.fromstring(data)  # noqa: S314 - our own file
        except ET.ParseError:
            return ["that cannot be read as XML"]
        annotations = self._annotations_of(index)
        objects = annotations[self._is_object[annotations]]
        count, sure = len(root.findall("object")), int(self._has_box_inside[objects].sum())
        flaws = [] if sure <= count <= len(objects) else ["with another number of objects"]
        names = {*voc_class_names(self._rules.table)}
        if not names.issuperset(found.text or "" for found in root.iterfind("object/name")):
            flaws.append("with a class that is not in the export")
        return flaws

    def _annotations_of(self, index: int) -> Ints:
        return self._split.annotations_of_image(index)

    def _masks(self, index: int, annotations: Ints) -> Iterator[tuple[Shape, Mask]]:
        size = self._split.images.size_at(index)
        for shape in self._split.shapes_at(annotations):
            yield shape, native_mask(shape.segmentation, size)

    def _labels_at_full_size(self, index: int, size: Size) -> set[int]:
        """Return the labels of objects with enough pixels, sampled at a map's size, that no other class claims."""
        masks: dict[int, Mask] = {}
        for shape, mask in self._masks(index, self._annotations_of(index)):
            label = label_of(shape, self._rules.table.label_of_category)
            if label is not None and not shape.is_crowd:
                masks[label] = masks.get(label, np.zeros(size, dtype=bool)) | sampled(mask, size)
        label_count = sum((mask.astype(np.int64) for mask in masks.values()), np.zeros(size, dtype=np.int64))
        return {label for label, mask in masks.items() if (mask & (label_count == 1)).sum() >= LEAST_SEEN_PX}

    def _boxed_count(self, _index: int, objects: Ints) -> int:
        """Return how many of some objects have at least a pixel of their box in the image."""
        return int(self._has_box_inside[objects].sum())

    def _outlined_count(self, index: int, objects: Ints) -> int:
        """Return how many of some objects cover enough of the image, or of those without a mask have a box in it."""
        masked = objects[self._annotations.has_mask(objects)]
        bare_count = int(self._has_box_inside[np.setdiff1d(objects, masked)].sum())
        return bare_count + sum(int(mask.sum()) >= LEAST_DRAWN_PX for _, mask in self._masks(index, masked))


def _stored_flaws(data: bytes, *, size: Size, map_flaws: Callable[[ShownMap], list[str]]) -> list[str]:
    """Say in what a file is not as planned that must be a map of a size."""
    try:
        shown = stored_map(data)
    except (OSError, ValueError, SyntaxError):  # what Pillow raises for a damaged PNG
        return ["that cannot be read as an image"]
    return [_of_another_size(size)] if shown is None else map_flaws(shown)


def _of_another_size(size: Size) -> str:
    return f"not of {size.width} x {size.height} px"
