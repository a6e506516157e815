"""How is a run going?

Read from the run's folder alone, whoever started it, before and after a restart of the server. A
run whose settings cannot be read is *damaged*; it is named in the list and hides no other.

Whether its process lives is told by lock, signature and heartbeat (`cocomine.system.own_process`); where it does,
nothing may start the run a second time. A run that claims to be active without a process is *lost*; an active one that
is suspended or silent is *asleep*.
"""

from dataclasses import dataclass
from pathlib import Path

from cocomine.errors import TrainingError
from cocomine.system.own_process import is_locked, life_of
from cocomine.system.space import writing_to
from cocomine.training.runs.config import TrainingConfig, read_config
from cocomine.training.runs.metrics_reader import MetricsReader
from cocomine.training.runs.records import METRICS, Metrics, RunInfo, Status, read_record
from cocomine.training.runs.sample_files import SAMPLES, Sample, found_samples

CONFIG, STATUS, STOP = "config.json", "status.json", "STOP"
RUN_INFO, CHECKPOINT, BEST, CARD = "run_info.json", "last.pt", "best.safetensors", "model_card.md"
LAST = "last.safetensors"  # what is left of the checkpoint when a run is done
FORMER_RUN_INFO = "facts.json"  # in folders of former versions
SILENT_AFTER_S = 120.0  # a step of the paper's 32 images takes up to a minute on one busy core
ACTIVE_STATES = ("starting", "preparing", "running", "stopping")
ENDED_STATES = ("stopped", "done", "failed")
_WITH_PROCESS = {*ACTIVE_STATES, "asleep"}
_MARKS = {CONFIG, STATUS, METRICS, CHECKPOINT}  # a folder with one of these is or was a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as its folder shows it."""

    folder: Path
    config: TrainingConfig
    state: str  # of ACTIVE_STATES or ENDED_STATES, "asleep" or "lost"
    status: Status | None  # None before the file is there, or where it is damaged
    info: RunInfo | None  # None before the network is built, or where it is damaged
    metrics: Metrics
    samples: tuple[Sample, ...]  # by rising step
    problems: tuple[str, ...] = ()  # a sentence for each file that is damaged

    @property
    def is_active(self) -> bool:
        """Whether there is a process for it, at work or asleep."""
        return self.state in _WITH_PROCESS

    @property
    def can_be_resumed(self) -> bool:
        """Whether starting it again makes sense: it was stopped, lost or failed."""
        return self.state in {"stopped", "failed", "lost"}

    @property
    def step(self) -> int:
        """Optimiser updates done, as its status says."""
        return 0 if self.status is None else self.status.step

    @property
    def pid(self) -> int | None:
        """Id of its process, if its status names one."""
        return None if self.status is None else self.status.pid

    @property
    def message(self) -> str:
        """What its process says it does, or why it ended."""
        return "" if self.status is None else self.status.message


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedRun:
    """A run's folder that cannot be opened as one."""

    folder: Path
    problem: str  # where, what, and what to do


def read_run(folder: Path, now: float, reader: MetricsReader | None = None) -> Run:
    """Read a run's folder; what is damaged besides its settings is left out and named in `problems`.

    Args:
        folder: Holds a `config.json`.
        now: Seconds since the epoch, to judge the heartbeat by.
        reader: Keeps the metrics for the next look; without one they are read anew.

    Raises:
        TrainingError: The folder is no run, or its settings cannot be read.
    """
    config = read_config(folder / CONFIG)
    status, status_problem = read_record(folder / STATUS, Status)
    is_former = not (folder / RUN_INFO).exists()
    info, info_problem = read_record(folder / (FORMER_RUN_INFO if is_former else RUN_INFO), RunInfo)
    metrics = (reader or MetricsReader()).read(folder / METRICS, None if info is None else len(info.labels))
    return Run(
        folder=folder,
        config=config,
        state=judged_state(status, is_held=is_locked(folder), now=now),
        status=status,
        info=info,
        metrics=metrics,
        samples=found_samples(folder / SAMPLES),
        problems=tuple(filter(None, (status_problem, info_problem, metrics.problem))),
    )


def list_runs(runs_folder: Path, now: float, reader: MetricsReader | None = None) -> tuple[list[Run], list[DamagedRun]]:
    """Return the runs below `runs_folder`, the newest settings first, and those that cannot be opened.

    Folders that hold nothing of a run are left out.

    Raises:
        TrainingError: `runs_folder` itself cannot be opened.
    """
    runs, damaged = [], []
    for folder in _folders(runs_folder):
        try:
            if any(path.name in _MARKS for path in folder.iterdir()):
                runs.append(read_run(folder, now, reader))
        except TrainingError as error:
            damaged.append(DamagedRun(folder=folder, problem=str(error)))
        except OSError as error:
            damaged.append(DamagedRun(folder=folder, problem=_unreadable(folder, error)))
    return runs, damaged


def active_folders(runs_folder: Path, now: float) -> list[Path]:
    """Return the folders of the runs that have a process, at work or asleep; their numbers are not read."""
    found = []
    for folder in _folders(runs_folder):
        status, _ = read_record(folder / STATUS, Status)
        if status is not None and judged_state(status, is_held=is_locked(folder), now=now) in _WITH_PROCESS:
            found.append(folder)
    return found


def _folders(runs_folder: Path) -> list[Path]:
    """Return the folders in `runs_folder` whose settings, or they themselves, changed last first."""
    try:
        folders = [path for path in runs_folder.iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TrainingError(_unreadable(runs_folder, error)) from error
    return sorted(folders, key=_changed_at, reverse=True)


def _changed_at(folder: Path) -> tuple[float, str]:
    for path in (folder / CONFIG, folder):
        try:
            return path.stat().st_mtime, folder.name
        except OSError:
            continue
    return 0.0, folder.name


def _unreadable(folder: Path, error: OSError) -> str:
    return f"{folder}: cannot be opened ({error.strerror}). Give yourself access to it, or move it elsewhere."


def request_stop(folder: Path) -> None:
    """Ask the run in `folder` to end with a checkpoint; it does so after its current step.

    Raises:
        StorageError: The folder cannot be written.
    """
    with writing_to(folder / STOP):
        (folder / STOP).touch()


def judged_state(status: Status | None, *, is_held: bool | None, now: float) -> str:
    """Return the state of a run: as its status says, or "asleep" or "lost" where that cannot be so.

    Args:
        status: As in `status.json`; None where there is none that can be read.
        is_held: Whether a process holds the folder's lock; None where that cannot be told.
        now: Seconds since the epoch, to judge the heartbeat by.
    """
    if status is None:
        return "asleep" if is_held else "lost"
    if status.state in ENDED_STATES:
        return status.state
    life = life_of(status, is_held=is_held, silent_after_s=SILENT_AFTER_S, now=now)
    return {"awake": status.state, "asleep": "asleep", "gone": "lost"}[life]
