"""A claim check as its task carries it out, disturbed in each of its runs; see `killed_claims`, which calls this.

Task and training are processes of their own, as in the app, and are started, paused, cancelled and gone on with by what
the page calls. They are forked, so that PyTorch is loaded once.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, NoReturn

from claim_datasets import SMALL

from cocomine.background import __main__ as background
from cocomine.background import launching
from cocomine.background.reading import Task, TaskReader, ask_to_cancel, ask_to_go_on, ask_to_pause
from cocomine.claim.arm_runs import runs_of
from cocomine.claim.protocol import read_protocol
from cocomine.claim.starting import go_on, start_claim
from cocomine.coco.dataset import Dataset
from cocomine.training import carrying_out, in_turn, loop
from cocomine.training.runs import queue, training_process
from cocomine.training.runs.reading import CHECKPOINT, LAST, read_run
from cocomine.training.step import train_step

STEP_S = 0.04
"""Each training step lasts as long at least, so that a run is not over before it is disturbed."""
CHECKPOINT_EACH_S = 0.15
LIMIT_S = 60.0
MOST_FILES = 256


def disturbed(claim: Path, dataset: Dataset) -> list[str]:
    """Carry out a check of four runs whose task is killed, then a run, which is paused, then cancelled.

    Returns:
        The state of the task after each of these, and at the end.
    """
    fork_processes()
    tasks = claim.with_name("tasks")
    start_claim(dataset, SMALL, claim, tasks)
    first, second, third, fourth = (run.folder(claim) for run in runs_of(read_protocol(claim)))

    wait_for_middle(first)
    pid_of_run = read_run(first, time.time()).pid
    os.kill(task_of(tasks).status.pid or 0, signal.SIGKILL)
    states = [ended(tasks)]
    run = read_run(first, time.time())
    assert (run.is_active, run.pid) == (True, pid_of_run), "it goes on without its task"
    go_on(claim, tasks)

    wait_for_middle(second)
    assert read_run(second, time.time()).pid != pid_of_run, "who has lost its task begins no other run"
    os.kill(read_run(second, time.time()).pid or 0, signal.SIGKILL)
    states.append(ended(tasks))
    assert read_run(second, time.time()).state == "lost"
    go_on(claim, tasks)

    wait_for_middle(third)
    ask_to_pause(task_of(tasks).folder)
    wait_until(lambda: task_of(tasks).state == "paused", "the task pauses")
    states.append(task_of(tasks).state)
    assert read_run(third, time.time()).state == "stopped"
    ask_to_go_on(task_of(tasks).folder)

    wait_for_middle(fourth)
    ask_to_cancel(task_of(tasks).folder)
    states.append(ended(tasks))
    assert read_run(fourth, time.time()).state == "stopped"
    go_on(claim, tasks)
    return [*states, ended(tasks)]


def wait_for_middle(run: Path) -> None:
    """Wait until a run has a checkpoint and is not at its end."""
    wait_until((run / CHECKPOINT).is_file, f"{run.name} has a checkpoint")
    assert not (run / LAST).exists(), f"{run.name} is over"


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline, f"not within {LIMIT_S} s: {what}"
        time.sleep(0.005)


def task_of(tasks: Path) -> Task:
    """The newest task."""
    return max(TaskReader().tasks(tasks), key=lambda task: task.number)


def ended(tasks: Path) -> str:
    """Wait until the newest task has ended; return how."""
    wait_until(lambda: not task_of(tasks).is_active, "the task has ended")
    return task_of(tasks).state


def fork_processes() -> None:
    """Let tasks and trainings be forked from here on, train in small steps, and look often."""
    setattr(launching, "start_own_process", forked_task)  # noqa: B010 - the type checker need not know
    setattr(training_process, "_started", forked_training)  # noqa: B010
    setattr(loop, "train_step", slow_step)  # noqa: B010
    setattr(carrying_out, "computing_threads", lambda: 1)  # noqa: B010
    background.NICENESS = 0  # or on a busy machine they would hardly go on
    queue.LOOK_S, loop._CHECKPOINT_INTERVAL_S = 0.01, CHECKPOINT_EACH_S


def forked_task(_module: str, folder: Path, lock: BinaryIO) -> None:
    """Stand in for `start_own_process`."""
    if os.fork():
        return
    descriptor = lock.fileno()
    os.closerange(3, descriptor)  # such as the lock of all tasks, held at this moment
    os.closerange(descriptor + 1, MOST_FILES)
    leave(lambda: background.main([str(folder), str(descriptor)]))


def forked_training() -> Any:
    """Stand in for the start of `cocomine.training.in_turn`; return its pipes."""
    orders, to_orders = os.pipe()
    from_answers, answers = os.pipe()
    if not os.fork():
        os.dup2(orders, 0)
        os.dup2(answers, 1)
        os.closerange(3, MOST_FILES)
        leave(in_turn.main)
    os.close(orders)
    os.close(answers)
    return SimpleNamespace(stdin=os.fdopen(to_orders, "wb"), stdout=os.fdopen(from_answers, "rb"))


def leave(work: Callable[[], int]) -> NoReturn:
    """Do the work of a forked process, and end it there."""
    try:
        os._exit(work())
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
        sys.stderr.flush()
        os._exit(1)


def slow_step(*arguments: Any, _step: Callable[..., Any] = train_step) -> Any:
    time.sleep(STEP_S)
    return _step(*arguments)
