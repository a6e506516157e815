"""Carry out one run in this process: `python -m cocomine.training RUN [LOCK]`.

LOCK is the descriptor of the folder's lock where the starting process took it; without one it is taken here. Exits with
0 when the run is done or was stopped, 1 when it failed (its status says why), 2 for wrong usage. What is printed goes
to the run's log.
"""

import sys
from pathlib import Path

from cocomine.errors import CocomineError
from cocomine.system.own_process import inherited_lock
from cocomine.training.carrying_out import carried_out
from cocomine.training.runs.config import read_config
from cocomine.training.runs.launching import process_count, stop_signals
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import CONFIG
from cocomine.training.together import train_together


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
    with lock, stop_signals() as is_asked_to_end:
        return int(carried_out(folder, config, is_asked_to_end) == "failed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
