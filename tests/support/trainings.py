"""An export of four images, and a run on it in this process."""

from collections.abc import Callable
from pathlib import Path

from records import CAT, annotation, document, write_split

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import Recipe, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.system.files import write_json
from cocomine.training.loop import train
from cocomine.training.runs.config import TrainingConfig, config_as_json
from cocomine.training.setup import Resources


def exported(root: Path, *, size_px: int = 32, classes: tuple[str, ...] = ("cat", "cup")) -> Path:
    """Write the four images as a training and a validation split, and export their cats and cups."""
    extra = annotation(107, 30, CAT, (3, 1, 9, 8))
    for split in ("train2017", "val2017"):
        value = document(annotations=(*document()["annotations"], extra))
        write_split(root / "data", value, split=split)
    dataset = open_dataset(root / "data")
    recipe = Recipe(
        dataset_name=str(root / "data"),
        sources=sources_of(dataset),
        selection=Selection(classes=classes),
        size_px=size_px,
    )
    write_export(plan_export(dataset, recipe), root / "export")
    return root / "export"


def run_in(folder: Path, config: TrainingConfig, stop: Callable[[], bool] = lambda: False) -> str:
    folder.mkdir(exist_ok=True)
    write_json(folder / "config.json", config_as_json(config))
    return train(folder, Resources(arrays_folder=folder.parent / "arrays", weights_files=()), stop)
