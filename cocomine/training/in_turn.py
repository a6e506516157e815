"""Carry out runs one after the other in this process: `python -m cocomine.training.in_turn`.

Serves `runs.training_process`: a line of stdin is a run to begin, a line of stdout says that it has begun, or why it
has not. What is printed meanwhile goes to the log of the run at work. The process leaves when its stdin closes, and
after a run that was stopped or failed; then it may have been asked to end, or what it needs may be used up.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from cocomine.errors import CocomineError
from cocomine.system.own_process import LOG
from cocomine.training.carrying_out import carried_out
from cocomine.training.runs.config import config_from_json, read_config
from cocomine.training.runs.launching import prepared_run, stop_signals
from cocomine.training.runs.reading import CONFIG
from cocomine.training.runs.training_process import Begun, Order

STDOUT, STDERR = 1, 2


def main() -> int:
    """Carry out runs until there is none; return the exit code."""
    answers = os.dup(STDOUT)
    for line in sys.stdin.buffer:
        with stop_signals() as is_asked_to_end:  # between two runs they end the process at once
            state = _state_after(msgspec.json.decode(line, type=Order), answers, is_asked_to_end)
            if state != "done" or is_asked_to_end():  # it may have come too late for the run to be stopped by it
                break
    return 0


def _state_after(order: Order, answers: int, is_asked_to_end: Callable[[], bool]) -> str:
    """Carry out a run; return its last state, "done" also where it cannot begin, for the next one may."""
    folder = Path(order.folder)
    try:
        with prepared_run(config_from_json(order.config, where=order.folder), folder, order.changes):
            _print_to_log(folder)
            _answer(answers, Begun())
            return carried_out(folder, read_config(folder / CONFIG), is_asked_to_end)
    except CocomineError as error:
        _answer(answers, Begun(problem=str(error)))
        return "done"


def _print_to_log(folder: Path) -> None:
    with (folder / LOG).open("ab") as log:
        for descriptor in (STDOUT, STDERR):
            os.dup2(log.fileno(), descriptor)


def _answer(answers: int, said: Begun) -> None:
    try:
        os.write(answers, msgspec.json.encode(said) + b"\n")
    except BrokenPipeError:
        return  # whoever asked is gone: the run that has begun goes on, and none comes after it


if __name__ == "__main__":
    sys.exit(main())
