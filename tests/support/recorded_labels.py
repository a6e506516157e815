"""What labels are and what becomes of objects in label maps, as the text that is recorded of it."""

from pathlib import Path

import numpy as np
from PIL import Image
from recorded_dataset import WIDTH
from recorded_exports import recorded_dataset
from recordings import Sections, drawn_map, drawn_png, indented, without_repetition
from records import annotation, category, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.errors import ExportError
from cocomine.exporting.relabelling import plan_relabelling, write_relabelling
from cocomine.labels.conflict import conflict_sentence, subset_conflict
from cocomine.labels.grey_values import relabel
from cocomine.labels.label_map import label_map, legend_rows
from cocomine.labels.lost_objects import (
    LostObjectCounts,
    by_class_sentence,
    images_with_crowd,
    label_map_report_of_image,
    label_map_sentence,
    lost_objects,
    lost_objects_sentence,
)
from cocomine.labels.map_runs import map_runs
from cocomine.labels.map_size import map_areas_px, map_size, map_size_words
from cocomine.labels.table import LabelTable, label_table
from cocomine.mining.selection.recipe import MaskShape
from cocomine.mining.selection.selection import Others, Selection, Subset, select

CLASSES = ("cat", "cup", "dog")
SIZES_PX = (8, 32)
GREYS = np.array([[0, 3, 1, 2], [2, 2, 255, 0], [3, 3, 3, 1]], dtype=np.uint8)
ODD_CLASSES = ("background", "other", "Other (merged)", "Background (no object)", "e")
LAST_ID = 2**31 - 1


class Told:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def __call__(self, done: int, total: int) -> None:
        self._told.append(f"{done}/{total}")

    def __str__(self) -> str:
        return " ".join(self._told)


def recorded_labels(folder: Path) -> Sections:
    """Return what is recorded of labels, by policy for the classes that are not selected.

    Args:
        folder: with the dataset, and where files of its own go.
    """
    dataset = recorded_dataset(folder / "recorded data")
    sections: Sections = {}
    for others in Others:
        subset = select(dataset, Selection(classes=CLASSES, others=others))
        sections |= {f"{others}: {what}": text for what, text in _of_subset(subset).items()}
    sections["conflict"] = _conflicts(dataset)
    sections["lost by class"] = _lost_by_class()
    sections["names and ids of our own"] = _odd_tables(folder / "odd names")
    sections["sizes"] = _sizes()
    sections["runs"] = _runs()
    return without_repetition(sections | _grey_values(folder / "masks"))


def _of_subset(subset: Subset) -> Sections:
    table = label_table(subset.dataset, subset.selection)
    images = [part.split.image_at(index) for part in subset.parts for index in part.image_index.tolist()]
    lines = []
    for found in images:
        for size_px in SIZES_PX:
            report = label_map_report_of_image(found, table, size=Size.square(size_px))
            lines.append(f"{found.split.name} {found.file_name}, {size_px} px. {label_map_sentence(report)}")
            lines.append(f"  claimed {report.claimed.contested_px} of {report.claimed.foreground_px}")
            lines += [
                f"  {each.annotation_id} of {each.category_id}: label {each.label}, "
                f"{each.kept_px} of {each.drawn_px} px, {each.lost_because or 'seen'}"
                for each in report.objects
            ]
    return {"table": _table_text(table), "objects": "\n".join(lines) + "\n", "lost": _lost(subset, table)}


def _table_text(table: LabelTable) -> str:
    rows = [f"{each.label} {each.name} {each.category_ids} {each.colour} {each.selected}" for each in table.labels]
    merged = table.merged_label and table.merged_label.name
    more = f"ignored {table.ignored_category_ids}, merged {table.merged_category_id} {merged}"
    return "\n".join([*rows, more, str(table.label_of_category), str(table.class_index_of_category)]) + "\n"


def _lost(subset: Subset, table: LabelTable) -> str:
    lines, names = [], {each.label: each.name for each in table.labels}
    for size_px, most_images in ((8, None), (32, None), (32, 3)):
        told = Told()
        counts = lost_objects(subset, told, size_px=size_px, most_images=most_images)
        lines += [lost_objects_sentence(counts, size_px), by_class_sentence(counts, names), str(told)]
        by_reason = {str(reason): each.tolist() for reason, each in counts.lost_counts.items()}
        lines.append(f"{counts.foreground_px.tolist()} {counts.contested_px.tolist()} {counts.object_counts.tolist()}")
        lines.append(f"{by_reason} {counts.lost_by_label} {counts.has_lost.tolist()} {counts.has_conflict.tolist()}")
    split = subset.parts[0].split
    first = split.image_at(int(subset.parts[0].image_index[1]))
    labels = label_map(first.shapes(), table.label_of_category, native=first.size, size=Size(16, 24))
    lines += [f"{row}" for row in legend_rows(table, labels)]
    return "\n".join([*lines, f"crowd {images_with_crowd(subset).tolist()}"]) + "\n" + drawn_map(labels)


def _lost_by_class() -> str:
    """Return what is said where many classes, few or one lose objects."""
    none = np.zeros(0, dtype=np.int64)
    names = {label: f"class {label}" for label in range(1, 9)}
    lost = {1: 4, 2: 1, 3: 9, 4: 4, 5: 1000, 6: 1, 7: 1, 8: 1}
    counts = [
        LostObjectCounts(
            foreground_px=none,
            contested_px=none,
            object_counts=none,
            lost_counts={},
            lost_by_label=dict(list(lost.items())[:count]),
        )
        for count in range(9)
    ]
    return "".join(f"{by_class_sentence(each, names)}\n" for each in counts)


def _conflicts(dataset: Dataset) -> str:
    """Return the conflict of samples, of which their seed says which images they are."""
    subset = select(dataset, Selection(classes=CLASSES))
    lines = []
    for most_images in (1, 2, 3, 5, 8, 12, 13):
        for size_px in (None, 16):
            told = Told()
            conflict = subset_conflict(subset, told, most_images=most_images, size_px=size_px)
            lines.append(f"{most_images} images, {size_px} px: {conflict_sentence(conflict)} {conflict.share} {told}")
    bare = select(dataset, Selection(classes=("unused",)))
    lines.append(conflict_sentence(subset_conflict(bare, lambda *_: None, most_images=3)))
    lines.append(str(subset_conflict(subset, lambda *_: None, most_images=100)))
    return "\n".join(lines) + "\n"


def _odd_tables(folder: Path) -> str:
    """Return tables of classes that have the names of ours, the largest id, or are too many."""
    ids = (1, 2, 3, 4, LAST_ID)
    records = [annotation(number, 1, each) for number, each in enumerate(ids, start=1)]
    named = [category(each, name) for each, name in zip(ids, ODD_CLASSES, strict=True)]
    dataset = open_dataset(write_split(folder, document([image(1)], records, named), pictures=False))
    texts = [
        _table_text(label_table(dataset, Selection(classes=(name,), others=others)))
        for name in ODD_CLASSES[:2]
        for others in (Others.KEEP, Others.MERGE)
    ]
    many = [category(number, f"class {number}") for number in range(1, 257)]
    crowded = open_dataset(write_split(folder, document([image(1)], [], many), split="many", pictures=False))
    texts += [_room(crowded, count) for count in (254, 255)]
    return "\n".join(texts)


def _room(dataset: Dataset, count: int) -> str:
    try:
        table = label_table(dataset, Selection(classes=dataset.category_names[:count]))
    except ExportError as error:
        return f"{error}\n"
    return f"{len(table.labels)} labels up to {table.labels[-1].label}\n"


def _sizes() -> str:
    natives = (Size(32, WIDTH), Size(40, 20), Size(1, 1000), Size(480, 640))
    widths, heights = np.array([each.width for each in natives]), np.array([each.height for each in natives])
    lines = []
    for shape in MaskShape:
        sizes = [tuple(map_size(native, shape, size_px=33)) for native in natives]
        areas = map_areas_px(widths, heights, shape, size_px=33).tolist()
        lines.append(f"{shape}: {sizes} {areas} {map_size_words(shape, size_px=33)}")
    return "\n".join(lines) + "\n"


def _runs() -> str:
    runs = map_runs(GREYS)
    values = np.arange(256, dtype=np.uint8)
    values[[1, 2, 3]] = 7, 7, 255
    lines = [
        f"{each.size} {each.starts.tolist()} {each.values.tolist()} {each.lengths.tolist()} {each.byte_count} "
        f"{sorted(each.shown)}"
        for each in (runs, runs.replaced(values))
    ]
    return "\n".join(lines) + "\n"


def _grey_values(folder: Path) -> Sections:
    """Return what grey values become, in memory and in files."""
    lines = []
    for values in ((3, 1, 0, 2), (0, 1, 2, 3, 255), (3, 1), (1, 1), (0, 256)):
        try:
            lines.append(f"{values}\n{drawn_map(relabel(GREYS, values))}")
        except ExportError as error:
            lines.append(f"{values}: {error}\n")
    (folder / "in" / "sub").mkdir(parents=True)
    Image.fromarray(GREYS).save(folder / "in" / "b.png")
    Image.fromarray(GREYS[:, :2] * 0 + 9).save(folder / "in" / "sub" / "a.bmp")
    told = Told()
    plan = plan_relabelling(folder / "in", names=("none", "one", "two", "three", "nine"))
    write_relabelling(plan, folder / "out", progress=told)
    files = {path.relative_to(folder / "out").as_posix(): path for path in sorted((folder / "out").rglob("*.*"))}
    return {
        "grey values": "".join(lines),
        "relabelling": indented({"values": plan.values, "ignored": plan.ignored_px, "told": str(told)}),
        **{
            path: drawn_png(file.read_bytes()) if path.endswith(".png") else file.read_text(encoding="utf-8")
            for path, file in files.items()
        },
    }
