"""How does a run tell what it does?

Through files of its folder only: `status.json`, replaced as a whole, and `metrics.jsonl`, to which lines are appended.
Metric lines hold no clock, so that a resumed run writes the same bytes as an uninterrupted one; the times have a file
of their own, see `run_clock`. The lines are kept in memory as well, go into each checkpoint, and are put back from it
when the run goes on, whatever became of the file. Every report also asks whether the run is to stop, so that it can
stop anywhere. What a person may want to read afterwards goes to the log, a line for each phase and evaluation.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from cocomine.system.files import write_bytes, write_text
from cocomine.system.own_process import this_process
from cocomine.system.space import writing_to
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.overfitting import judged_images
from cocomine.training.runs.reading import RUN_INFO, STATUS, STOP
from cocomine.training.runs.records import (
    METRICS,
    EvalLine,
    MetricLine,
    Phase,
    RunInfo,
    State,
    Status,
    encoded_line,
    readable_json,
)
from cocomine.training.runs.run_clock import RunClock
from cocomine.training.runs.run_scores import interval_words
from cocomine.training.runs.times import TIMES
from cocomine.wording import counted, percent

LOADING, FIRST_STEP = "Loading PyTorch", "First step"
"""The first and the last of the phases before a run is in full swing."""
_LEAST_INTERVAL_S = 0.5
_log = logging.getLogger(__name__)


class StopRequested(Exception):  # noqa: N818  (it ends a run, but nothing is wrong)
    """The person asked the run to end here."""


def setting_lines(info: RunInfo) -> list[str]:
    """Return what a log says of a run before its first step."""
    weights = info.weights
    return [
        f"{info.train_image_count:,} training images of {info.train_split}, {info.val_image_count:,} "
        f"validation images of {info.val_split}, {len(info.labels)} labels, {info.size_px} px",
        f"encoder weights: {weights.source}, {weights.loaded_count} tensors found, {len(weights.random)} "
        f"random; frozen: {', '.join(info.frozen_stages) or 'nothing'}",
        f"PyTorch {info.torch_version} on {info.device}, {counted(info.thread_count, 'thread')}",
        *info.notices,
    ]


def score_words(line: EvalLine, config: TrainingConfig) -> str:
    """Return the numbers of an evaluation of a run in words."""
    mean_iou = "not defined" if line.mean_iou is None else percent(line.mean_iou, decimals=1)
    if words := interval_words(line):
        mean_iou += f" (95 %: {words})"
    return f"mIoU {mean_iou} on {judged_images(config, line.image_count)}, cross entropy {line.cross_entropy}"


class RunReport:
    """Tells how a run goes: writes the status, the metrics and the log of one run."""

    def __init__(
        self, folder: Path, *, steps: int, stop_signalled: Callable[[], bool] = lambda: False, process_count: int = 1
    ) -> None:
        self._folder = folder
        self._process_count = process_count
        self._stop_signalled = stop_signalled
        self._written_at = 0.0
        self._metrics: list[str] = []
        self._clock = RunClock(folder / TIMES)
        signature = this_process()
        loading = Phase(name=LOADING, began=signature["started"])
        self._status = Status(state="starting", steps=steps, phases=[loading], **signature)

    def say(self, state: State, message: str = "", **changes: Any) -> None:
        """Write the status now, with `changes` to its other fields, and a line in the log."""
        _log.info("%s: %s", state, message)
        self._status = msgspec.structs.replace(self._status, state=state, message=message, **changes)
        self._write()

    def log(self, text: str) -> None:
        """Write a line in the log alone."""
        _log.info(text)

    def begin_phase(self, name: str) -> None:
        """Note that the phase before the steps has ended, and this one begins; told with what is said next."""
        self.end_phase()
        phases = [*self._status.phases, Phase(name=name, began=time.time())]
        self._status = msgspec.structs.replace(self._status, phases=phases)

    def end_phase(self) -> None:
        """Note that the phase that goes on, if there is one, has ended."""
        if self._is_in_phase:
            took_s = round(max(0.0, time.time() - self._status.phases[-1].began), 2)
            self._change_phase(took_s=took_s, share=None)

    @property
    def _is_in_phase(self) -> bool:
        phases = self._status.phases
        return bool(phases) and phases[-1].took_s is None

    def _change_phase(self, **changes: Any) -> None:
        *ended, phase = self._status.phases
        phases = [*ended, msgspec.structs.replace(phase, **changes)]
        self._status = msgspec.structs.replace(self._status, phases=phases)

    def progress(self, message: str, share: float | None = None, **changes: Any) -> None:
        """Note progress within a state; written at most twice a second.

        Args:
            message: What is done now.
            share: How much of the phase is done, in [0, 1], while there is one.
            changes: To other fields of the status.

        Raises:
            StopRequested: The person wants the run to end, and it has one process; several stop together, see `loop`.
        """
        if self._is_in_phase:
            self._change_phase(share=share)
        self._status = msgspec.structs.replace(self._status, message=message, **changes)
        if time.time() - self._written_at >= _LEAST_INTERVAL_S:
            self._write()
        if self._process_count == 1 and self.wants_stop():
            raise StopRequested

    def wants_stop(self) -> bool:
        """Return whether the person or the system wants the run to end."""
        return self._stop_signalled() or (self._folder / STOP).exists()

    def _write(self) -> None:
        self._written_at = time.time()
        with writing_to(self._folder / STATUS):
            status = msgspec.structs.replace(self._status, heartbeat=self._written_at)
            write_bytes(self._folder / STATUS, readable_json(status))

    def write_info(self, info: RunInfo) -> None:
        """Write what the run is made of."""
        with writing_to(self._folder / RUN_INFO):
            write_bytes(self._folder / RUN_INFO, readable_json(info))

    @property
    def metrics(self) -> str:
        """The text of the metrics so far."""
        return "".join(self._metrics)

    def append(self, line: MetricLine) -> None:
        """Append one line to the metrics."""
        text = encoded_line(line)
        with writing_to(path := self._folder / METRICS), path.open("a", encoding="utf-8") as file:
            file.write(text)
        self._metrics.append(text)
        self.note_time(line.step)

    def note_time(self, step: int) -> None:
        """Write how long the run trained up to this step, unless that is written."""
        self._clock.note(step)

    def restore_metrics(self, text: str, step: int) -> None:
        """Make metrics and times what they were at the checkpoint of a step: what came after it will be written again.

        The clock of the run goes on from here.
        """
        self._metrics = [text]
        with writing_to(self._folder / METRICS):
            write_text(self._folder / METRICS, text)
        self._clock.start(step)


class SilentReport(RunReport):
    """Of a process that is not the first of its run, and so writes nothing but its own log."""

    def _write(self) -> None:
        self._written_at = time.time()

    def write_info(self, info: RunInfo) -> None:
        """Write nothing."""

    def append(self, line: MetricLine) -> None:
        """Write nothing."""

    def note_time(self, step: int) -> None:
        """Write nothing."""

    def restore_metrics(self, text: str, step: int) -> None:
        """Write nothing."""
