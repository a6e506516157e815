"""An export of four images, and a run on it in this process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from records import CAT, annotation, document, write_split

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.reading import Export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import Recipe, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.system.files import write_json
from cocomine.training.checkpoint import Checkpoint, read_checkpoint
from cocomine.training.loop import train
from cocomine.training.model import Model, build_model
from cocomine.training.resources import Resources
from cocomine.training.run_data import TrainingData, prepared_data
from cocomine.training.runs.config import TrainingConfig, config_as_json
from cocomine.training.runs.reporting import RunReport, SilentReport


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


def prepared(config: TrainingConfig, export: Export, root: Path, report: RunReport | None = None) -> TrainingData:
    """Prepare the arrays of a run below a folder."""
    report = report or SilentReport(root, steps=config.steps)
    return prepared_data(config, export, None, arrays_folder=root / "arrays", report=report)


def built(config: TrainingConfig, data: TrainingData, checkpoint: Checkpoint | None = None) -> Model:
    """Build the network of a run; no weights are at hand."""
    return build_model(config, data, checkpoint, resources=Resources(arrays_folder=Path(), weights_files=()))


def run_in(folder: Path, config: TrainingConfig, stop: Callable[[], bool] = lambda: False) -> str:
    folder.mkdir(exist_ok=True)
    write_json(folder / "config.json", config_as_json(config))
    return train(folder, Resources(arrays_folder=folder.parent / "arrays", weights_files=()), stop)


def run_until(folder: Path, config: TrainingConfig, step: int) -> str:
    """Train until a step is in the metrics, and return what became of the run."""
    metrics = folder / "metrics.jsonl"
    return run_in(folder, config, lambda: metrics.exists() and f'"step":{step},' in metrics.read_text())


def assert_same_end(first: Path, second: Path, config: TrainingConfig) -> None:
    """Two runs with these settings left the same bits: metrics, weights, and what they would go on from."""
    for name in ("metrics.jsonl", "best.safetensors", "last.safetensors"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    ends = [read_checkpoint(folder / "last.pt", config) for folder in (first, second)]
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0].state == ends[1].state
    for part in ("network", "optimiser", "average"):
        assert same(getattr(ends[0], part), getattr(ends[1], part)), part


def same(first: Any, second: Any) -> bool:
    """Whether two parts of checkpoints are the same bits."""
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list):
        return len(first) == len(second) and all(map(same, first, second))
    return torch.equal(first, second) if isinstance(first, torch.Tensor) else bool(first == second)
