"""How does a run start without binding the app?

As a process of its own in a session of its own, which lives on when the page, the browser or the
server goes away. Everything between the two passes through the run's folder.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import BinaryIO

from cocomine.errors import TrainingError
from cocomine.system.extras import TRAINING
from cocomine.system.files import write_bytes, write_json
from cocomine.system.own_process import start_own_process
from cocomine.system.space import writing_to
from cocomine.training.runs.config import TrainingConfig, amended, config_as_json
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import (
    ACTIVE_STATES,
    BEST,
    CARD,
    CHECKPOINT,
    CONFIG,
    LAST,
    RUN_INFO,
    STATUS,
    STOP,
    Run,
    judged_state,
    read_run,
)
from cocomine.training.runs.records import METRICS, Status, readable_json
from cocomine.training.runs.sample_files import SAMPLES


def start_run(config: TrainingConfig, folder: Path, changes: Mapping[str, float] = MappingProxyType({})) -> None:
    """Start a new run in `folder`, or resume the one there if its settings are the same.

    Args:
        config: The settings; of a run that is there, those it has.
        folder: Of the run.
        changes: New values of `AMENDABLE` settings, with which a run goes on that failed with the old ones.

    Raises:
        TrainingError: PyTorch is not installed, or a run is active there, is done, or has other settings.
        StorageError: The folder cannot be written.
    """
    with prepared_run(config, folder, changes) as lock, writing_to(folder):
        start_own_process("cocomine.training", folder, lock)


@contextmanager
def prepared_run(
    config: TrainingConfig, folder: Path, changes: Mapping[str, float] = MappingProxyType({})
) -> Iterator[BinaryIO]:
    """Make the folder of a run ready for its process, and hold its lock while the block starts or carries it out.

    For the arguments see `start_run`.

    Raises:
        TrainingError: See `start_run`.
        StorageError: See `start_run`.
    """
    if trouble := TRAINING.trouble:
        raise TrainingError(trouble)
    if (folder / CONFIG).exists():
        run = read_run(folder, time.time())
        _check_is_idle(run, run.state)
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = take_lock(folder)
    with lock:
        with writing_to(folder):
            if (folder / CONFIG).exists():  # under the lock nobody changes it any more
                _check_can_resume(config, read_run(folder, time.time()))
            write_json(folder / CONFIG, config_as_json(amended(config, changes)))
            (folder / STOP).unlink(missing_ok=True)
            write_bytes(folder / STATUS, readable_json(_starting_status(config)))
        yield lock


def process_count(environment: Mapping[str, str] = os.environ) -> int:
    """Return how many processes a launcher such as torchrun started for this run; 1 without one.

    Source: https://docs.pytorch.org/docs/stable/elastic/run.html
    """
    return int(environment.get("WORLD_SIZE", "").strip() or 1)


def process_rank(environment: Mapping[str, str] = os.environ) -> int:
    """Return which of these this process is, from 0."""
    return int(environment.get("RANK", "").strip() or 0)


@contextmanager
def stop_signals() -> Iterator[Callable[[], bool]]:
    """Note, inside, that the system or a launcher asks this process to end; yield what tells whether it did.

    Afterwards such a signal does again what it did before.
    """
    signals: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signals.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(signals)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def remove_leftovers(folder: Path) -> None:
    """Remove half files of killed processes, of our own names alone; under the lock nobody else writes them."""
    ours = (STATUS, RUN_INFO, METRICS, CHECKPOINT, BEST, LAST, CARD, "evaluation_*.npz")
    drawn = (f"{SAMPLES}/*.jpg", f"{SAMPLES}/*.png", f"{SAMPLES}/step_*/*.png")
    for name in (*ours, *drawn):
        for part in folder.glob(f"{name}.part-*"):
            part.unlink(missing_ok=True)


def drop_checkpoint(folder: Path) -> None:
    """Remove what only a run needs that goes on, once its last weights have a file of their own."""
    if (folder / LAST).is_file():
        (folder / CHECKPOINT).unlink(missing_ok=True)


def _check_is_idle(run: Run, state: str) -> None:
    if state == "asleep":
        raise TrainingError(
            f"{run.folder}: its process {run.pid} is alive but suspended or silent, and would go on "
            "beside a second one. Wake it (kill -CONT), end it (kill -KILL), or choose another folder."
        )
    if state in ACTIVE_STATES:
        raise TrainingError(
            f"{run.folder}: a run is at work there (state {state!r}, process {run.pid}). "
            "Stop it first, or choose another folder."
        )


def _check_can_resume(config: TrainingConfig, run: Run) -> None:
    """Refuse what must not be started in a folder whose lock this process holds."""
    state = judged_state(run.status, is_held=False, now=time.time())
    _check_is_idle(run, state)
    if state == "done":
        raise TrainingError(f"{run.folder}: the run there is done. Choose another folder for a new one.")
    if run.config != config:
        raise TrainingError(
            f"{run.folder}: a run with other settings is there. Resume it as it is, or choose another folder."
        )


def _starting_status(config: TrainingConfig) -> Status:
    return Status(state="starting", steps=config.steps, heartbeat=time.time(), message="starting the training process")
