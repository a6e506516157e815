"""Exports of one dataset by recipes that differ, each as the text that is recorded of it."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from recorded_dataset import LONG_NAME, ODD_NAME, write_recorded_dataset
from recordings import Sections, drawn_png, indented, json_lines, without_repetition

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.example_paths import example_paths, tree_text
from cocomine.exporting.file_tree import file_tree
from cocomine.exporting.formats.attribution import licence_counts_of
from cocomine.exporting.planning.alike_images import Likeness, across_sentence, alike_images, keeping_together
from cocomine.exporting.planning.plan import ExportPlan, export_summary, missing_sentence, needed_bytes, plan_export
from cocomine.exporting.reading import export_name
from cocomine.exporting.snippets import snippets
from cocomine.exporting.task import export_request, phase_weights
from cocomine.exporting.verification import verified_sentence
from cocomine.exporting.writing import needed_space, write_export
from cocomine.exporting.zipping import plan_zip, zip_blocks
from cocomine.mining.selection.division import Division, Fold, SplitMethod
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.recipe import FORMATS, MaskShape, Recipe, sources_of
from cocomine.mining.selection.selection import Mode, Others, Selection, select
from cocomine.system.jobs import Progress

SHEET = "contact_sheet.jpg"
NEAR = (SHEET,)
"""What JPEG makes, by which no two builds agree to the last bit."""
IMAGE_ENDINGS = {".jpg", ".png"}
PAPER, OFF_PAPER = 238, 60
ALSO_OPENED = {"all-formats", "kept-native", "listed"}
"""Recipes of which it is recorded, too, how the export is opened and packed."""
TRAIN = ("train2017",)
ALL = Selection(classes=("cat", "cup"))
ODD = Selection(classes=(ODD_NAME, LONG_NAME, "dog", "cup"), others=Others.BACKGROUND)
GROUPS = (ClassGroup(name="pet", members=("dog", "cat")), ClassGroup(name="mug", members=("cup",)))
EXCLUDED: dict[str, Any] = {
    "excluded": (("train2017", 30), ("train2017", 42), ("train2017", 15), ("val2017", 3)),
    "reasons": ((("train2017", 42), "blurred | twice"), (("train2017", 15), "blurred | twice"), (("val2017", 3), "a")),
}
RECIPES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "all-formats": ((), {"selection": ALL, "formats": FORMATS, "images": "copy", "size_px": 32} | EXCLUDED),
    "odd-names": (
        (),
        {"selection": ODD, "formats": FORMATS, "size_px": 40, "mask_shape": MaskShape.LONGEST, "images": "link"},
    ),
    "kept-native": (
        (),
        {
            "selection": Selection(classes=("dog",), excluded_classes=("cat",), others=Others.KEEP),
            "formats": ("masks", "yolo", "voc"),
            "mask_shape": MaskShape.NATIVE,
            "images": "symlink",
            "roles": (("train2017", SplitRole.VAL), ("val2017", SplitRole.VAL)),
        },
    ),
    "merged-all": (
        (),
        {
            "selection": Selection(classes=("cup", "cat"), mode=Mode.ALL, others=Others.MERGE),
            "formats": ("coco", "masks", "roboflow", "hf", "mined", "yolo-detect"),
            "images": "none",
        },
    ),
    "ignored-only": (
        TRAIN,
        {
            "selection": Selection(
                classes=("cat", "cup"),
                mode=Mode.ONLY,
                others=Others.IGNORE,
                licences=("Attribution License", "not named"),
            ),
            "formats": ("masks", "yolo", "mined"),
            "size_px": 33,
            "roles": (("train2017", SplitRole.TEST),),
        },
    ),
    "ignored-limits": (
        TRAIN,
        {
            "selection": Selection(
                classes=("dog", "cup"),
                others=Others.IGNORE,
                limits=Limits(min_area_px=30, crowd=Crowd.IGNORE, negatives=0.25, seed=3),
            ),
            "formats": FORMATS,
            "images": "copy",
            "size_px": 32,
            "division": Division(val_share=0.3, test_share=0.2, seed=5),
        },
    ),
    "groups-fold": (
        TRAIN,
        {
            "selection": Selection(classes=("pet", "mug"), groups=GROUPS, others=Others.MERGE),
            "formats": ("coco", "masks", "mined", "hf", "voc"),
            "size_px": 32,
            "division": Division(fold=Fold(number=1, count=3), seed=1),
        },
    ),
    "balanced-rarest-class": (
        TRAIN,
        {
            "selection": Selection(
                classes=("cat", "cup", "dog"), limits=Limits(balance=1.5, cap=3, counted=Counted.OBJECTS, seed=2)
            ),
            "formats": ("coco",),
            "images": "none",
            "division": Division(method=SplitMethod.RAREST_CLASS, val_share=0.4),
        },
    ),
    "capped-val-from": (
        (),
        {
            "selection": Selection(classes=("cat", "cup"), limits=Limits(cap=2)),
            "formats": ("yolo-detect",),
            "division": Division(val_from="train2017", val_share=0.5),
        },
    ),
    "listed": (
        (),
        {
            "selection": ALL,
            "formats": ("coco", "yolo"),
            "images": "none",
            "division": Division(
                method=SplitMethod.LISTED,
                listed=(("val", (("val2017", 2), ("val2017", 11))), ("train", (("train2017", 14), ("train2017", 7)))),
            ),
        },
    ),
}


def recorded_dataset(folder: Path, splits: tuple[str, ...] = ()) -> Dataset:
    """Return the dataset, written where it is not there yet, with these splits or all."""
    if not folder.exists():
        write_recorded_dataset(folder)
    return open_dataset(folder, splits=splits or None)


def planned(dataset: Dataset, **fields: Any) -> ExportPlan:
    """Return the plan of a recipe on the dataset; what it divides stays together where images are equal."""
    recipe = Recipe(dataset_name=dataset.path.name, sources=sources_of(dataset), **fields)
    if recipe.division.method is SplitMethod.ITERATIVE:
        subset = select(dataset, recipe.selection, recipe.excluded)
        recipe = keeping_together(recipe, alike_images(subset, Likeness.FILES, lambda *_: None))
    return plan_export(dataset, recipe, min_images=3)


def recorded_export(name: str, folder: Path) -> Sections:
    """Write an export and return all that is recorded of it.

    Args:
        name: of the recipe.
        folder: with the dataset, and where the export goes.
    """
    splits, fields = RECIPES[name]
    plan, out = planned(recorded_dataset(folder / "recorded data", splits), **fields), folder / name
    phases: list[str] = []

    def begin(phase: str) -> Progress:
        return lambda done, total: phases.append(f"{phase} {done} of {total}")

    manifest = write_export(plan, out, progress=begin, workers=1)
    files = {path.relative_to(out).as_posix(): path for path in sorted(out.rglob("*")) if path.is_file()}
    sections: Sections = {"in words": in_words(plan, manifest, folder), "progress": "\n".join(phases) + "\n"}
    sections |= {path: text for path, file in files.items() if (text := _file_text(path, file.read_bytes()))}
    licences = licence_counts_of((out / "ATTRIBUTION.csv").read_text(encoding="utf-8"))
    sections["licences"] = "".join(f"{each}\n" for each in licences)
    if name in ALSO_OPENED:
        opened = snippets(Path("/exports/1"), plan.recipe, manifest)
        sections["snippets"] = "\n\n".join(f"# {each.tool}, {each.package}\n{each.code}" for each in opened)
        sections |= {"all files": _tree(manifest), "zip": _zip_text(out)}
    return without_repetition(sections)


def _file_text(path: str, data: bytes) -> str:
    """Return what is recorded of a file: texts as they are; "" of the image files, which are the dataset's own."""
    ending = Path(path).suffix
    if path == SHEET:
        return _sheet_text(data)
    if ending in IMAGE_ENDINGS:
        return "" if "mages/" in path or path.startswith(("hf/", "roboflow/")) else drawn_png(data)
    text = data.decode()
    if path == "manifest.json":
        return manifest_text(json.loads(text))
    return json_lines(text) if ending == ".json" else text


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return a manifest, one file a line with its size and how its hash begins; without both where JPEG made it."""
    files = [
        each["path"] if Path(each["path"]).suffix == ".jpg" else f"{each['path']} {each['size']} {each['sha256'][:12]}"
        for each in manifest["files"]
    ]
    return indented(manifest | {"files": files})


def _sheet_text(data: bytes) -> str:
    """Return of each place of a contact sheet which pixels are no paper, and their average colour."""
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image.convert("RGB"), dtype=np.int64)
    lines = [f"{pixels.shape[1]} x {pixels.shape[0]}, corner {pixels[0, 0].tolist()}"]
    is_image = np.abs(pixels - PAPER).max(axis=2) > OFF_PAPER
    for row, column in np.ndindex(2, 4):
        cell = np.s_[row * 196 + 2 : row * 196 + 198, column * 260 + 2 : column * 260 + 262]
        rows, columns = np.flatnonzero(is_image[cell].any(axis=1)), np.flatnonzero(is_image[cell].any(axis=0))
        if len(rows):
            colour = pixels[cell][is_image[cell]].mean(axis=0).round().astype(int).tolist()
            lines.append(
                f"{row} {column}: rows {rows[0]} to {rows[-1]}, columns {columns[0]} to {columns[-1]}, {colour}"
            )
    return "\n".join(lines) + "\n"


def in_words(plan: ExportPlan, manifest: dict[str, Any], folder: Path) -> str:
    """Return what is said of a plan and an export, and what its numbers are.

    Args:
        folder: on the disk of the export.
    """
    found = np.full(plan.subset.image_count, 1000)
    alike = alike_images(plan.subset, Likeness.NEAR_DUPLICATES, lambda *_: None)
    return indented(
        {
            "name": export_name(plan.recipe),
            "title": export_request(plan, Path("export")).title,
            "summary": export_summary(plan),
            "missing": missing_sentence(plan),
            "verified": verified_sentence(manifest),
            "needed": needed_space(plan, folder / "new", found),
            "linked": needed_bytes(plan, found, are_linked=True),
            "copied": needed_bytes(plan, found, are_linked=False),
            "copied to each place": needed_bytes(plan, found, are_linked=False, can_share=False),
            "weights": phase_weights(plan.recipe),
            "alike": [[f"{image.split.name} {image.file_name}" for image in images] for images in alike.sets],
            "unread": alike.unread_count,
            "across": [across_sentence(alike, each) for each in Likeness],
            "paths": {each: tree_text(paths).split("\n") for each, paths in example_paths(plan).items()},
        }
    )


def _tree(manifest: dict[str, Any]) -> str:
    rows = file_tree(
        [each | {"size": 1 if each["path"].endswith(".jpg") else each["size"]} for each in manifest["files"]]
    )
    return "".join(f"{'  ' * row.depth}{row.name} {row.file_count} {row.size_bytes} {row.is_folder}\n" for row in rows)


def _zip_text(folder: Path) -> str:
    """Return the files of an export's zip in their order, and what all of their headers say."""
    told, heads = list[str](), set[str]()
    plan = plan_zip(folder, progress=lambda done, total: told.append(f"{done}/{total}"))
    lines = [plan.file_name, f"{told[0]} to {told[-1]}"]
    data = b"".join(zip_blocks(plan))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for each in packed.infolist():
            size = "" if Path(each.filename).suffix == ".jpg" else f" {each.file_size}"
            lines.append(f"{each.filename} method {each.compress_type}{size}")
            versions = f"system {each.create_system}, versions {each.create_version} and {each.extract_version}"
            more = f"flags {each.flag_bits:#x}, mode {each.external_attr >> 16:o}, {each.external_attr & 0xFFFF}"
            heads.add(f"{each.date_time}, {versions}, {more}, {each.internal_attr} {each.extra!r} {each.comment!r}")
    lines += [f"first {data[:14].hex()}, last {data[-22:-10].hex()} {data[-2:].hex()}"]  # what does not hang on sizes
    return "\n".join([*lines, *sorted(heads)]).replace(f"{plan.name}/", ">/") + "\n"
