"""The files of a training run as its process leaves them, without training anything."""

import json
from pathlib import Path
from typing import Any

from cocomine.training.runs.config import TrainingConfig, config_as_json, preset

LABELS = [
    {"label": 0, "name": "background", "colour": "#000000", "picked": False},
    {"label": 1, "name": "cat", "colour": "#aa0000", "picked": True},
]
FACTS: dict[str, Any] = {
    "labels": LABELS,
    "size_px": 32,
    "train_image_count": 8,
    "val_image_count": 12,
    "eval_image_count": 12,
    "val_split": "val2017",
    "export_manifest_sha256": "a" * 64,
    "weights": {"source": "random", "random": ["conv1.weight"]},
    "notices": [],
    "dataset": "tiny",
    "sources": ["b" * 64],
}
NOTHING = {"mean_iou": 0.0, "iou": [0.7, 0.0], "pixel_accuracy": 0.7, "eq2": 0.7, "eq3": 0.6}
SCORES = {"image_count": 12, "mean_iou": 0.5, "iou": [0.9, 0.5], "pixel_accuracy": 0.9, "eq2": 0.75, "eq3": 0.3}
FINAL: dict[str, Any] = {"step": 9, "kind": "final", "weights": "last", **SCORES, "nothing": NOTHING}


def evaluation_line(step: int, **changes: Any) -> dict[str, Any]:
    """A line about an evaluation during the run."""
    return {"step": step, "kind": "eval", **SCORES, "nothing": NOTHING, **changes}


def train_line(step: int, loss: float = 0.5) -> dict[str, Any]:
    """A line about a step."""
    return {"step": step, "kind": "train", "loss": loss, "eq3": loss, "dice": None, "rate": 1e-3}


METRICS = (evaluation_line(0, mean_iou=0.0), train_line(5), train_line(9), evaluation_line(9), FINAL)


def write_run(
    folder: Path,
    *,
    config: TrainingConfig | None = None,
    state: str = "done",
    metrics: tuple[dict[str, Any], ...] = METRICS,
    **facts: Any,
) -> Path:
    """Write a run's folder; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = config or preset("try", export="/e", steps=9)
    status = {"state": state, "step": settings.steps, "steps": settings.steps, "message": "so it is"}
    (folder / "config.json").write_text(json.dumps(config_as_json(settings)))
    (folder / "status.json").write_text(json.dumps(status))
    (folder / "facts.json").write_text(json.dumps(FACTS | facts))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in metrics))
    return folder
