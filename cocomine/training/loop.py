"""How does a run go from its settings to a trained network?

Set up, then steps with evaluations between them, then the evaluation on all validation images and
the model card. All that passes from one step to the next is in the checkpoint or follows from the
settings, so a run that was stopped or killed ends with the same bytes as one that was not.
"""

import contextlib
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from cocomine.errors import TrainingError, UnreadableImage
from cocomine.exporting.reading import native_label_map
from cocomine.system.files import write_json, write_text
from cocomine.system.space import require_space, writing_to
from cocomine.training.augmentation import training_batch
from cocomine.training.card import model_card
from cocomine.training.checkpoint import (
    Checkpoint,
    Position,
    read_checkpoint,
    tensor_bytes,
    write_checkpoint,
    write_network,
)
from cocomine.training.data import UInt8Array
from cocomine.training.evaluation import Evaluation, evaluate
from cocomine.training.optimiser import LossParts, loss_parts, moments_per_weight, rate_factor, update
from cocomine.training.runs.config import TrainingConfig, read_config
from cocomine.training.runs.folder import BEST, CARD, CHECKPOINT, CONFIG, FACTS, SAMPLES, STOP
from cocomine.training.runs.reporting import RunReport, StopRequested, score_words, setting_lines
from cocomine.training.samples import SAMPLE_COUNT, write_sample
from cocomine.training.setup import (
    Material,
    Model,
    Places,
    built_model,
    opened_export,
    prepared_material,
    run_facts,
)

_CHECKPOINT_INTERVAL_S = 120.0  # what a killed run loses at most; writing one takes about a second
_SPEED_WINDOW = 20  # steps over which the speed is taken


def train(folder: Path, places: Places, stop_signalled: Callable[[], bool] = lambda: False) -> str:
    """Carry out, or go on with, the run in `folder`.

    Args:
        folder: Holds `config.json`.
        places: Where the arrays are kept and weights are looked for.
        stop_signalled: Asked often; True ends the run with a checkpoint, as the STOP file does.

    Returns:
        "done" or "stopped".

    Raises:
        CocomineError: It cannot start or go on.
    """
    config = read_config(folder / CONFIG)
    report = RunReport(folder, steps=config.steps, stop_signalled=stop_signalled)
    training: Training | None = None
    try:
        training = _set_up(folder, config, report, places)
        training.run()
    except StopRequested:
        report.say("stopping", "saving a checkpoint")
        if training is not None:
            training.save_progress()
        (folder / STOP).unlink(missing_ok=True)
        report.say("stopped", "stopped; it can be resumed", seconds_left=None)
        return "stopped"
    report.say("done", "done", seconds_left=0.0)
    return "done"


def _set_up(folder: Path, config: TrainingConfig, report: RunReport, places: Places) -> "Training":
    report.say("preparing", "opening the export")
    export = opened_export(config)
    checkpoint = read_checkpoint(folder / CHECKPOINT, config)
    material = prepared_material(config, export, checkpoint, arrays_folder=places.arrays, report=report)
    report.say("preparing", "building the network")
    model, position = built_model(config, material, checkpoint, places=places)
    facts = run_facts(config, material, model)
    with writing_to(folder / FACTS):
        write_json(folder / FACTS, facts)
    report.restore_metrics("" if checkpoint is None else checkpoint.metrics)
    training = Training(
        folder=folder, config=config, report=report, material=material, model=model, position=position, facts=facts
    )
    training.require_space()
    for line in setting_lines(facts):
        report.log(line)
    report.say("running", f"training from step {position.step}", step=position.step, notices=facts["notices"])
    return training


@dataclass(kw_only=True)
class Training:
    """A run at work."""

    folder: Path
    config: TrainingConfig
    report: RunReport
    material: Material
    model: Model
    position: Position
    facts: dict[str, Any]
    _evaluation: Evaluation | None = None  # of all images at the current step, if there is one
    _is_finishing: bool = False  # the last checkpoint is written, and the network may hold the best weights by now
    _durations_s: deque[float] = field(default_factory=lambda: deque(maxlen=_SPEED_WINDOW))
    _evaluation_s: float = 0.0
    _saved_at: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Do what is left of the run."""
        while True:
            if self._evaluation_is_due():
                self._evaluate_now()
            if self._is_over():
                break
            self._do_step()
            if time.monotonic() - self._saved_at > _CHECKPOINT_INTERVAL_S:
                self.save()
        self.save()
        self._is_finishing = True
        self._finish()

    def save_progress(self) -> None:
        """Write the checkpoint of a run that is to stop here, unless all its steps are saved already."""
        if not self._is_finishing:
            self.save()

    def require_space(self) -> None:
        """Refuse to begin where the checkpoints find no room: two of them, since a new one is written beside the old.

        Raises:
            StorageError: Less than that is free, what is there already counted in.
        """
        network = tensor_bytes(self.model.network.state_dict())
        trained = sum(p.nbytes for p in self.model.network.parameters() if p.requires_grad)
        checkpoint = network + trained * moments_per_weight(self.config)
        there = sum(path.stat().st_size for name in (CHECKPOINT, BEST) if (path := self.folder / name).is_file())
        require_space(self.folder, max(0, 2 * checkpoint + network - there), "The run, with its checkpoints,")

    def _evaluation_is_due(self) -> bool:
        at, config = self.position, self.config
        return at.step != at.evaluated_step and (at.step % config.evaluate_every == 0 or at.step == config.steps)

    def _is_over(self) -> bool:
        worn_out = self.config.patience > 0 and self.position.stale_count >= self.config.patience
        return self.position.step >= self.config.steps or worn_out

    def _do_step(self) -> None:
        started, step, config = time.monotonic(), self.position.step, self.config
        pictures, labels = training_batch(self.material.train, config, step=step, device=self.model.device)
        self.model.network.train()
        with _precision(self.model.device):
            logits = self.model.network(pictures)
        parts = loss_parts(logits.float(), labels, config.loss)
        loss = self._finite(parts)
        factor = rate_factor(config, step)
        update(self.model.network, self.model.optimiser, parts.total, factor=factor)
        self.position.step = step + 1
        if (step + 1) % config.log_every == 0 or step == 0:
            dice = None if parts.dice is None else round(float(parts.dice.detach()), 6)
            line = {"loss": round(loss, 6), "eq3": round(float(parts.cross_entropy.detach()), 6), "dice": dice}
            self.report.append({"step": step + 1, "kind": "train", **line, "rate": config.rate * factor})
        self._durations_s.append(time.monotonic() - started)
        self.report.progress("training", step=step + 1, **self._speed())

    def _finite(self, parts: LossParts) -> float:
        loss = float(parts.total.detach())
        if not math.isfinite(loss):
            raise TrainingError(
                f"{self.folder.name}: the loss of step {self.position.step + 1} is {loss}, so the run diverged. "
                f"Start a new run with a lower learning rate (it was {self.config.rate:g})."
            )
        return loss

    def _speed(self) -> dict[str, float]:
        step_s = sum(self._durations_s) / len(self._durations_s)
        steps_left = self.config.steps - self.position.step
        evaluations_left = math.ceil(steps_left / self.config.evaluate_every)
        all_s = self._evaluation_s * self.facts["val_image_count"] / self.facts["eval_image_count"]
        left_s = steps_left * step_s + evaluations_left * self._evaluation_s + 2 * all_s
        return {"images_per_s": round(self.config.batch_size / step_s, 2), "seconds_left": round(left_s, 1)}

    def _evaluate_now(self) -> None:
        at, limit = self.position, self.config.eval_image_limit
        is_last = at.step == self.config.steps
        evaluation = self._evaluated(None if is_last else limit, draw=True)
        self._evaluation = evaluation if is_last else None
        scores = evaluation.scores(self.material.picked, limit)
        self.report.append({"step": at.step, "kind": "eval", **scores})
        self.report.log(f"step {at.step}: {score_words(scores)}")
        at.evaluated_step = at.step
        if at.step > 0:  # the untrained network is never the best, however lucky its noise
            self._compare_with_best(scores["mean_iou"] or 0.0)

    def _compare_with_best(self, mean_iou: float) -> None:
        at = self.position
        if mean_iou <= at.best_mean_iou:
            at.stale_count += 1
            return
        at.best_mean_iou, at.best_step, at.stale_count = mean_iou, at.step, 0
        facts = {name: self.facts[name] for name in ("size_px", "labels")}
        write_network(self.folder / BEST, self.model.network, {"step": at.step, **facts})

    def _evaluated(self, limit: int | None, *, draw: bool) -> Evaluation:
        started = time.monotonic()
        split = self.material.export.val_split
        count = len(self.material.val.image_ids[:limit])

        def seen(index: int, truth: UInt8Array, prediction: UInt8Array) -> None:
            if draw and index < SAMPLE_COUNT:
                self._draw(index, truth, prediction)
            self.report.progress(f"evaluating image {index + 1} of {count}")

        evaluation = evaluate(
            self.model.network,
            self.material.val,
            lambda image_id: native_label_map(split, image_id),
            limit=limit,
            seen=seen,
        )
        self._evaluation_s = (time.monotonic() - started) * self.facts["eval_image_count"] / count
        return evaluation

    def _draw(self, index: int, truth: UInt8Array, prediction: UInt8Array) -> None:
        path = self.folder / SAMPLES / f"step_{self.position.step:06d}" / f"{index}.png"
        photo = self.material.val_images[index].image_path
        try:
            with writing_to(path):
                write_sample(path, photo, (truth, prediction), self.material.export.labels)
        except UnreadableImage as error:  # gone since the arrays were made, which is all that the numbers need
            self.report.log(f"step {self.position.step}: no sample is drawn. {error}")

    def save(self) -> None:
        """Write the checkpoint.

        Raises:
            StorageError: It cannot be written; the one before stays.
        """
        checkpoint = Checkpoint(
            config=self.config,
            provenance=self.material.provenance,
            images_sha256=self.material.images_sha256,
            position=self.position,
            metrics=self.report.metrics,
            weights=self.model.weights,
            network=self.model.network.state_dict(),
            optimiser=self.model.optimiser.state_dict(),
        )
        write_checkpoint(self.folder / CHECKPOINT, checkpoint)
        self.report.log(f"step {self.position.step}: checkpoint written")
        self._saved_at = time.monotonic()

    def _finish(self) -> None:
        """Judge the last and the best weights on all validation images, and write the card."""
        last = self._evaluation or self._evaluated(None, draw=False)
        finals = [self._judged("last", self.position.step, last)]
        best = last
        if self.position.best_step not in {None, self.position.step}:
            self.model.network.load_state_dict(load_file(self.folder / BEST))
            best = self._evaluated(None, draw=False)
        finals.append(self._judged("best", self.position.best_step or 0, best))
        with writing_to(self.folder / CARD):
            write_text(self.folder / CARD, model_card(self.config, self.facts, finals))

    def _judged(self, name: str, step: int, evaluation: Evaluation) -> dict[str, Any]:
        path = self.folder / f"evaluation_{name}.npz"
        with writing_to(path):
            evaluation.write(path)
        line = {"step": step, "kind": "final", "weights": name, **evaluation.scores(self.material.picked)}
        self.report.append(line)
        self.report.log(f"{name} weights, of step {step}: {score_words(line)}")
        return line


def _precision(device: torch.device) -> contextlib.AbstractContextManager[None]:
    """Half precision where the device has it in hardware; a CPU without it is many times slower with it."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return contextlib.nullcontext()
