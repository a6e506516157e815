"""How does a run start without binding the app?

As a process of its own in a session of its own, which lives on when the page, the browser or the
server goes away. Everything between the two passes through the run's folder.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from cocomine.errors import TrainingError
from cocomine.system.extras import TRAINING
from cocomine.system.files import write_bytes, write_json
from cocomine.system.own_process import start_own_process
from cocomine.system.space import writing_to
from cocomine.training.runs.config import TrainingConfig, config_as_json, read_config
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import ACTIVE_STATES, CONFIG, STATUS, STOP, Run, judged_state, read_run
from cocomine.training.runs.records import Status, readable_json


def start_run(config: TrainingConfig, folder: Path) -> None:
    """Start a new run in `folder`, or resume the one there if its settings are the same.

    Raises:
        TrainingError: PyTorch is not installed, or a run is active there, is done, or has other settings.
        StorageError: The folder cannot be written.
    """
    refuse_several_processes()
    if trouble := TRAINING.trouble:
        raise TrainingError(trouble)
    if (folder / CONFIG).exists():
        run = read_run(folder, time.time())
        _check_is_idle(run, run.state)
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with take_lock(folder) as lock:
            if (folder / CONFIG).exists():  # under the lock nobody changes it any more
                _check_can_resume(config, read_run(folder, time.time()))
            write_json(folder / CONFIG, config_as_json(config))
            (folder / STOP).unlink(missing_ok=True)
            write_bytes(folder / STATUS, readable_json(_starting_status(config)))
            start_own_process("cocomine.training", folder, lock)


def resume_run(folder: Path) -> None:
    """Start the run in `folder` again from its last checkpoint.

    Raises:
        TrainingError: It is active or done, or the folder is no run.
    """
    start_run(read_config(folder / CONFIG), folder)


def refuse_several_processes(environment: Mapping[str, str] = os.environ) -> None:
    """Refuse to be one of several processes: each would be the whole run, in the same folder.

    Raises:
        TrainingError: A launcher such as torchrun started more than one.
    """
    count = environment.get("WORLD_SIZE", "1").strip()
    if count not in {"", "1"}:
        raise TrainingError(
            f"Training: WORLD_SIZE is {count}, but a run is one process; training over several is not built yet. "
            "Start it without torchrun, or with --nproc-per-node 1."
        )


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
