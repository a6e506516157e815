"""Carry out one run in this process: `python -m cocomine.training RUN [LOCK]`.

LOCK is the descriptor of the folder's lock where the starting process took it; without one it is taken here. Exits with
0 when the run is done or was stopped, 1 when it failed (its status says why), 2 for wrong usage. What is printed goes
to the run's log.
"""

import logging
import os
import sys
from pathlib import Path

from cocomine.errors import CocomineError, TrainingError
from cocomine.system.cores import usable_cores
from cocomine.system.own_process import inherited_lock
from cocomine.system.space import kept_space
from cocomine.training.runs.config import TrainingConfig, read_config
from cocomine.training.runs.faults import recorded_failure
from cocomine.training.runs.launching import drop_checkpoint, process_count, remove_leftovers, stop_signals
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import CONFIG, STATUS
from cocomine.training.runs.records import Status, read_record
from cocomine.training.runs.reporting import RunReport
from cocomine.training.together import train_together
from cocomine.workspace import workspace_from_environment


def main(arguments: list[str]) -> int:
    """Run or resume the folder named in `arguments`; return the exit code."""
    if len(arguments) not in {1, 2}:
        print("usage: python -m cocomine.training RUN [LOCK]", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(arguments[0]).absolute()
    if process_count() > 1:
        return train_together(folder)
    try:
        config = read_config(folder / CONFIG)
        lock = inherited_lock(int(arguments[1])) if arguments[1:] else take_lock(folder)
    except (CocomineError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    with lock:
        remove_leftovers(folder)
        status, _ = read_record(folder / STATUS, Status)
        if status is None or status.state != "done":
            return _carried_out(folder, config)
        drop_checkpoint(folder)  # killed at its very end, it is left
        return 0


def _carried_out(folder: Path, config: TrainingConfig) -> int:
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        with recorded_failure(folder, config), kept_space(folder):
            RunReport(folder, steps=config.steps).say("starting", "loading PyTorch")
            _train(folder)
    except TrainingError:  # the status says why
        return 1
    return 0


def _train(folder: Path) -> None:
    # Waiting threads of PyTorch's OpenMP spin by default: on a machine with other work, measured here beside a busy
    # app, that costs four times the CPU time and the wall time. It is read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")  # what Apple's GPUs lack is computed on the CPU
    import torch  # noqa: PLC0415  (takes seconds; the status must be there before)

    from cocomine.training.loop import train  # noqa: PLC0415
    from cocomine.training.resources import resources_of  # noqa: PLC0415

    torch.set_num_threads(usable_cores())
    train(folder, resources_of(workspace_from_environment()), stop_signals())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
