"""Carry out claim checks in forked processes that are killed at random moments: `python killed_claims.py FOLDER KILLS`.

FOLDER gets three checks of the same dataset: `whole`, which nothing disturbs, `killed`, whose process is killed in each
of its first runs, and `disturbed`, see there. PyTorch is loaded once; of the first two, runs and tests go on in the
forked process itself. Prints how many files of counts each killed process left, and the states of the disturbed task.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import torch
from claim_datasets import SMALL, cats_in
from disturbed_claims import disturbed

from cocomine.background.reporting import Report
from cocomine.claim import running
from cocomine.claim.networks import testing
from cocomine.claim.records import RESULT, RUNS, TESTS
from cocomine.claim.starting import begin_claim, claim_request, settled_plan
from cocomine.coco.dataset import Dataset
from cocomine.system.files import write_json
from cocomine.system.jobs import Progress
from cocomine.training import loop
from cocomine.training.loop import train
from cocomine.training.resources import Resources
from cocomine.training.runs.config import TrainingConfig, config_as_json
from cocomine.training.runs.reading import CONFIG, Run, read_run
from cocomine.training.runs.records import METRICS

LONGEST_S = 0.4
"""Of a run or a test, before it is killed; the clock runs on from the moment when its folder is there."""
LIMIT_S = 120.0


def trained_here(config: TrainingConfig, folder: Path, *_: Any) -> Run:
    """Stand in for a run's process."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / CONFIG, config_as_json(config))
    train(folder, Resources(arrays_folder=folder.parents[2] / "arrays", weights_files=()))
    return read_run(folder, time.time())


def tested_here(_module: str, arguments: list[str], progress: Progress, **_settings: Any) -> None:
    """Stand in for the process that tests."""
    testing.write_tested(msgspec.json.decode(arguments[0], type=testing.Request), progress)


def forked(claim: Path, dataset: Dataset) -> int:
    """Carry out a check in a process of its own; return its id."""
    if pid := os.fork():
        return pid
    torch.set_num_threads(1)
    setattr(running, "trained", trained_here)  # noqa: B010 - the type checker need not know what it stands for
    try:
        task = claim.with_name(f"{claim.name}-task")
        task.mkdir(exist_ok=True)
        running.carry_out(claim_request(claim, SMALL, dataset).arguments, Report(task))
    except BaseException as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def finished(pid: int) -> bool:
    """Wait for a process; return whether it ended well."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def main(folder: Path, kills: int) -> tuple[list[int], list[str]]:
    """Carry out all checks; return how many counts each kill left, and the states of the task that was disturbed."""
    loop._CHECKPOINT_INTERVAL_S = 0.0  # after each step
    setattr(running, "run_in_subprocess", tested_here)  # noqa: B010
    dataset, lives = cats_in(folder / "data"), random.Random(2)
    for name in ("whole", "killed"):
        begin_claim(settled_plan(dataset, SMALL), folder / name)
    assert finished(forked(folder / "whole", dataset))
    counts = []
    for number in range(kills):
        pid = forked(folder / "killed", dataset)
        kill_in_run(pid, folder / "killed", number, lives.uniform(0, LONGEST_S))
        assert not (folder / "killed" / RESULT).exists()
        counts.append(len(list((folder / "killed" / TESTS).glob("*.npz"))))
    assert finished(forked(folder / "killed", dataset))
    return counts, disturbed(folder / "disturbed", dataset)


def kill_in_run(pid: int, claim: Path, number: int, life_s: float) -> None:
    """Kill a process a moment after it began a run; 0 is the first one."""
    deadline = time.monotonic() + LIMIT_S
    while len(list(claim.glob(f"{RUNS}/*/{METRICS}"))) <= number and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(life_s)
    os.kill(pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL, "it ended before it was killed"


if __name__ == "__main__":
    found = main(Path(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(f"{json.dumps(found)}\n")
