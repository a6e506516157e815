"""Measure how long the parts of a run take here: `python -m cocomine.training.speed_trial CONFIG WORKSPACE BEGAN`.

A few images of the export are prepared, trained on and evaluated by the same functions as in the run, in a folder that
is removed afterwards. Nothing of it stays but the times.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import torch

from cocomine.exporting.reading import Export, native_label_map
from cocomine.system.cores import computing_threads
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import serve_parent
from cocomine.training.data import SplitArrays, prepare_arrays, shuffled_images
from cocomine.training.evaluation import evaluate
from cocomine.training.model import Model, build_model
from cocomine.training.provenance import provenance_of
from cocomine.training.resources import resources_of
from cocomine.training.run_data import TrainingData, opened_export
from cocomine.training.run_files import RunFiles
from cocomine.training.run_info import run_info
from cocomine.training.runs.config import TrainingConfig, config_from_json
from cocomine.training.runs.reading import BEST
from cocomine.training.runs.speed import Speed
from cocomine.training.step import train_step
from cocomine.workspace import Workspace

TRAINING_IMAGES, VALIDATION_IMAGES = 24, 8
LONGEST_S, MOST_STEPS = 4.0, 8
"""No further step begins after either."""
PARTS = ("opening", "preparing", "training", "evaluating")
T = TypeVar("T")


def trial(config: TrainingConfig, workspace: Workspace, progress: Progress, *, began: float) -> Speed:
    """Return how long the parts of a run with these settings take.

    Args:
        config: Of the run.
        workspace: Where weights are looked for.
        progress: Gets how far it is, in parts of the trial.
        began: When this process was started, in seconds since the epoch.

    Raises:
        CocomineError: the export or the weights cannot be used.
    """
    progress(0, len(PARTS))
    torch.set_num_threads(computing_threads())
    export = opened_export(config)
    opened_s = time.time() - began  # loading PyTorch is the longest part of it
    progress(1, len(PARTS))
    with tempfile.TemporaryDirectory(prefix="cocomine-speed-") as folder:
        data, prepared_s = _timed(lambda: _few_images(export, Path(folder)))
        model, built_s = _timed(lambda: build_model(config, data, None, resources=resources_of(workspace)))
        progress(2, len(PARTS))
        step_s = _step_s(model, data.train, config)
        progress(3, len(PARTS))
        evaluated_s = _evaluated_image_s(model, data)
        files = RunFiles(folder=Path(folder), config=config, data=data, model=model, info=run_info(config, data, model))
        _, written_s = _timed(lambda: files.write_weights(BEST, 0))
    return Speed(
        start_s=opened_s + built_s,
        prepared_image_s=prepared_s / (len(data.train.image_ids) + len(data.val.image_ids)),
        step_s=step_s,
        evaluated_image_s=evaluated_s,
        written_network_s=written_s,
        device=str(model.device),
    )


def _few_images(export: Export, folder: Path) -> TrainingData:
    train = shuffled_images(export.train_split, TRAINING_IMAGES)
    val = shuffled_images(export.val_split, VALIDATION_IMAGES)
    arrays = [
        prepare_arrays(export, images, folder=folder, split_name=name, progress=lambda *_: None)
        for images, name in ((train, "train"), (val, "val"))
    ]
    return TrainingData(
        export=export,
        provenance=provenance_of(export),
        train=arrays[0],
        val=arrays[1],
        val_split=export.val_split,
        val_images=val,
        notices=(),
    )


def _step_s(model: Model, arrays: SplitArrays, config: TrainingConfig) -> float:
    train_step(model, arrays, config, 0)  # the first one also takes its memory
    spent_s: list[float] = []
    while len(spent_s) < MOST_STEPS and sum(spent_s) < LONGEST_S:
        _, once_s = _timed(lambda: train_step(model, arrays, config, 1 + len(spent_s)))
        spent_s.append(once_s)
    return sum(spent_s) / len(spent_s)


def _evaluated_image_s(model: Model, data: TrainingData) -> float:
    split = data.export.val_split

    def evaluated() -> None:
        evaluate(
            model.network,
            data.val,
            lambda image_id: native_label_map(split, image_id),
            prior=data.prior_mask(),
            on_image=lambda *_: None,
        )

    _, spent_s = _timed(evaluated)
    return spent_s / len(data.val.image_ids)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    began = time.monotonic()
    return work(), time.monotonic() - began


def main(arguments: Sequence[str]) -> None:
    """Measure and tell: CONFIG as JSON, WORKSPACE, BEGAN in seconds since the epoch."""
    settings, root, began = arguments

    def measured(progress: Progress) -> object:
        config = config_from_json(json.loads(settings), where="the settings")
        return msgspec.to_builtins(trial(config, Workspace(root=Path(root)), progress, began=float(began)))

    serve_parent(measured)


if __name__ == "__main__":
    main(sys.argv[1:])
