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

from cocomine.errors import UnreadableImage
from cocomine.exporting.reading import native_label_map
from cocomine.training.agreement import refuse_empty_shares, refuse_other_data
from cocomine.training.checkpoint import (
    TrainState,
    read_checkpoint,
)
from cocomine.training.data import UInt8Array
from cocomine.training.evaluation import Evaluation, evaluate
from cocomine.training.group import ALONE, Group
from cocomine.training.model import Model, build_model
from cocomine.training.resources import Resources
from cocomine.training.run_data import TrainingData, opened_export, prepared_data
from cocomine.training.run_files import RunFiles
from cocomine.training.run_info import run_info
from cocomine.training.runs.config import TrainingConfig, read_config
from cocomine.training.runs.evaluation_file import BEST_EVALUATION, LAST_EVALUATION
from cocomine.training.runs.launching import drop_checkpoint
from cocomine.training.runs.reading import BEST, CHECKPOINT, CONFIG, LAST, STOP
from cocomine.training.runs.records import FinalLine
from cocomine.training.runs.reporting import (
    FIRST_STEP,
    RunReport,
    SilentReport,
    StopRequested,
    score_words,
    setting_lines,
)
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
        refuse_empty_shares(config, group)
        export = opened_export(config)
        checkpoint = read_checkpoint(folder / CHECKPOINT, config) if group.is_first else None
    arrays_folder = resources.arrays_folder
    data = group.in_turn(lambda: prepared_data(config, export, checkpoint, arrays_folder=arrays_folder, report=report))
    refuse_other_data(data, group)
    report.begin_phase("Building the network")
    report.say("preparing", "building the network")
    model = build_model(config, data, checkpoint, resources=resources, group=group)
    state = group.shared(TrainState() if checkpoint is None else checkpoint.state)
    info = run_info(config, data, model, amendments=state.amendments)
    files = RunFiles(folder=folder, config=config, data=data, model=model, info=info)
    with group.together():
        report.write_info(info)
        report.restore_metrics("" if checkpoint is None else checkpoint.metrics, state.step)
        if group.is_first:
            files.require_space()
    for line in setting_lines(info):
        report.log(line)
    report.say("running", f"training from step {state.step}", step=state.step, notices=info.notices)
    return Training(files=files, report=report, state=state)


@dataclass(kw_only=True)
class Training:
    """A run at work."""

    files: RunFiles
    report: RunReport
    state: TrainState
    config: TrainingConfig = field(init=False)  # as `files` has it, like the next two
    data: TrainingData = field(init=False)
    model: Model = field(init=False)
    _prior: UInt8Array = field(init=False)
    _evaluation: Evaluation | None = None  # of all images at the current step, if there is one
    _is_finishing: bool = False  # the last checkpoint is written, and the network may hold the best weights by now
    _durations_s: deque[float] = field(default_factory=lambda: deque(maxlen=_SPEED_WINDOW))
    _evaluation_s: float = 0.0
    _saved_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.config, self.data, self.model = self.files.config, self.files.data, self.files.model
        self._prior = self.data.prior_mask()

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
        all_s = self._evaluation_s * self.files.info.val_image_count / self.files.info.eval_image_count
        left_s = steps_left * step_s + evaluations_left * self._evaluation_s + 2 * all_s
        return {"images_per_s": round(self.config.batch_size / step_s, 2), "seconds_left": round(left_s, 1)}

    def _evaluate_now(self) -> None:
        step, limit = self.state.step, self.config.eval_image_limit
        is_last = step == self.config.steps
        evaluation = self._evaluated(None if is_last else limit, draw=True)
        self._evaluation = evaluation if is_last else None
        self.files.write_counts(LAST_EVALUATION, step, evaluation)
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
        self.files.write_weights(BEST, state.step)

    def _evaluated(self, limit: int | None, *, draw: bool) -> Evaluation:
        started = time.monotonic()
        split = self.data.val_split
        count = len(self.data.val.image_ids[:limit])

        def on_image(index: int, truth: UInt8Array, prediction: UInt8Array) -> None:
            if draw and self.files.is_sample(index):
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
        self._evaluation_s = (time.monotonic() - started) * self.files.info.eval_image_count / count
        return evaluation

    def _draw(self, index: int, truth: UInt8Array, prediction: UInt8Array) -> None:
        try:
            self.files.write_sample(self.state.step, index, truth, prediction)
        except UnreadableImage as error:  # gone since the arrays were made, which is all that the numbers need
            self.report.log(f"step {self.state.step}: no sample is drawn. {error}")

    def save(self) -> None:
        """Write the checkpoint; of several processes the first does.

        Raises:
            DivergedError: A weight is no finite number; the checkpoint before stays, to go on from.
            StorageError: It cannot be written; the one before stays.
        """
        if not self.model.group.is_first:
            return
        self.report.note_time(self.state.step)  # before the checkpoint, so that the clock can go on from it
        self.files.write_checkpoint(self.state, self.report.metrics)
        self.report.log(f"step {self.state.step}: checkpoint written")
        self._saved_at = time.monotonic()

    def _finish(self) -> None:
        """Judge the last and the best weights on all validation images, and write the card."""
        self.files.write_weights(LAST, self.state.step)
        last = self._evaluation or self._evaluated(None, draw=False)
        finals = [self._judged("last", self.state.step, last)]
        best = last
        if self.state.best_step not in {None, self.state.step}:
            self.files.load_best()
            best = self._evaluated(None, draw=False)
        finals.append(self._judged("best", self.state.best_step or 0, best))
        self.files.write_card(finals)

    def _judged(self, weights: Literal["last", "best"], step: int, evaluation: Evaluation) -> FinalLine:
        self.files.write_counts(LAST_EVALUATION if weights == "last" else BEST_EVALUATION, step, evaluation)
        scores = evaluation.line(step, self.data.selected_labels)
        line = FinalLine(weights=weights, **msgspec.structs.asdict(scores))
        self.report.append(line)
        self.report.log(f"{weights} weights, of step {step}: {score_words(line, self.config)}")
        return line
