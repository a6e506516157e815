"""Carry out one run as one of several processes that a launcher such as torchrun started.

All take the same command. The first one makes the run's folder ready, holds its lock and writes; the others learn the
settings from it, so that their computers need the export, and no part of the run's folder.
"""

import logging
import os
import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from cocomine.errors import CocomineError
from cocomine.system.cores import usable_cores
from cocomine.system.own_process import LOG
from cocomine.system.space import kept_space
from cocomine.training.runs.config import TrainingConfig, read_config
from cocomine.training.runs.faults import recorded_failure
from cocomine.training.runs.launching import prepared_run, process_rank, remove_leftovers, stop_signals
from cocomine.training.runs.reading import CONFIG
from cocomine.workspace import workspace_from_environment

if TYPE_CHECKING:
    from cocomine.training.group import Group


def train_together(folder: Path, config: TrainingConfig | None = None) -> int:
    """Meet the other processes and train with them; return the exit code, 0 where the run is done or was stopped.

    Args:
        folder: Of the run; made by the first process where it is not there.
        config: The settings of the run; None takes those in the folder.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read when torch is loaded, see `__main__`
    from cocomine.training.group import joined_group  # noqa: PLC0415  (takes seconds)

    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        with joined_group() as group, ExitStack() as held:
            if not group.is_first:
                logging.getLogger().setLevel(logging.WARNING)
            with group.watched():
                known = group.from_first(lambda: _made_ready(folder, config, held))
            failures = recorded_failure(folder, known) if group.is_first else nullcontext()
            with failures, group.watched():
                _train(folder, known, group)
    except CocomineError as error:
        print(f"Process {process_rank()} ends. {error}", file=sys.stderr, flush=True)  # noqa: T201
        return 1
    return 0


def _made_ready(folder: Path, config: TrainingConfig | None, held: ExitStack) -> TrainingConfig:
    """Make the run's folder ready, hold its lock and some space of its disk, and return the settings."""
    known = config or read_config(folder / CONFIG)
    held.enter_context(prepared_run(known, folder))
    held.enter_context(kept_space(folder))
    remove_leftovers(folder)
    logging.getLogger().addHandler(logging.FileHandler(folder / LOG, encoding="utf-8"))
    return known


def _train(folder: Path, config: TrainingConfig, group: "Group") -> None:
    import torch  # noqa: PLC0415

    from cocomine.training.loop import train  # noqa: PLC0415
    from cocomine.training.resources import resources_of  # noqa: PLC0415

    torch.set_num_threads(max(1, usable_cores() // group.local_size))
    resources = resources_of(workspace_from_environment())
    with stop_signals() as is_asked_to_end:
        train(folder, resources, is_asked_to_end, config=config, group=group)
