"""How are two sides measured so that a busy machine is no advantage to either?

Each side works in a process of its own, and they take turns, so that both meet
the same weather; a ratio is that of two neighbours in time.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from benchmarks.job import Job
from benchmarks.worker import Sample

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


class Worker:
    """A process with one side in it, see `benchmarks.worker`."""

    def __init__(self, side: str, job: Job, *, cores: int | None = None) -> None:
        self._side = side
        limit = [] if cores is None else [str(cores)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", side, msgspec.json.encode(job).decode(), *limit],
            cwd=ROOT,
            env=os.environ | {"COCOMINE_HOME": str(Path(job.scratch) / "home")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measure(self, name: str) -> Sample:
        """Let it do one piece of work and return what that took.

        Raises:
            RuntimeError: it failed; its traceback went to stderr.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError(f"{self._side} has no pipes.")
        with suppress(BrokenPipeError):  # it has died already; there will be no answer
            self._process.stdin.write(f"{name}\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._side}.{name} failed; its error is above.")
        return msgspec.json.decode(answer, type=Sample)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


def fresh(side: str, job: Job, name: str, *, cores: int | None = None) -> Sample:
    """Return what one piece of work takes in a process that does nothing else, on all cores or on so many."""
    with Worker(side, job, cores=cores) as worker:
        return worker.measure(name)


def in_turns(repeats: int, *works: Callable[[], T]) -> list[list[T]]:
    """Call functions one after the other, who goes first changing each time; return what each gave."""
    results: list[list[T]] = [[] for _ in works]
    for repeat in range(repeats):
        for place in range(len(works)):
            turn = (place + repeat) % len(works)
            results[turn].append(works[turn]())
    return results


def refuse_difference(what: str, outcomes: Sequence[object]) -> None:
    """Make sure that all sides came to the same result: a faster wrong answer is no answer.

    Raises:
        RuntimeError: they differ.
    """
    if any(outcome != outcomes[0] for outcome in outcomes):
        raise RuntimeError(f"{what}: the sides differ. {[str(outcome)[:200] for outcome in outcomes]}")
