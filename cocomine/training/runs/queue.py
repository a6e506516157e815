"""Who trains next where one run is at work already?

Each run that was started in the app has a task beside it (`cocomine.background`), which waits in one queue for this
computer, starts the run's own process when its turn has come, and keeps the turn until that has ended. The run itself
needs no task: it goes on where its task is killed. A pause stops the run with a checkpoint, and goes on from there.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cocomine.background.launching import start_task
from cocomine.background.reading import Task, TaskReader
from cocomine.background.records import Request
from cocomine.background.reporting import Report
from cocomine.errors import TrainingError
from cocomine.system.jobs import Progress
from cocomine.training.runs.config import TrainingConfig, config_as_json, config_from_json
from cocomine.training.runs.launching import start_run
from cocomine.training.runs.metrics_reader import MetricsReader
from cocomine.training.runs.reading import CONFIG, Run, active_folders, read_run, request_stop
from cocomine.wording import counted

KIND = QUEUE = "training"
Start = Callable[[TrainingConfig, Path, Mapping[str, float]], None]
LOOK_S = 0.5


def start_in_turn(
    config: TrainingConfig, folder: Path, tasks_folder: Path, changes: Mapping[str, float] = MappingProxyType({})
) -> bool:
    """Start or resume a run now where nothing trains here, else when its turn comes; return whether it started now.

    Args:
        config: See `start_run`.
        folder: Of the run.
        tasks_folder: Of the workspace.
        changes: See `start_run`.

    Raises:
        TaskError: The run is in the queue already.
        TrainingError: See `start_run`.
        StorageError: A folder cannot be written.
    """
    arguments = {"run": str(folder), "config": config_as_json(config), "changes": dict(changes)}
    request = Request(
        kind=KIND,
        title=f"Training of {folder.name}",
        work=__name__,
        arguments=arguments,
        queue=QUEUE,
        target=str(folder),
        if_cancelled="What was trained so far is in the run's last checkpoint.",
    )
    task_folder = start_task(tasks_folder, request)
    task = next((each for each in TaskReader().tasks(tasks_folder) if each.folder == task_folder), None)
    if task is None or task.ahead or active_folders(folder.parent, time.time()):
        return False
    _started(start_run, config, folder, changes)
    return True


def held_task(folder: Path, tasks: Iterable[Task]) -> Task | None:
    """Return the task that is still to start a run or to go on with it: it waits for its turn, or is paused."""
    of_run = (task for task in tasks if task.request.kind == KIND and task.request.target == str(folder))
    return next((task for task in of_run if task.is_active and (task.is_in_line or task.wants_pause)), None)


def refuse_where_held(folder: Path, tasks_folder: Path) -> None:
    """Refuse to move a run that a task is to go on with: it would begin anew under its former name.

    Raises:
        TrainingError: There is such a task.
    """
    if held_task(folder, TaskReader().tasks(tasks_folder)) is not None:
        raise TrainingError(f"{folder}: this run is in the queue. Remove it from the queue first.")


def carry_out(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Start a run when no other is at work in its folder, and keep the turn until it has ended."""
    folder, changes = Path(arguments["run"]), arguments["changes"]
    config = config_from_json(arguments["config"], where=str(folder))
    report.plan({"Training": 1.0}, unit="step")
    return _result(trained(config, folder, report, report.phase("Training"), start_run, changes))


def trained(
    config: TrainingConfig,
    folder: Path,
    report: Report,
    progress: Progress,
    start: Start,
    changes: Mapping[str, float] = MappingProxyType({}),
) -> Run:
    """Start a run, or go on with it, when no other beside it is at work; return it when it has ended.

    A pause of the task stops the run with a checkpoint, and lets it go on from there.

    Args:
        config: see `start_run`.
        folder: of the run.
        report: of the task.
        progress: gets how many steps are done of how many.
        start: `start_run`, or what begins a run in a process that is there.
        changes: see `start_run`.

    Raises:
        JobCancelled: the task is to end; the run has a checkpoint.
        TrainingError: see `start_run`.
        StorageError: see `start_run`.
    """
    while set(active_folders(folder.parent, time.time())) - {folder}:
        report.check()
        time.sleep(LOOK_S)
    _started(start, config, folder, changes)
    run = _followed(folder, report, progress)
    while run.state == "stopped" and _held_while_paused(report):
        _started(start, run.config, folder, {})
        run = _followed(folder, report, progress)
    while report.wants_end:
        report.check()
        time.sleep(LOOK_S)
    return run


def _held_while_paused(report: Report) -> bool:
    """Wait while the task is to pause; return whether it was, and may go on."""
    was_paused = report.wants_pause
    while report.wants_pause and not report.wants_end:
        report.check()  # which looks now and then only, and returns when the person lets the task go on
        time.sleep(LOOK_S)
    return was_paused and not report.wants_end


def _started(start: Start, config: TrainingConfig, folder: Path, changes: Mapping[str, float]) -> None:
    """Start the run, unless whoever put it into the queue, or its own task, was faster."""
    try:
        start(config, folder, changes)
    except TrainingError:
        if not (folder / CONFIG).is_file() or not read_run(folder, time.time()).is_active:
            raise


def _followed(folder: Path, report: Report, progress: Progress) -> Run:
    """Tell how far the run is until its process has ended; ask it to stop where the task is to pause or to end."""
    reader = MetricsReader()
    while (run := read_run(folder, time.time(), reader)).is_active:
        if report.wants_pause or report.wants_end:
            request_stop(folder)
        else:
            progress(run.step, run.config.steps)
        time.sleep(LOOK_S)
    return run


def _result(run: Run) -> dict[str, Any]:
    """Return what became of a run.

    Raises:
        TrainingError: It failed, or its process was killed.
    """
    if run.state == "failed":
        raise TrainingError(run.message)
    if run.state == "lost":
        raise TrainingError(
            f"{run.folder}: the process ended after step {run.step:,}, killed or out of memory. Resume the run."
        )
    if run.state == "stopped":
        return {"sentence": f"{run.folder.name}: stopped at step {run.step:,}. Resume goes on.", "is_well": False}
    return {"sentence": f"{run.folder.name}: trained, {counted(run.step, 'step')}."}
