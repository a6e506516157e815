"""An export of many images, classes, objects and odd outlines, by which it is seen what is done where there is much."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from recorded_dataset import compressed, pixels, rle, stored_png
from recorded_exports import in_words, manifest_text, planned
from recordings import Sections, drawn_png
from records import Record, annotation, category, document, image, rectangle, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.formats.label_png import label_png
from cocomine.exporting.formats.run_deflate import adler32_of_runs, zlib_of_runs
from cocomine.exporting.formats.voc_masks import voc_palette
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import FORMATS
from cocomine.mining.selection.selection import Others, Selection

SIZE: dict[str, Any] = {"width": 160, "height": 120}
CLASS_COUNT, IMAGE_COUNT, EXCLUDED_COUNT, SAME_COUNT, CROWDED_COUNT = 24, 36, 22, 5, 300
SHAPES, CROWDED, LARGE, BARE = 501, 502, 503, 504
"""Ids of the images with odd outlines, with very many objects, too large for masks, with nothing that is drawn."""


def block(left: int, top: int, width: int, height: int) -> NDArray[np.bool_]:
    """A mask of a block of pixels, (height, width)."""
    mask = np.zeros((SIZE["height"], SIZE["width"]), dtype=bool)
    mask[top : top + height, left : left + width] = True
    return mask


BARS = [rectangle(40, 4, 24, 4), rectangle(40, 24, 24, 4), rectangle(40, 4, 4, 24), rectangle(60, 4, 4, 24)]
SPECKS = block(100, 40, 12, 12) & (np.indices((120, 160)).sum(axis=0) % 2 == 0)
NESTED = block(120, 40, 30, 30) & ~block(124, 44, 22, 22) | block(130, 50, 10, 10)
OUTLINES: dict[str, Any] = {
    "a U over the left border": [[-9, 4, 20, 4, 20, 10, -5, 10, -5, 18, 20, 18, 20, 24, -9, 24]],
    "a star": [[80, 2, 87, 24, 68, 10, 92, 10, 73, 24]],
    "three squares": [rectangle(100, 4, 6, 6), rectangle(116, 4, 6, 6), rectangle(108, 20, 6, 6)],
    "two squares with one corner": [rectangle(130, 4, 8, 8), rectangle(138, 12, 8, 8)],
    "four bars around a hole": BARS,
    "a line": [[4, 40, 30, 40, 30, 40, 4, 40]],
    "two points": [[4, 44, 9, 49]],
    "outside": [rectangle(200, 10, 9, 9)],
    "half a pixel": [rectangle(10.2, 50.2, 0.5, 0.5)],
    "a line and a square": [[4, 60, 30, 60, 4, 60], rectangle(10, 66, 9, 9)],
    "a square outside, one over the border": [rectangle(150, 110, 20, 20), rectangle(190, 110, 5, 5)],
    "two over the border": [rectangle(-5, 100, 12, 9), rectangle(-5, 112, 12, 20)],
    "all of the image": [rectangle(0, 0, 160, 120)],
    "more than the image": [rectangle(-1, -1, 170, 130)],
    "specks": rle(SPECKS),
    "nested": compressed(NESTED),
    "no pixel": rle(np.zeros((120, 160), dtype=bool)),
    "a pixel": rle(block(50, 60, 1, 1)),
    "no mask": [],
}
BOXES: tuple[list[float], ...] = (
    [60, 60, 10, 12.5],
    [-4, 90, 10, 8],
    [155, 60, 20, 9],
    [300, 60, 9, 9],
    [60.5, 80, 0, 9],
    [60, 90.5, 9, 0],
    [60, 95, -1, 9],
    [10, 30, 3.0000004, 3],
)


def recorded_many(folder: Path) -> Sections:
    """Return what is recorded of the export.

    Args:
        folder: where dataset and export go.
    """
    dataset, out = _written(folder / "many data"), folder / "many"
    excluded = tuple(("train", 1000 + number) for number in range(EXCLUDED_COUNT))
    reasons = tuple((each, f"reason {each[1] % 21:02}") for each in excluded)
    classes = tuple(f"class {number:02}" for number in range(CLASS_COUNT))
    selection = Selection(classes=classes, others=Others.MERGE)
    plan = planned(
        dataset, selection=selection, excluded=excluded, reasons=reasons, formats=FORMATS, images="copy", size_px=48
    )
    phases: list[str] = []
    manifest = write_export(plan, out, progress=lambda phase: lambda *done: phases.append(f"{phase} {done}"), workers=1)
    shown = [path for place in ("labels", "voc", "yolo-detect") for path in (out / place).rglob("shapes.*")]
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(shown)}
    of_all = hashlib.sha256(json.dumps(manifest["files"]).encode()).hexdigest()
    return {
        "in words": in_words(plan, manifest, folder),
        "progress": "\n".join(phases) + "\n",
        "README.md": (out / "README.md").read_text(encoding="utf-8"),
        "manifest.json": manifest_text(manifest | {"files": []}) + f"{len(manifest['files'])} files: {of_all}\n",
        **{path: drawn_png(data) if path.endswith(".png") else data.decode() for path, data in files.items()},
        "crowded": _objects_shown(out / "voc" / "SegmentationObject" / "crowded.png"),
        "streams": _streams(),
    }


def _written(folder: Path) -> Dataset:
    categories = [category(number, f"class {number:02}") for number in range(CLASS_COUNT)]
    categories.append(category(99, "other"))
    train = [image(number, f"{number:02}.png", license=4, **SIZE) for number in range(IMAGE_COUNT)]
    more = [image(1000 + number, f"x{number}.png", **SIZE) for number in range(EXCLUDED_COUNT)]
    objects = [
        annotation(10 * each["id"] + turn, each["id"], (each["id"] * (1 + 4 * turn)) % CLASS_COUNT, box)
        for each in (*train, *more)
        for turn, box in enumerate([(10, 10, 40 + each["id"] % 7, 30), (30, 20, 60, 50 - each["id"] % 5)])
    ]
    special = [image(SHAPES, "shapes.png", **SIZE), image(CROWDED, "crowded.png", **SIZE)]
    special.append(image(LARGE, "large.png", width=12_000, height=12_000))
    special.append(image(BARE, "bare.png", **SIZE))
    objects += [*_odd_objects(), *_crowd(), annotation(90_000, LARGE, 3, (100, 100, 9000, 9000))]
    objects.append(annotation(90_001, BARE, 3, (10, 10, 40, 40), segmentation=OUTLINES["no pixel"]))
    val = [image(number, f"v{number:02}.png", **SIZE) for number in range(IMAGE_COUNT // 2)]
    val_objects = [annotation(number + 1, number, number % CLASS_COUNT, (5, 5, 70, 60)) for number in range(len(val))]
    write_split(folder, document([*train, *more, *special], objects, categories), split="train", pictures=False)
    write_split(folder, document(val, val_objects, categories), split="val", pictures=False)
    for number in range(SAME_COUNT):
        for path in (f"train/{number:02}.png", f"val/v{number:02}.png"):
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_bytes(stored_png(pixels(number)))
    return open_dataset(folder)


def _odd_objects() -> list[Record]:
    outlined: list[Record] = [
        {"id": 70_000 + number, "image_id": SHAPES, "category_id": number % CLASS_COUNT, "segmentation": shape}
        for number, shape in enumerate(OUTLINES.values())
    ]
    boxed = [annotation(71_000 + number, SHAPES, 99, box, segmentation=None) for number, box in enumerate(BOXES)]
    return [*outlined, *boxed]


def _crowd() -> list[Record]:
    places = [divmod(number, 20) for number in range(CROWDED_COUNT)]
    return [
        annotation(80_000 + number, CROWDED, 2, (8 * column, 8 * row, 7, 7))
        for number, (row, column) in enumerate(places)
    ]


def _objects_shown(path: Path) -> str:
    """Return how many pixels each value of a mask has."""
    with Image.open(path) as mask:
        counts = np.bincount(np.asarray(mask).ravel())
    return " ".join(f"{value}:{counts[value]}" for value in np.flatnonzero(counts)) + "\n"


def _streams() -> str:
    """Return hashes of streams of runs of every length up to 700, and of PNGs of wide maps."""
    lengths = np.arange(1, 701)
    values = (lengths * 7 % 256).astype(np.uint8)
    wide = np.repeat((np.arange(90) % 5).astype(np.uint8), 30).reshape(3, 900)
    made = [
        *(zlib_of_runs(values[start::step], lengths[start::step]) for start, step in ((0, 1), (3, 10), (257, 258))),
        zlib_of_runs(np.array([0], dtype=np.uint8), np.array([5_000_000])),
        label_png(wide, voc_palette()),
    ]
    lines = [f"{len(data)} {hashlib.sha256(data).hexdigest()}" for data in made]
    return "\n".join([*lines, str(adler32_of_runs(values, lengths))]) + "\n"
