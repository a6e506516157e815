"""Train in forked processes that are killed at random moments: `python killed_trainings.py FOLDER EXPORT KILLS SEED`.

FOLDER gets two runs with the same settings, `whole`, which nothing disturbs, and `killed`. PyTorch is loaded once, and
only the forked processes compute with it. Prints the step that each killed process had told.
"""

import json
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch
from trainings import run_in

from cocomine.training import loop
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.records import Status, read_record

STEPS_FOR_EACH = 2
LONGEST_LIFE_S = 0.4
BEFORE_STEPS_S = 0.1
"""The clock of shorter lives runs from the start on, that of others from the first step on."""


def settings(export: str, kills: int) -> TrainingConfig:
    """Enough steps that the run never ends before the last kill."""
    steps = STEPS_FOR_EACH * (kills + 1)
    config = preset("recommended", export=export, encoder="small", weights="none", steps=steps, seed=5)
    return replace(config, batch_size=2, evaluate_every=7, log_every=1)


def forked(folder: Path, config: TrainingConfig) -> int:
    """Train in a process of its own; return its id."""
    if pid := os.fork():
        return pid
    torch.set_num_threads(1)
    loop._CHECKPOINT_INTERVAL_S = 0.0  # after each step
    try:
        run_in(folder, config)
    except BaseException as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def step_of(folder: Path) -> int:
    """The step that the run's process has told."""
    status, _ = read_record(folder / "status.json", Status)
    lines = (folder / "metrics.jsonl").read_bytes().count(b'"train"') if (folder / "metrics.jsonl").exists() else 0
    return max(lines, status.step if status else 0)


def is_training(pid: int, folder: Path) -> bool:
    """Whether a process has told that it is at the steps."""
    status, _ = read_record(folder / "status.json", Status)
    return status is not None and status.pid == pid and status.state == "running"


def killed_after(pid: int, folder: Path, *, life_s: float, most_steps: int) -> int:
    """Kill a process at a moment, or where it gets too far; return the step that it had told."""
    while life_s > BEFORE_STEPS_S and not is_training(pid, folder):
        time.sleep(0.001)
    deadline = time.monotonic() + life_s
    while time.monotonic() < deadline and step_of(folder) < most_steps:
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    _, ended = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(ended) == -signal.SIGKILL, "it ended before it was killed"
    return step_of(folder)


def ended_well(pid: int) -> None:
    """Wait for the end of a process."""
    _, ended = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(ended) == 0


def main(folder: Path, export: str, kills: int, seed: int) -> list[int]:
    """Return the step at each kill."""
    config, draw = settings(export, kills), random.Random(seed)
    ended_well(forked(folder / "whole", config))
    killed = folder / "killed"
    killed.mkdir()
    steps = []
    for number in range(1, kills + 1):
        pid = forked(killed, config)
        life_s = draw.uniform(0, LONGEST_LIFE_S)
        steps.append(killed_after(pid, killed, life_s=life_s, most_steps=number * STEPS_FOR_EACH))
    ended_well(forked(killed, config))
    return steps


if __name__ == "__main__":
    reached = main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    sys.stdout.write(f"{json.dumps(reached)}\n")
