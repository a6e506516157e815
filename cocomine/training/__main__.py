"""Carry out one run in this process: `python -m cocomine.training RUN [LOCK]`.

LOCK is the descriptor of the folder's lock where the starting process took it; without one it is taken here. Exits with
0 when the run is done or was stopped, 1 when it failed (its status says why), 2 for wrong usage. What is printed goes
to the run's log.
"""

import logging
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType

from cocomine.errors import CocomineError
from cocomine.system.cores import usable_cores
from cocomine.system.own_process import inherited_lock
from cocomine.system.space import kept_space
from cocomine.training.runs.config import TrainingConfig, read_config
from cocomine.training.runs.launching import refuse_several_processes
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import BEST, CARD, CHECKPOINT, CONFIG, RUN_INFO, SAMPLES, STATUS
from cocomine.training.runs.records import METRICS, Status, read_record
from cocomine.training.runs.reporting import RunReport
from cocomine.workspace import workspace_from_environment


def main(arguments: list[str]) -> int:
    """Run or resume the folder named in `arguments`; return the exit code."""
    if len(arguments) not in {1, 2}:
        print("usage: python -m cocomine.training RUN [LOCK]", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(arguments[0]).absolute()
    try:
        refuse_several_processes()
        config = read_config(folder / CONFIG)
        lock = inherited_lock(int(arguments[1])) if arguments[1:] else take_lock(folder)
    except (CocomineError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    with lock:
        _remove_leftovers(folder)
        status, _ = read_record(folder / STATUS, Status)
        return 0 if status is not None and status.state == "done" else _carried_out(folder, config)


def _remove_leftovers(folder: Path) -> None:
    """Remove half files of killed processes, of our own names alone; under the lock nobody else writes them."""
    ours = (STATUS, RUN_INFO, METRICS, CHECKPOINT, BEST, CARD, "evaluation_*.npz", f"{SAMPLES}/step_*/*.png")
    for name in ours:
        for part in folder.glob(f"{name}.part-*"):
            part.unlink(missing_ok=True)


def _carried_out(folder: Path, config: TrainingConfig) -> int:
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        with kept_space(folder):
            RunReport(folder, steps=config.steps).say("starting", "loading PyTorch")
            _train(folder)
    except CocomineError as error:
        return _failed(folder, config, str(error))
    except Exception as error:
        last_line = (str(error).strip().splitlines() or [""])[-1]
        message = f"Unexpected: {type(error).__name__}: {last_line}. The log has the details."
        return _failed(folder, config, message, trace=traceback.format_exc())
    return 0


def _train(folder: Path) -> None:
    # Waiting threads of PyTorch's OpenMP spin by default: on a machine with other work, measured here beside a busy
    # app, that costs four times the CPU time and the wall time. It is read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch  # noqa: PLC0415  (takes seconds; the status must be there before)

    from cocomine.training.loop import train  # noqa: PLC0415
    from cocomine.training.setup import resources_of  # noqa: PLC0415

    torch.set_num_threads(usable_cores())
    signals: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signals.append(number)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    train(folder, resources_of(workspace_from_environment()), lambda: bool(signals))


def _failed(folder: Path, config: TrainingConfig, message: str, *, trace: str = "") -> int:
    """Put the failure into the last status, so that the step reached is still seen, and into the log; return 1."""
    status, _ = read_record(folder / STATUS, Status)
    kept = {} if status is None else {"step": status.step, "notices": status.notices}
    # A disk without a byte left may take neither; the folder's lock, which ends with this process, then says "lost".
    with suppress(CocomineError, OSError):
        RunReport(folder, steps=config.steps).say("failed", message, **kept)
    with suppress(OSError):
        print(trace, file=sys.stderr, flush=True)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
