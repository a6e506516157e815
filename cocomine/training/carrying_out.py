"""How does a process that holds the lock of a run's folder carry the run out, whatever happens?

What goes wrong is in the run's last status. PyTorch is loaded after the first status is there: it takes
seconds.
"""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from cocomine.errors import TrainingError
from cocomine.system.cores import computing_threads
from cocomine.system.space import kept_space
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.faults import recorded_failure
from cocomine.training.runs.launching import drop_checkpoint, remove_leftovers
from cocomine.training.runs.reading import STATUS
from cocomine.training.runs.records import Status, read_record
from cocomine.training.runs.reporting import RunReport
from cocomine.workspace import workspace_from_environment


def carried_out(folder: Path, config: TrainingConfig, is_asked_to_end: Callable[[], bool]) -> str:
    """Carry out a run, or go on with it, under the lock of its folder; return its last state: done, stopped or failed.

    Args:
        folder: Of the run.
        config: As it stands there.
        is_asked_to_end: Asked often; True stops it with a checkpoint.
    """
    remove_leftovers(folder)
    status, _ = read_record(folder / STATUS, Status)
    if status is not None and status.state == "done":
        drop_checkpoint(folder)  # killed at its very end, it is left
        return status.state
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        with recorded_failure(folder, config), kept_space(folder):
            RunReport(folder, steps=config.steps).say("starting", "loading PyTorch")
            return _trained(folder, is_asked_to_end)
    except TrainingError:  # the status says why
        return "failed"


def _trained(folder: Path, is_asked_to_end: Callable[[], bool]) -> str:
    # Waiting threads of PyTorch's OpenMP spin by default: on a machine with other work, measured here beside a busy
    # app, that costs four times the CPU time and the wall time. It is read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")  # what Apple's GPUs lack is computed on the CPU
    import torch  # noqa: PLC0415  (takes seconds; the status must be there before)

    from cocomine.training.loop import train  # noqa: PLC0415
    from cocomine.training.resources import resources_of  # noqa: PLC0415

    torch.set_num_threads(computing_threads())
    return train(folder, resources_of(workspace_from_environment()), is_asked_to_end)
