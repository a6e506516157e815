"""Carry out one run in this process: `python -m cocomine.training RUN`.

Exits with 0 when the run is done or was stopped, 1 when it failed (its status says why), 2 for
wrong usage. What is printed goes to the run's log.
"""

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from cocomine.errors import CocomineError
from cocomine.training.config import read_config
from cocomine.training.reporting import RunReport
from cocomine.training.runs import CONFIG, STATUS
from cocomine.workspace import workspace_from_environment


def main(arguments: list[str]) -> int:
    """Run or resume the folder named in `arguments`; return the exit code."""
    if len(arguments) != 1:
        print("usage: python -m cocomine.training RUN", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(arguments[0]).absolute()
    try:
        config = read_config(folder / CONFIG)
    except CocomineError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    if _is_done(folder):
        return 0
    report = RunReport(folder, steps=config.steps)
    report.say("starting", "loading PyTorch")
    return _carried_out(folder)


def _is_done(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / STATUS).read_text(encoding="utf-8"))["state"] == "done")
    except (OSError, ValueError, KeyError, TypeError):
        return False  # no usable status: run it


def _carried_out(folder: Path) -> int:
    try:
        _train(folder)
    except CocomineError as error:
        print(error, file=sys.stderr)  # noqa: T201
        _note_failure(folder, str(error))
        return 1
    except Exception as error:
        traceback.print_exc()
        last_line = (str(error).strip().splitlines() or [""])[-1]
        _note_failure(folder, f"Unexpected: {type(error).__name__}: {last_line}. The log has the details.")
        return 1
    return 0


def _train(folder: Path) -> None:
    # Waiting threads of PyTorch's OpenMP spin by default: on a machine with other work, measured here beside a busy
    # app, that costs four times the CPU time and the wall time. It is read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch  # noqa: PLC0415  (takes seconds; the status must be there before)

    from cocomine.training.loop import train  # noqa: PLC0415
    from cocomine.training.setting_up import places_in  # noqa: PLC0415

    torch.set_num_threads(os.cpu_count() or 1)
    signals: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signals.append(number)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    train(folder, places_in(workspace_from_environment()), lambda: bool(signals))


def _note_failure(folder: Path, message: str) -> None:
    """Put the failure into the last status, so that the step reached is still seen."""
    try:
        status = json.loads((folder / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        status = {}
    steps = read_config(folder / CONFIG).steps
    kept = {name: status[name] for name in ("step", "notices") if name in status}
    RunReport(folder, steps=steps).say("failed", message, **kept)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
