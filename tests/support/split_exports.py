"""An export of two splits to train on, with a flaw where a test wants one."""

from pathlib import Path
from typing import Any

from records import CAT, Record, annotation, document, write_split

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import Recipe, sources_of
from cocomine.mining.selection.selection import Selection

WITHOUT_CUPS = document(annotations=[annotation(1, 7, CAT), annotation(2, 11, CAT)])


def exported(
    root: Path,
    *,
    train: Record | None = None,
    val: Record | None = None,
    names: tuple[str, str] = ("train", "val"),
    classes: tuple[str, ...] = ("cat", "cup"),
    without: str | None = None,
    **recipe: Any,
) -> Path:
    """Write a dataset of two splits, the first one without an image file, and export it."""
    for name, value in zip(names, (train or document(), val or document()), strict=True):
        write_split(root / "data", value, split=name)
    if without is not None:
        next(path for path in (root / "data").rglob(without) if names[0] in path.parts).unlink()
    dataset = open_dataset(root / "data")
    settings: Any = {"dataset_name": str(dataset.path), "sources": sources_of(dataset), "size_px": 32} | recipe
    write_export(plan_export(dataset, Recipe(selection=Selection(classes=classes), **settings)), root / "export")
    return root / "export"
