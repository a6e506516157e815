"""How far is a claim check, and what came out?

Read from its folder alone, whoever began it: the protocol, the state of each run, the result. A file that did not
change is not read again by the same reader, so that a page may look every two seconds.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from cocomine.background.reading import Task
from cocomine.claim.arm_runs import ArmRun, runs_of
from cocomine.claim.arms import ArmName
from cocomine.claim.counts_file import read_run_counts
from cocomine.claim.judging import images_of
from cocomine.claim.protocol import read_protocol
from cocomine.claim.records import PROTOCOL, RESULT, Protocol, Result
from cocomine.errors import ClaimError
from cocomine.exporting.layout import MANIFEST
from cocomine.system.files import Stamp, stamp_of
from cocomine.system.own_process import is_locked
from cocomine.training.runs.reading import ACTIVE_STATES, STATUS, judged_state
from cocomine.training.runs.records import Status, read_record

KIND = "claim"
"""Of the task that carries out a check."""
T = TypeVar("T")
CellState = Literal["waiting", "exporting", "running", "testing", "done", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One run of a check: an arm, a number of steps, a seed.

    Attributes:
        state: "running" also while its process starts or stops; "waiting" also where it was stopped half way.
        step: updates done.
        iou_with_class: mean IoU of the classes on the test images with one of them (T1), once it is tested.
        iou_natural: the same on the natural mix (T2).
        folder: of the run, there or not.
        problem: why it failed, "" where it did not.
    """

    arm: ArmName
    steps: int
    seed: int
    state: CellState
    step: int
    folder: Path
    iou_with_class: float | None = None
    iou_natural: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim check as its folder shows it.

    Attributes:
        cells: in the order in which they are trained.
        result: None until all runs are in and judged.
        task: that carries it out, or did so last; None where no task is known.
        problem: a file that cannot be used, "" where all can.
    """

    folder: Path
    protocol: Protocol
    cells: tuple[Cell, ...]
    result: Result | None
    task: Task | None
    problem: str = ""

    @property
    def is_at_work(self) -> bool:
        """Whether there is a process for it: waiting for its turn, at work or paused."""
        return self.task is not None and self.task.is_active

    @property
    def can_go_on(self) -> bool:
        """Whether starting it again makes sense."""
        return self.result is None and not self.is_at_work

    @property
    def seconds_left(self) -> float | None:
        """Until it is judged; None where nobody is at it or that cannot be told yet."""
        return self.task.status.left_s if self.task is not None and self.is_at_work else None

    def cell(self, arm: ArmName, steps: int, seed: int) -> Cell:
        """Return one cell.

        Raises:
            KeyError: there is none of these.
        """
        return {(each.arm, each.steps, each.seed): each for each in self.cells}[arm, steps, seed]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    """What a run's counts say, and what is wrong with them."""

    iou_with_class: float | None
    iou_natural: float | None
    problem: str = ""


class ClaimReader:
    """Reads claim checks and keeps what it read."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[Stamp, Any]] = {}

    def read(self, folder: Path, now: float, tasks: Iterable[Task] = ()) -> Claim:
        """Return a claim check.

        Args:
            folder: of the check.
            now: seconds since the epoch, to judge the heartbeats of runs by.
            tasks: of the workspace, among which may be the one that carries it out.

        Raises:
            ClaimError: there is no protocol, or it cannot be read.
        """
        protocol: Protocol = self._once(folder / PROTOCOL, lambda _: read_protocol(folder)) or read_protocol(folder)
        result, problem = self._once(folder / RESULT, lambda path: read_record(path, Result)) or (None, None)
        task = _task_of(folder, tasks)
        cells = tuple(self._cell(folder, protocol, run, now=now, task=task) for run in runs_of(protocol))
        return Claim(folder=folder, protocol=protocol, cells=cells, result=result, task=task, problem=problem or "")

    def _once(self, path: Path, read: Callable[[Path], T]) -> T | None:
        """Return what is in a file, read anew only where it changed; None where it is not there."""
        try:
            stamp = stamp_of(path.stat())
        except OSError:
            return None
        kept = self._kept.get(path)
        if kept is None or kept[0] != stamp:
            kept = self._kept[path] = stamp, read(path)
        found: T = kept[1]
        return found

    def _cell(self, folder: Path, protocol: Protocol, run: ArmRun, *, now: float, task: Task | None) -> Cell:
        tested = self._once(run.counts_path(folder), lambda path: _tested(path, protocol))
        done = Cell(
            arm=run.arm,
            steps=run.steps,
            seed=run.seed,
            state="done",
            step=run.steps,
            folder=run.folder(folder),
            iou_with_class=None if tested is None else tested.iou_with_class,
            iou_natural=None if tested is None else tested.iou_natural,
            problem="" if tested is None else tested.problem,
        )
        if tested is not None and not tested.problem:
            return done
        status, _ = read_record(run.folder(folder) / STATUS, Status)
        state, problem = _state(folder, run, status, now=now, task=task)
        return replace(done, state=state, step=0 if status is None else status.step, problem=problem or done.problem)


def read_claim(folder: Path, now: float, tasks: Iterable[Task] = ()) -> Claim:
    """Return a claim check, read once; see `ClaimReader.read`."""
    return ClaimReader().read(folder, now, tasks)


def _tested(path: Path, protocol: Protocol) -> _Tested:
    try:
        counts = read_run_counts(path, protocol)
    except ClaimError as error:
        return _Tested(iou_with_class=None, iou_natural=None, problem=str(error))
    on_class, natural = (counts.mean_iou(images_of(protocol.test, test_set)) for test_set in ("T1", "T2"))
    return _Tested(iou_with_class=on_class, iou_natural=natural)


def _state(folder: Path, run: ArmRun, status: Status | None, *, now: float, task: Task | None) -> tuple[CellState, str]:
    """Return the state of a run whose counts are not there, and why it failed."""
    is_at_work = task is not None and task.state in {"running", "paused"}
    if status is None:
        is_exported = (run.export_folder(folder) / MANIFEST).is_file()
        return ("exporting" if is_at_work and not is_exported else "waiting"), ""
    state = judged_state(status, is_held=is_locked(run.folder(folder)), now=now)
    if state in ACTIVE_STATES or state == "asleep":
        return "running", ""
    if state == "failed":
        return "failed", status.message
    return ("testing" if state == "done" and is_at_work else "waiting"), ""


def _task_of(folder: Path, tasks: Iterable[Task]) -> Task | None:
    """Return the newest task that carries out a check, or did so."""
    target = os.path.realpath(folder)
    of_claim = [task for task in tasks if task.request.kind == KIND and task.request.target == target]
    return max(of_claim, key=lambda task: task.number, default=None)
