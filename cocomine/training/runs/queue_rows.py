"""Which run is at work, which come after it, and what is to be said of each?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from cocomine.background.reading import Task, line_of
from cocomine.coco.split_role import SplitRole
from cocomine.errors import CocomineError
from cocomine.exporting.reading import ExportEntry
from cocomine.training.runs.config import TrainingConfig, config_from_json
from cocomine.training.runs.progress_words import progress_words
from cocomine.training.runs.queue import KIND, QUEUE
from cocomine.training.runs.reading import Run
from cocomine.training.runs.speed import kept_speed, run_time_s
from cocomine.training.runs.suitability import image_file_count
from cocomine.wording import RUN_STATE_NAMES, brief_duration, counted
from cocomine.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A run in the queue, in words."""

    task: Task
    name: str
    dataset: str  # "" where it is not known
    state: str
    progress: str  # how far it is or how much there is to do, and how long that takes where it is known

    @property
    def words(self) -> str:
        """All but its name, in a line."""
        return " · ".join(part for part in (self.dataset, self.state, self.progress) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSources:
    """Where the rows of a queue come from: what reads a run, and an export, and where speeds are kept."""

    run_at: Callable[[Path], Run]
    export_at: Callable[[Path], ExportEntry]
    workspace: Workspace


def tasks_at_work(tasks: Iterable[Task]) -> list[Task]:
    """Return the tasks of the queue whose turn has come and that keep it, also while they are paused."""
    return [task for task in tasks if task.request.queue == QUEUE and task.is_active and not task.is_in_line]


def queue_rows(tasks: Iterable[Task], sources: QueueSources) -> list[QueueRow]:
    """Return a row for each run that is at work through a task or waits for its turn, in the order of their turns."""
    known = list(tasks)
    at_work = [_row(task, sources, _work_words(task, sources)) for task in tasks_at_work(known)]
    return [*at_work, *(_row(task, sources, _line_words(task)) for task in line_of(known, QUEUE))]


def _row(task: Task, sources: QueueSources, state: str) -> QueueRow:
    config, run = _config(task), _run(task, sources)
    entry = None if config is None else _entry(config, sources)
    if not task.is_in_line and run is not None:
        progress = progress_words(run)
    else:
        progress = "" if config is None else _work_ahead(config, entry, sources.workspace)
    return QueueRow(
        task=task,
        name=_name(task),
        dataset="" if entry is None else Path(entry.recipe.dataset_name).name,
        state=state,
        progress=progress,
    )


def _name(task: Task) -> str:
    """Return the name of a run's folder, or the title of other work that trains several, such as a claim check."""
    return Path(task.request.target).name if task.request.kind == KIND else task.request.title


def _work_words(task: Task, sources: QueueSources) -> str:
    if task.wants_pause:
        return "Paused"
    if task.request.kind != KIND:
        return task.status.message or "At work"
    run = _run(task, sources)
    is_begun = run is not None and run.is_active
    return RUN_STATE_NAMES[run.state] if run is not None and is_begun else "Waits for a run started elsewhere"


def _line_words(task: Task) -> str:
    if task.wants_pause:
        return "Paused: others pass it"
    return f"Number {len(task.ahead) + 1:,} in line" if task.ahead else "Starts now"


def _config(task: Task) -> TrainingConfig | None:
    try:
        return config_from_json(task.request.arguments.get("config"))
    except CocomineError:
        return None


def _run(task: Task, sources: QueueSources) -> Run | None:
    """Return the run of a task; None where it has not begun to be one."""
    try:
        return sources.run_at(Path(task.request.target))
    except CocomineError:
        return None


def _entry(config: TrainingConfig, sources: QueueSources) -> ExportEntry | None:
    try:
        return sources.export_at(Path(config.export))
    except CocomineError:
        return None


def _work_ahead(config: TrainingConfig, entry: ExportEntry | None, workspace: Workspace) -> str:
    """Return how many steps a run takes, and how long, where that was measured here."""
    steps = counted(config.steps, "step")
    speed = None if entry is None else kept_speed(config, workspace)
    if entry is None or speed is None:
        return steps
    time_s = run_time_s(
        config,
        speed,
        train_image_count=image_file_count(entry, SplitRole.TRAIN),
        val_image_count=image_file_count(entry, SplitRole.VAL),
    )
    return f"{steps} · takes {brief_duration(time_s)}"
