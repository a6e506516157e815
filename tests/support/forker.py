"""Start modules of ours as forks of a process that has loaded what they import: in a blink, as often as a test wants.

As a script, `python forker.py MODULE...` loads modules, then does what each line of its standard input asks for.
"""

import importlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cocomine.system.subprocesses import with_this_package

CAN_FORK = hasattr(os, "fork")


class Forker:
    """Asks such a process for forks."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self, module: str, folder: Path, log: Path, **environment: str) -> int:
        """Do what `python -m module folder` would do, with further variables and its words in a log; return its id."""
        return self._answer({"module": module, "folder": str(folder), "log": str(log), "environment": environment})

    def exit_code(self, pid: int) -> int:
        """Wait for the end of a fork; return its exit code, minus the signal where one ended it."""
        return self._answer({"pid": pid})

    def _answer(self, question: Mapping[str, Any]) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(question)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def forker(*modules: str) -> Iterator[Forker]:
    """Let a process load modules and fork, until the end of the block."""
    command = [sys.executable, __file__, *modules]
    environment = with_this_package(os.environ)
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Forker(process)


def main(modules: list[str]) -> None:
    """Fork as each line asks until there are no more."""
    for module in modules:
        importlib.import_module(module)
    for line in sys.stdin:
        question = json.loads(line)
        answer = exit_code_of(question["pid"]) if "pid" in question else forked(**question)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def exit_code_of(pid: int) -> int:
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def forked(module: str, folder: str, log: str, environment: dict[str, str]) -> int:
    """Carry out a module in a process of its own; return its id."""
    if pid := os.fork():
        return pid
    exit_code = 1
    try:
        os.setsid()
        os.environ.update(environment)
        be_heard_in(log)
        exit_code = importlib.import_module(f"{module}.__main__").main([folder])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


def be_heard_in(log: str) -> None:
    """Let what is printed go to a file, and nothing come in: the questions are for the process that forks."""
    with Path(os.devnull).open("rb") as nothing, Path(log).open("ab") as file:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())


if __name__ == "__main__":
    main(sys.argv[1:])
