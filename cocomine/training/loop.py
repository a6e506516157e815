"""How does a run go from its settings to a trained network?

Set up, then steps (see `step`) with evaluations between them, then the evaluation on all validation images and
the model card. All that passes from one step to the next is in the checkpoint or follows from the
settings, so a run that was stopped or killed ends with the same bytes as one that was not.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
from safetensors.torch import load_file

from cocomine.errors import TrainingError, UnreadableImage
from cocomine.exporting.formats.label_png import palette
from cocomine.exporting.reading import native_label_map
from cocomine.system.files import write_text
from cocomine.system.space import require_space, writing_to
from cocomine.training.checkpoint import (
    Checkpoint,
    TrainState,
    read_checkpoint,
    tensor_bytes,
    write_checkpoint,
    write_network,
)
from cocomine.training.data import UInt8Array
from cocomine.training.evaluation import Evaluation, evaluate
from cocomine.training.group import ALONE, Group
from cocomine.training.model_card import model_card
from cocomine.training.runs.config import TrainingConfig, read_config
from cocomine.training.runs.evaluation_file import BEST_EVALUATION, LAST_EVALUATION, ImageCounts, write_counts
from cocomine.training.runs.faults import DivergedError
from cocomine.training.runs.launching import drop_checkpoint
from cocomine.training.runs.needs import moments_per_weight
from cocomine.training.runs.reading import BEST, CARD, CHECKPOINT, CONFIG, LAST, STOP
from cocomine.training.runs.records import FinalLine, RunInfo
from cocomine.training.runs.reporting import (
    FIRST_STEP,
    RunReport,
    SilentReport,
    StopRequested,
    score_words,
    setting_lines,
)
from cocomine.training.runs.sample_files import SAMPLES
from cocomine.training.samples import write_sample
from cocomine.training.setup import Model, Resources, TrainingData, build_model, opened_export, prepared_data, run_info
from cocomine.training.step import train_step

_CHECKPOINT_INTERVAL_S = 120.0  # what a killed run loses at most; writing one takes about a second
_SPEED_WINDOW = 20  # steps over which the speed is taken


def train(
    folder: Path,
    resources: Resources,
    stop_signalled: Callable[[], bool] = lambda: False,
    *,
    config: TrainingConfig | None = None,
    group: Group = ALONE,
) -> str:
    """Carry out, or go on with, the run in `folder`.

    Args:
        folder: Holds `config.json`; only the first process of a group reads and writes it.
        resources: Where the arrays are kept and weights are looked for.
        stop_signalled: Asked often; True ends the run with a checkpoint, as the STOP file does.
        config: The settings, where they are known; None reads them.
        group: Of the processes that train together.

    Returns:
        "done" or "stopped".

    Raises:
        CocomineError: It cannot start or go on.
    """
    config = config or read_config(folder / CONFIG)
    kind = RunReport if group.is_first else SilentReport
    report = kind(folder, steps=config.steps, stop_signalled=stop_signalled, process_count=group.size)
    training: Training | None = None
    try:
        training = _set_up(folder, config, report, resources, group)
        training.run()
    except StopRequested:
        report.say("stopping", "saving a checkpoint")
        if training is not None:
            training.save_progress()
        if group.is_first:
            (folder / STOP).unlink(missing_ok=True)
        report.say("stopped", "stopped; it can be resumed", seconds_left=None)
        return "stopped"
    report.say("done", "finished", seconds_left=0.0)
    if group.is_first:
        drop_checkpoint(folder)
    return "done"


def _set_up(folder: Path, config: TrainingConfig, report: RunReport, resources: Resources, group: Group) -> "Training":
    report.begin_phase("Opening the export")
    report.say("preparing", "opening the export")
    with group.together():
        _refuse_empty_shares(config, group)
        export = opened_export(config)
        checkpoint = read_checkpoint(folder / CHECKPOINT, config) if group.is_first else None
    arrays_folder = resources.arrays_folder
    data = group.in_turn(lambda: prepared_data(config, export, checkpoint, arrays_folder=arrays_folder, report=report))
    _refuse_other_data(data, group)
    report.begin_phase("Building the network")
    report.say("preparing", "building the network")
    model = build_model(config, data, checkpoint, resources=resources, group=group)
    state = group.shared(TrainState() if checkpoint is None else checkpoint.state)
    info = run_info(config, data, model, amendments=state.amendments)
    training = Training(folder=folder, config=config, report=report, data=data, model=model, state=state, info=info)
    with group.together():
        report.write_info(info)
        report.restore_metrics("" if checkpoint is None else checkpoint.metrics)
        if group.is_first:
            training.require_space()
    for line in setting_lines(info):
        report.log(line)
    report.say("running", f"training from step {state.step}", step=state.step, notices=info.notices)
    return training


def _refuse_empty_shares(config: TrainingConfig, group: Group) -> None:
    if config.batch_size < group.size:
        raise TrainingError(
            f"Training: a batch of {config.batch_size} images cannot be divided among {group.size} processes. "
            f"Start at most {config.batch_size}, or a new run with a larger batch."
        )


def _refuse_other_data(data: TrainingData, group: Group) -> None:
    """Refuse where a process, on another computer, reads another export than the first one."""
    own = data.provenance.manifest_sha256, data.images_sha256
    first = group.shared(own)
    with group.together():
        if own != first:
            raise TrainingError(
                f"{data.export.folder}: the export on this computer is another than that of process 0, or other images "
                "of it can be read. Copy it from there, or put it on a disk that all computers share."
            )


@dataclass(kw_only=True)
class Training:
    """A run at work."""

    folder: Path
    config: TrainingConfig
    report: RunReport
    data: TrainingData
    model: Model
    state: TrainState
    info: RunInfo
    _prior: UInt8Array = field(init=False)
    _sample_ids: frozenset[int] = field(init=False)
    _colours: bytes = field(init=False)  # of label maps, 256 RGB triples
    _evaluation: Evaluation | None = None  # of all images at the current step, if there is one
    _is_finishing: bool = False  # the last checkpoint is written, and the network may hold the best weights by now
    _durations_s: deque[float] = field(default_factory=lambda: deque(maxlen=_SPEED_WINDOW))
    _evaluation_s: float = 0.0
    _saved_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._prior = self.data.prior_mask()
        self._sample_ids = frozenset(sample.image_id for sample in self.info.samples)
        self._colours = palette(self.data.export.table)

    def run(self) -> None:
        """Do what is left of the run."""
        if self._evaluation_is_due():
            self.report.begin_phase("First evaluation")
            self._evaluate_now()
        self.report.begin_phase(FIRST_STEP)
        while not self._is_over():
            self._step()
            self._heed_stop()
            if time.monotonic() - self._saved_at > _CHECKPOINT_INTERVAL_S:
                self.save()
            if self._evaluation_is_due():
                self._evaluate_now()
        self.save()
        self._is_finishing = True
        self._finish()

    def _heed_stop(self) -> None:
        """End the run at the same step in all processes, whichever was asked to; one alone asks in its report."""
        group = self.model.group
        if group.size > 1 and group.any(self.report.wants_stop()):
            raise StopRequested

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
        if self.model.average is not None:
            checkpoint += network
        require_space(self.folder, max(0, 2 * checkpoint + network - there), "The run, with its checkpoints,")

    def _evaluation_is_due(self) -> bool:
        step, config = self.state.step, self.config
        return step != self.state.evaluated_step and (step % config.evaluate_every == 0 or step == config.steps)

    def _is_over(self) -> bool:
        patience = self.config.patience
        is_worn_out = patience > 0 and self.state.evaluations_without_gain >= patience
        return self.state.step >= self.config.steps or is_worn_out

    def _step(self) -> None:
        started = time.monotonic()
        line = train_step(self.model, self.data.train, self.config, self.state.step)
        self.state.step = line.step
        if line.step % self.config.log_every == 0 or line.step == 1:
            self.report.append(line)
        self._durations_s.append(time.monotonic() - started)
        self.report.end_phase()
        self.report.progress("training", step=line.step, **self._speed())

    def _speed(self) -> dict[str, float]:
        step_s = sum(self._durations_s) / len(self._durations_s)
        steps_left = self.config.steps - self.state.step
        evaluations_left = math.ceil(steps_left / self.config.evaluate_every)
        all_s = self._evaluation_s * self.info.val_image_count / self.info.eval_image_count
        left_s = steps_left * step_s + evaluations_left * self._evaluation_s + 2 * all_s
        return {"images_per_s": round(self.config.batch_size / step_s, 2), "seconds_left": round(left_s, 1)}

    def _evaluate_now(self) -> None:
        step, limit = self.state.step, self.config.eval_image_limit
        is_last = step == self.config.steps
        evaluation = self._evaluated(None if is_last else limit, draw=True)
        self._evaluation = evaluation if is_last else None
        self._write_counts(LAST_EVALUATION, step, evaluation)
        line = evaluation.line(step, self.data.selected_labels, limit=limit)
        self.report.append(line)
        self.report.log(f"step {step}: {score_words(line, self.config)}")
        self.state.evaluated_step = step
        if step > 0:  # the untrained network is never the best, however lucky its noise
            self._compare_with_best(line.mean_iou or 0.0)

    def _compare_with_best(self, mean_iou: float) -> None:
        state = self.state
        if mean_iou <= state.best_mean_iou:
            state.evaluations_without_gain += 1
            return
        state.best_mean_iou, state.best_step, state.evaluations_without_gain = mean_iou, state.step, 0
        self._write_weights(BEST)

    def _write_weights(self, name: str) -> None:
        """Write the weights that the network has now; of several processes the first does."""
        if not self.model.group.is_first:
            return
        description = {
            "step": self.state.step,
            "encoder": self.config.encoder,
            "size_px": self.info.size_px,
            "labels": msgspec.to_builtins(self.info.labels),
        }
        write_network(self.folder / name, self.model.judged, description)

    def _evaluated(self, limit: int | None, *, draw: bool) -> Evaluation:
        started = time.monotonic()
        split = self.data.val_split
        count = len(self.data.val.image_ids[:limit])

        def on_image(index: int, truth: UInt8Array, prediction: UInt8Array) -> None:
            if draw and self.data.val.image_ids[index] in self._sample_ids:
                self._draw(index, truth, prediction)
            self.report.progress(f"evaluating image {index + 1} of {count}", share=(index + 1) / count)

        evaluation = evaluate(
            self.model.judged,
            self.data.val,
            lambda image_id: native_label_map(split, image_id),
            prior=self._prior,
            limit=limit,
            on_image=on_image,
            group=self.model.group,
        )
        self._evaluation_s = (time.monotonic() - started) * self.info.eval_image_count / count
        return evaluation

    def _draw(self, index: int, truth: UInt8Array, prediction: UInt8Array) -> None:
        image, samples = self.data.val_images[index], self.folder / SAMPLES
        try:
            with writing_to(samples):
                write_sample(
                    samples,
                    self.state.step,
                    image_id=image.image_id,
                    image_path=image.image_path,
                    truth=truth,
                    prediction=prediction,
                    colours=self._colours,
                )
        except UnreadableImage as error:  # gone since the arrays were made, which is all that the numbers need
            self.report.log(f"step {self.state.step}: no sample is drawn. {error}")

    def _write_counts(self, name: str, step: int, evaluation: Evaluation) -> None:
        """Write what an evaluation counted in each image; of several processes the first does."""
        if self.model.group.is_first:
            counts = ImageCounts(step=step, image_ids=evaluation.image_ids, confusions=evaluation.network)
            with writing_to(self.folder / name):
                write_counts(self.folder / name, counts)

    def save(self) -> None:
        """Write the checkpoint; of several processes the first does.

        Raises:
            DivergedError: A weight is no finite number; the checkpoint before stays, to go on from.
            StorageError: It cannot be written; the one before stays.
        """
        if not self.model.group.is_first:
            return
        self._refuse_lost_weights()
        checkpoint = Checkpoint(
            config=self.config,
            provenance=self.data.provenance,
            images_sha256=self.data.images_sha256,
            state=self.state,
            metrics=self.report.metrics,
            weights=self.model.weights,
            network=self.model.network.state_dict(),
            optimiser=self.model.optimiser.state_dict(),
            average=None if self.model.average is None else self.model.average.state_dict(),
        )
        write_checkpoint(self.folder / CHECKPOINT, checkpoint)
        self.report.log(f"step {self.state.step}: checkpoint written")
        self._saved_at = time.monotonic()

    def _refuse_lost_weights(self) -> None:
        for name, tensor in self.model.network.state_dict().items():
            if not tensor.isfinite().all():
                raise DivergedError(
                    f"Training: after step {self.state.step} '{name}' holds values that are no numbers, so the run "
                    f"diverged. Resume, or start a new run, with a lower learning rate (it was "
                    f"{self.config.learning_rate:g})."
                )

    def _finish(self) -> None:
        """Judge the last and the best weights on all validation images, and write the card."""
        self._write_weights(LAST)
        last = self._evaluation or self._evaluated(None, draw=False)
        finals = [self._judged("last", self.state.step, last)]
        best = last
        if self.state.best_step not in {None, self.state.step}:
            self._load_best()
            best = self._evaluated(None, draw=False)
        finals.append(self._judged("best", self.state.best_step or 0, best))
        if self.model.group.is_first:
            with writing_to(self.folder / CARD):
                write_text(self.folder / CARD, model_card(self.config, self.info, finals))

    def _load_best(self) -> None:
        group, network = self.model.group, self.model.judged
        with group.together():
            if group.is_first:
                network.load_state_dict(load_file(self.folder / BEST))
        group.spread(network)

    def _judged(self, weights: Literal["last", "best"], step: int, evaluation: Evaluation) -> FinalLine:
        self._write_counts(LAST_EVALUATION if weights == "last" else BEST_EVALUATION, step, evaluation)
        scores = evaluation.line(step, self.data.selected_labels)
        line = FinalLine(weights=weights, **msgspec.structs.asdict(scores))
        self.report.append(line)
        self.report.log(f"{weights} weights, of step {step}: {score_words(line, self.config)}")
        return line
