"""How long will a run take on this computer?

Measured, not guessed: a process of its own prepares a few images of the export, takes a few steps and evaluates a few
images, all as the run will, and tells the times (`cocomine.training.speed_trial`). They are kept for as long as nothing
changes that decides them. A run's time is their sum; what it writes is counted in, other programs are not.
"""

import hashlib
import json
import math
import time
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from cocomine.exporting.layout import MANIFEST
from cocomine.system.cores import computing_threads
from cocomine.system.files import stamp_of, write_bytes
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to
from cocomine.system.subprocesses import run_in_subprocess
from cocomine.training.runs.config import TrainingConfig, config_as_json
from cocomine.workspace import Workspace

VERSION = 2
"""Of what is measured; to be raised when a run begins to do something else."""
Seconds = Annotated[float, Meta(ge=0, le=1e6)]
DECIDING = (
    "export",
    "encoder",
    "batch_size",
    "weights",
    "frozen_stages",
    "optimiser",
    "loss",
    "augment",
    "average_decay",
    "half_precision",
)
"""The settings that decide how long a step takes; the export decides size and number of labels."""


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """How long the parts of a run take here."""

    start_s: Seconds
    """To load PyTorch, open the export and build the network."""
    prepared_image_s: Seconds
    step_s: Seconds
    evaluated_image_s: Seconds
    written_network_s: Seconds
    """To write the weights once."""
    device: str


def run_time_s(config: TrainingConfig, speed: Speed, *, train_image_count: int, val_image_count: int) -> float:
    """Return how long a run takes that does not end early, in seconds.

    Args:
        config: its settings.
        speed: of the parts of such a run here.
        train_image_count: images of the export's training split.
        val_image_count: images of its validation split.
    """
    used = min(train_image_count, config.train_image_limit or train_image_count)
    shown = min(val_image_count, config.eval_image_limit or val_image_count)
    evaluations = math.ceil(config.steps / config.evaluate_every)  # before the last; the first is before any step
    evaluated = evaluations * shown + 2 * val_image_count  # at the end the last weights and the best, on all images
    return (
        speed.start_s
        + (used + val_image_count) * speed.prepared_image_s
        + config.steps * speed.step_s
        + evaluated * speed.evaluated_image_s
        + (evaluations + 3) * speed.written_network_s  # the best at most so often, and checkpoints of thrice their size
    )


def kept_speed(config: TrainingConfig, workspace: Workspace) -> Speed | None:
    """Return what was measured for such a run before; None where nothing was, or it cannot be read."""
    try:
        return msgspec.json.decode(_kept_at(config, workspace).read_bytes(), type=Speed)
    except (OSError, ValueError):
        return None


def measured_speed(config: TrainingConfig, workspace: Workspace, progress: Progress) -> Speed:
    """Measure how long the parts of such a run take, or return what was measured before.

    Args:
        config: its settings; the export is there.
        workspace: where it is kept, and where weights are looked for.
        progress: gets how far it is, in parts of the trial; what it raises ends it.

    Raises:
        DatasetError: the export or the weights cannot be used, or the process died.
        StorageError: the result cannot be kept.
    """
    if (kept := kept_speed(config, workspace)) is not None:
        return kept
    # The system's own time of a process's start is a guess, by tenths of a second off.
    arguments = [json.dumps(config_as_json(config)), str(workspace.root), str(time.time())]
    result = run_in_subprocess(
        "cocomine.training.speed_trial",
        arguments,
        progress,
        work="Measuring the speed",
        remedy="measure again",
        environment={"OMP_WAIT_POLICY": "passive"},  # as in the run's own process
    )
    speed = msgspec.convert(result, Speed)
    path = _kept_at(config, workspace)
    with writing_to(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, msgspec.json.encode(speed))
    return speed


def _kept_at(config: TrainingConfig, workspace: Workspace) -> Path:
    values = [getattr(config, name) for name in DECIDING]
    export = stamp_of((Path(config.export) / MANIFEST).stat())
    key = repr((VERSION, computing_threads(), export, values))
    return workspace.speeds / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
