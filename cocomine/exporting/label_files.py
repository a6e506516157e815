"""What do the label files of one image hold, in all formats that have a file for each image?

From one decoding of its annotations, and only of those whose class is in some format. Every format takes its classes
from the same table and its objects in the same order. What a format cannot carry is counted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import DatasetImage, Split
from cocomine.coco.masks import Shape
from cocomine.coco.paint_order import painting_orders
from cocomine.coco.size import Size
from cocomine.exporting.formats.label_png import palette, runs_png
from cocomine.exporting.formats.pascal_voc import voc_annotation, voc_objects, voc_tally
from cocomine.exporting.formats.voc_masks import has_value_for_each, is_drawable, voc_masks, voc_palette
from cocomine.exporting.formats.yolo import YoloLabels, yolo_boxes, yolo_labels
from cocomine.exporting.layout import image_place, inside_name, label_place, voc_place, yolo_place
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.exporting.planning.voc_names import voc_name, voc_names_splits
from cocomine.exporting.shown_map import ShownMap, painted_map
from cocomine.labels.label_map import LabelMap, ordered_label_maps
from cocomine.labels.map_runs import map_runs
from cocomine.labels.map_size import map_size
from cocomine.labels.table import LabelTable
from cocomine.mining.selection.recipe import YOLO_DETECT, MaskShape

LABEL_MAPS, YOLO_TEXTS, YOLO_BOXES = "Label maps", "YOLO texts", "YOLO texts with boxes"
VOC_FILES, VOC_MASKS = "VOC files", "VOC masks"
"""What is counted together, in the plural."""
PAINTED_FORMATS = frozenset({"masks", "voc"})


@dataclass(frozen=True, kw_only=True)
class LabelRules:
    """What decides the label files of every image of an export.

    Attributes:
        names_splits: Pascal VOC's names begin with that of the split, see `planning.voc_names`.
        split_folders: what Roboflow, Pascal VOC and Hugging Face call each split, by format.
    """

    formats: tuple[str, ...]
    table: LabelTable
    mask_shape: MaskShape
    size_px: int
    names_splits: bool
    split_folders: Mapping[str, Mapping[str, str]]

    def map_size(self, native: Size) -> Size:
        """Return the size of the label map of an image."""
        return map_size(native, self.mask_shape, size_px=self.size_px)

    @cached_property
    def colours(self) -> bytes:
        """The palette of the label maps."""
        return palette(self.table)

    @cached_property
    def voc_colours(self) -> bytes:
        """The palette of Pascal VOC's masks."""
        return voc_palette()


def label_rules(plan: ExportPlan) -> LabelRules:
    """Return what decides the label files of a plan."""
    recipe = plan.recipe
    return LabelRules(
        formats=recipe.formats,
        table=plan.table,
        mask_shape=recipe.mask_shape,
        size_px=recipe.size_px,
        names_splits=voc_names_splits(plan.parts),
        split_folders=plan.split_folders(),
    )


def image_places(split: str, name: str, rules: LabelRules) -> list[str]:
    """Return where an image's file is in an export, first where the COCO file looks for it, then in other layouts."""
    voc, folders = voc_name(split, name, names_splits=rules.names_splits), rules.split_folders
    first, inside = image_place(split, name), inside_name(name)
    places = {
        "roboflow": f"roboflow/{folders['roboflow'][split]}/{inside}",
        YOLO_DETECT: f"{YOLO_DETECT}/{first}",
        "voc": voc_place("JPEGImages", voc),
        "hf": f"hf/{folders['hf'][split]}/{inside}",
    }
    return [first, *(places[each] for each in rules.formats if each in places)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFiles:
    """The label files of one image, of one format or of all.

    Attributes:
        data: of each file by its place.
        maps: what those of the files show that are maps, as it was painted.
        tallies: by format, how many annotations are in it in which way, or why not.
    """

    data: dict[str, bytes]
    maps: dict[str, ShownMap] = field(default_factory=dict)
    tallies: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    """An image whose annotations are decoded.

    Attributes:
        name: of the image in the export.
        shapes: those whose class the table names, in file order.
        painted: the same as they are painted, where any format asks for that.
        labels: the label map, where any format asks for that.
    """

    image: DatasetImage
    name: str
    shapes: list[Shape]
    painted: list[Shape]
    labels: LabelMap | None
    rules: LabelRules


def label_files(split: Split, names: Sequence[str], rules: LabelRules) -> list[LabelFiles]:
    """Return the label files of all images of a split.

    Args:
        split: of few images, which are decoded together.
        names: of the images in the export, in the order of the split.
    """
    return [_files_of(decoded) for decoded in _decoded(split, names, rules)]


def _decoded(split: Split, names: Sequence[str], rules: LabelRules) -> list[_Decoded]:
    images = [split.image_at(index) for index in range(len(names))]
    shapes, natives = drawn_shapes(split, rules.table), [image.size for image in images]
    painted: list[list[Shape]] = [[] for _ in images]
    labels: list[LabelMap | None] = [None for _ in images]
    if PAINTED_FORMATS & {*rules.formats}:
        painted = painting_orders(shapes, natives)
    if "masks" in rules.formats:
        sizes = [rules.map_size(native) for native in natives]
        labels[:] = ordered_label_maps(painted, rules.table.label_of_category, natives=natives, sizes=sizes)
    rows = zip(images, names, shapes, painted, labels, strict=True)
    return [
        _Decoded(image=image, name=name, shapes=drawn, painted=ordered, labels=map_, rules=rules)
        for image, name, drawn, ordered, map_ in rows
    ]


def _files_of(decoded: _Decoded) -> LabelFiles:
    of_format = {"masks": _label_map, "yolo": _outlines, YOLO_DETECT: _boxes, "voc": _voc}
    each = [of_format[format_name](decoded) for format_name in decoded.rules.formats if format_name in of_format]
    return LabelFiles(
        data={place: data for files in each for place, data in files.data.items()},
        maps={place: shown for files in each for place, shown in files.maps.items()},
        tallies={name: tally for files in each for name, tally in files.tallies.items()},
    )


def label_places(image: DatasetImage, name: str, rules: LabelRules) -> dict[str, list[tuple[str, str]]]:
    """Return what kind of file is where for an image, by format: without looking at its annotations."""
    split, outlines = image.split.name, yolo_place(image.split.name, name)
    voc = voc_name(image.split.name, name, names_splits=rules.names_splits)
    masks = [(VOC_MASKS, voc_place(what, voc)) for what in ("SegmentationClass", "SegmentationObject")]
    places = {
        "masks": [(LABEL_MAPS, label_place(split, name))],
        "yolo": [(YOLO_TEXTS, outlines)],
        YOLO_DETECT: [(YOLO_BOXES, f"{YOLO_DETECT}/{outlines}")],
        "voc": [
            (VOC_FILES, voc_place("Annotations", voc)),
            *(masks if has_voc_masks(image, rules) else []),
        ],
    }
    return {each: places[each] for each in rules.formats if each in places}


def has_voc_masks(image: DatasetImage, rules: LabelRules) -> bool:
    """Return whether an image has masks for Pascal VOC."""
    return has_value_for_each(rules.table) and is_drawable(image.size)


def drawn_shapes(split: Split, table: LabelTable) -> list[list[Shape]]:
    """Return the annotations of each image whose class the table names, and what is ignored, in file order, decoded."""
    is_drawn = _is_named(split, table)[split.annotations.category_index]
    if split.left_out is not None:
        is_drawn |= split.left_out
    every = map(split.annotations_of_image, range(len(split.images)))
    return split.shapes_of_each([index[is_drawn[index]] for index in every])


def _is_named(split: Split, table: LabelTable) -> Bools:
    labels = table.label_of_category
    return np.array([each in labels for each in split.category_ids], dtype=bool)


def _label_map(decoded: _Decoded) -> LabelFiles:
    assert decoded.labels is not None  # noqa: S101 - for the type checker; the format is in the rules
    place, runs = label_place(decoded.image.split.name, decoded.name), map_runs(decoded.labels)
    return LabelFiles(data={place: runs_png(runs, decoded.rules.colours)}, maps={place: painted_map(runs)})


def _outlines(decoded: _Decoded) -> LabelFiles:
    labels = yolo_labels(decoded.shapes, decoded.rules.table, native=decoded.image.size)
    return _yolo("yolo", labels, yolo_place(decoded.image.split.name, decoded.name))


def _boxes(decoded: _Decoded) -> LabelFiles:
    labels = yolo_boxes(decoded.shapes, decoded.rules.table, native=decoded.image.size)
    return _yolo(YOLO_DETECT, labels, f"{YOLO_DETECT}/{yolo_place(decoded.image.split.name, decoded.name)}")


def _yolo(format_name: str, labels: YoloLabels, place: str) -> LabelFiles:
    tally = Counter({str(how): count for how, count in labels.outlinings.items()})
    return LabelFiles(data={place: labels.text.encode()}, tallies={format_name: tally})


def _voc(decoded: _Decoded) -> LabelFiles:
    image, rules, shapes = decoded.image, decoded.rules, decoded.shapes
    objects, has_masks = voc_objects(shapes, rules.table, image.size), has_voc_masks(image, rules)
    name = voc_name(image.split.name, decoded.name, names_splits=rules.names_splits)
    image_file = voc_place("JPEGImages", name)
    text = voc_annotation(objects, rules.table, image_path=image_file, native=image.size, has_masks=has_masks)
    data, maps = {voc_place("Annotations", name): text.encode()}, dict[str, ShownMap]()
    if has_masks:
        numbers = {shape.annotation_id: number for number, (shape, _) in enumerate(objects, start=1)}
        painted = voc_masks(decoded.painted, rules.table, native=image.size, numbers=numbers)
        for what, runs in zip(("SegmentationClass", "SegmentationObject"), painted, strict=True):
            place = voc_place(what, name)
            data[place], maps[place] = runs_png(runs, rules.voc_colours), painted_map(runs)
    tally = voc_tally(shapes, objects, rules.table, has_masks=has_masks)
    return LabelFiles(data=data, maps=maps, tallies={"voc": tally})
