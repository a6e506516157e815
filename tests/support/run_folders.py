"""The files of a training run as its process leaves them, without training anything."""

import json
import time
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from cocomine.system.own_process import this_process
from cocomine.training.runs.config import TrainingConfig, config_as_json, preset, read_config
from cocomine.training.runs.launching import start_run
from cocomine.training.runs.reading import CONFIG
from cocomine.training.runs.records import (
    EncoderWeights,
    EvalLine,
    FinalLine,
    MetricLine,
    RunInfo,
    RunLabel,
    Scores,
    Status,
    TrainLine,
    encoded_line,
    readable_json,
)

LABELS = [
    RunLabel(label=0, name="background", colour="#000000", selected=False),
    RunLabel(label=1, name="cat", colour="#aa0000", selected=True),
]
INFO = RunInfo(
    size_px=32,
    labels=LABELS,
    train_image_count=8,
    val_image_count=12,
    eval_image_count=12,
    train_split="train2017",
    val_split="val2017",
    export_manifest_sha256="a" * 64,
    dataset="tiny",
    sources=["b" * 64],
    parameter_count=1000,
    trained_parameter_count=1000,
    frozen_stages=[],
    weights=EncoderWeights(source="random", random=("conv1.weight",)),
    device="cpu",
    thread_count=1,
    torch_version="2.13.0",
)
BASELINE = Scores(
    mean_iou=0.0,
    mean_iou_with_background=0.35,
    iou=[0.7, 0.0],
    pixel_accuracy=0.7,
    mean_true_probability=0.7,
    cross_entropy=0.6,
)
PRIOR = replace(BASELINE, mean_iou=0.1, mean_iou_with_background=0.4, iou=[0.7, 0.1], cross_entropy=0.5)
EVALUATION = EvalLine(
    step=9,
    image_count=12,
    mean_iou=0.5,
    mean_iou_with_background=0.7,
    mean_iou_interval=(0.391, 0.618),
    iou=[0.9, 0.5],
    pixel_accuracy=0.9,
    mean_true_probability=0.75,
    cross_entropy=0.3,
    background_baseline=BASELINE,
    prior_baseline=PRIOR,
    image_counts=[12, 5],
    pixel_counts=[70_000, 30_000],
)
FINAL = FinalLine(weights="last", **msgspec.structs.asdict(EVALUATION))


def evaluation_line(step: int, **changes: Any) -> EvalLine:
    """A line about an evaluation during the run."""
    return replace(EVALUATION, step=step, **changes)


def train_line(step: int, loss: float = 0.5) -> TrainLine:
    """A line about a step."""
    return TrainLine(step=step, loss=loss, cross_entropy=loss, dice=None, learning_rate=1e-3)


METRICS = (evaluation_line(0, mean_iou=0.0), train_line(5), train_line(9), evaluation_line(9), FINAL)


def write_run(
    folder: Path,
    *,
    config: TrainingConfig | None = None,
    state: str = "done",
    metrics: tuple[MetricLine, ...] = METRICS,
    **info: Any,
) -> Path:
    """Write a run's folder; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = config or preset("quick", export="/e", steps=9)
    status = {"state": state, "step": settings.steps, "steps": settings.steps, "message": "so it is"}
    (folder / "config.json").write_text(json.dumps(config_as_json(settings)))
    (folder / "status.json").write_text(json.dumps(status))
    (folder / "run_info.json").write_text(json.dumps(msgspec.to_builtins(INFO) | info))
    (folder / "metrics.jsonl").write_text("".join(map(encoded_line, metrics)))
    return folder


def sign_status(run: Path, **fields: Any) -> None:
    """Let the status of a run be that of this process, which stands for the run's own."""
    signed: dict[str, Any] = this_process() | {"heartbeat": time.time(), "step": 3, "steps": 9}
    (run / "status.json").write_bytes(readable_json(Status(**signed | fields)))


def resume(folder: Path) -> None:
    """Start a run again with the settings it has."""
    start_run(read_config(folder / CONFIG), folder)
