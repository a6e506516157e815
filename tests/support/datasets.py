"""Datasets and exports that tests write, in one call each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cocomine.coco.dataset import Dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import Recipe, sources_of
from cocomine.mining.selection.selection import Selection

MakeDataset = Callable[..., Dataset]
MakeFile = Callable[[str | bytes], Path]


def recipe_of(dataset: Dataset, selection: Selection | None = None, **more: Any) -> Recipe:
    """A recipe for cats and cups with small label maps and copied pictures, unless told otherwise."""
    fields: dict[str, Any] = {"size_px": 32, "images": "copy"} | more
    chosen = Selection(classes=("cat", "cup")) if selection is None else selection
    return Recipe(dataset_name=dataset.path.name, sources=sources_of(dataset), selection=chosen, **fields)


def export_of(dataset: Dataset, folder: Path, selection: Selection | None = None, **more: Any) -> dict[str, Any]:
    """Write an export and return its manifest."""
    return write_export(plan_export(dataset, recipe_of(dataset, selection, **more)), folder)


def files_in(folder: Path) -> dict[str, bytes]:
    """What each file of a folder holds, by its path in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
