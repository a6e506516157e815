"""Carry out one task in this process: `python -m cocomine.background TASK [LOCK]`.

LOCK is the descriptor of the folder's lock where the starting process took it; without one it is taken here. Exits with
0 when the work is done or was cancelled, 1 when it failed (its status says why), 2 for wrong usage. What is printed
goes to the task's log.
"""

import importlib
import logging
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType

from cocomine.background.launching import numbering
from cocomine.background.reading import TaskReader, is_in_the_way
from cocomine.background.records import REQUEST, RESULT, STATUS, Request, State, record_in
from cocomine.background.reporting import AskedToEnd, Report
from cocomine.errors import CocomineError, TaskError
from cocomine.system.files import write_json
from cocomine.system.jobs import JobCancelled
from cocomine.system.own_process import inherited_lock, take_folder_lock
from cocomine.system.space import kept_space

QUEUE_LOOK_S = 0.25
NICENESS = 5
"""So that pages stay quick while a task takes all processors."""


def main(arguments: list[str]) -> int:
    """Carry out the task of the folder named in `arguments`; return the exit code."""
    if len(arguments) not in {1, 2}:
        print("usage: python -m cocomine.background TASK [LOCK]", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(arguments[0]).absolute()
    try:
        lock = inherited_lock(int(arguments[1])) if arguments[1:] else take_folder_lock(folder)
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    request = record_in(folder / REQUEST, Request)
    if lock is None or request is None:
        print(f"{folder}: no task, or another process is at work on it.", file=sys.stderr)  # noqa: T201
        return 1
    with lock:
        return _carried_out(folder, request)


def _carried_out(folder: Path, request: Request) -> int:
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(message)s")
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    for part in folder.glob(f"{STATUS}.part-*"):  # of a killed process
        part.unlink(missing_ok=True)
    report = Report(folder)
    _heed_signals(report)
    state, message = _ended(folder, request, report)
    # A disk without a byte left may not take it; the folder's lock, which ends with this process, then says "lost".
    with suppress(CocomineError):
        report.end(state, message)
    return 1 if state == "failed" else 0


def _ended(folder: Path, request: Request, report: Report) -> tuple[State, str]:
    """Do the work when its turn has come; return how it ended, and why where that is no success."""
    try:
        with kept_space(folder), report.told():
            _begin_in_turn(folder, request, report)
            result = importlib.import_module(request.work).carry_out(request.arguments, report)
            write_json(folder / RESULT, result)
    except AskedToEnd as error:
        return "failed", f"{request.title}: the system ended it ({error}). Start it again."
    except JobCancelled:
        return "cancelled", ""
    except CocomineError as error:
        return "failed", str(error)
    except Exception as error:  # whatever it is, it must not look as if the process had died
        traceback.print_exc()
        last_line = (str(error).strip().splitlines() or [""])[-1]
        return "failed", f"Unexpected: {type(error).__name__}: {last_line}. The log has the details ({folder})."
    return "done", str(result.get("sentence", ""))


def _begin_in_turn(folder: Path, request: Request, report: Report) -> None:
    """Wait until no task of the queue is in the way, and say that the work begins.

    Both happen under the lock of all tasks, so that of two which change places at this moment one begins.

    Raises:
        JobCancelled: it was cancelled meanwhile.
    """
    reader = TaskReader()
    while request.queue:
        if not report.wants_pause and _is_turn(reader, folder):
            with suppress(TaskError), numbering(folder.parent):  # somebody holds the lock: look again
                if _is_turn(reader, folder):
                    report.begin()
                    return
        if report.wants_end:
            report.check()
        time.sleep(QUEUE_LOOK_S)
    report.begin()


def _is_turn(reader: TaskReader, folder: Path) -> bool:
    own = reader.task(folder)
    return own is None or not any(is_in_the_way(task, own) for task in reader.tasks(folder.parent))


def _heed_signals(report: Report) -> None:
    def note(number: int, _frame: FrameType | None) -> None:
        report.ask_to_end(signal.Signals(number).name)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
