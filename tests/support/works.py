"""What tasks do in tests: a task's process imports this module by its name, so it imports little itself."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from cocomine.background.records import Request
from cocomine.background.reporting import Report
from cocomine.errors import DatasetError

STEP_S = 0.01
CHILD_S = 300.0
"""Longer than any test waits."""


def request(do: str, **more: Any) -> Request:
    """Return a request for one of the works below."""
    fields = {name: more.pop(name) for name in ("title", "queue", "target") if name in more}
    common: dict[str, Any] = {"kind": "test", "title": "Test", "work": "works"}
    return Request(**(common | fields), arguments={"do": do, **more})


def carry_out(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Do what the arguments name."""
    works = {
        "count": _count,
        "fail": _fail,
        "break": _break,
        "die": _die,
        "leave a child": _leave_a_child,
        "note": _note,
    }
    return works[arguments["do"]](arguments, report)


def _count(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Count to a number in two phases."""
    total = arguments.get("total", 3)
    report.plan({"Counting": 3.0, "Checking": 1.0})
    for phase in ("Counting", "Checking"):
        progress = report.phase(phase)
        for done in range(1, total + 1):
            time.sleep(STEP_S)
            progress(done, total)
    return {"total": total}


def _note(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write down when it began and ended."""
    path = Path(arguments["path"])
    for word in ("begin", "end"):
        with path.open("a") as file:
            file.write(f"{word} {arguments['name']}\n")
        report.phase(word)(1, 1)
        time.sleep(10 * STEP_S)
    return {}


def _fail(_arguments: dict[str, Any], _report: Report) -> dict[str, Any]:
    raise DatasetError("val.json: is not there. Put it back.")


def _break(_arguments: dict[str, Any], _report: Report) -> dict[str, Any]:
    raise ZeroDivisionError("by nothing")


def _leave_a_child(arguments: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Die, while a forked child lives on."""
    child = os.fork()
    if not child:
        time.sleep(CHILD_S)
        os._exit(0)
    Path(arguments["path"]).write_text(str(child))
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def _die(_arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    report.phase("Dying")(1, 2)
    print("these are my last words", flush=True)  # noqa: T201 - goes to the log
    os.kill(os.getpid(), signal.SIGKILL)
    return {}
