"""How is a run going?

Read from the run's folder alone, whoever started it, before and after a restart of the server. A
run whose settings cannot be read is *damaged*; it is named in the list and hides no other.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocomine.errors import TrainingError
from cocomine.system.space import writing_to
from cocomine.training.runs.config import TrainingConfig, read_config
from cocomine.training.runs.lock import is_locked
from cocomine.training.runs.records import FactsRecord, StatusRecord, read_metrics, read_record
from cocomine.training.runs.state import ACTIVE_STATES, judged_state

CONFIG, STATUS, METRICS, STOP = "config.json", "status.json", "metrics.jsonl", "STOP"
FACTS, LOG, CHECKPOINT, BEST, CARD = "facts.json", "log.txt", "last.pt", "best.safetensors", "model_card.md"
SAMPLES = "samples"
_MARKS = {CONFIG, STATUS, METRICS, CHECKPOINT}  # a folder with one of these is or was a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The strips (photo, truth, prediction) drawn at one evaluation."""

    step: int
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run as its folder shows it."""

    folder: Path
    config: TrainingConfig
    state: str  # of ACTIVE_STATES or ENDED_STATES, "asleep" or "lost"
    status: dict[str, Any]  # as in status.json; empty before it is there
    facts: dict[str, Any]  # as in facts.json; empty before the network is built
    metrics: tuple[dict[str, Any], ...]  # the lines of metrics.jsonl
    samples: tuple[Sample, ...]  # by rising step
    problems: tuple[str, ...] = ()  # a sentence for each file that is damaged

    @property
    def is_active(self) -> bool:
        """Whether there is a process for it, at work or asleep."""
        return self.state in {*ACTIVE_STATES, "asleep"}

    @property
    def can_be_resumed(self) -> bool:
        """Whether starting it again makes sense: it was stopped, lost or failed."""
        return self.state in {"stopped", "failed", "lost"}

    def lines(self, kind: str) -> tuple[dict[str, Any], ...]:
        """Return the metric lines of one kind: "train", "eval" or "final"."""
        return tuple(line for line in self.metrics if line.get("kind") == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedRun:
    """A run's folder that cannot be opened as one."""

    folder: Path
    problem: str  # where, what, and what to do


def read_run(folder: Path, now: float) -> Run:
    """Read a run's folder; what is damaged besides its settings is left out and named in `problems`.

    Args:
        folder: Holds a `config.json`.
        now: Seconds since the epoch, to judge the heartbeat by.

    Raises:
        TrainingError: The folder is no run, or its settings cannot be read.
    """
    config = read_config(folder / CONFIG)
    status, status_problem = read_record(folder / STATUS, StatusRecord)
    facts, facts_problem = read_record(folder / FACTS, FactsRecord)
    metrics, metrics_problem = read_metrics(folder / METRICS, len(facts["labels"]) if facts else None)
    return Run(
        folder=folder,
        config=config,
        state=judged_state(status, is_locked=is_locked(folder), now=now),
        status=status,
        facts=facts,
        metrics=metrics,
        samples=_samples(folder / SAMPLES),
        problems=tuple(filter(None, (status_problem, facts_problem, metrics_problem))),
    )


def list_runs(runs_folder: Path, now: float) -> tuple[list[Run], list[DamagedRun]]:
    """Return the runs below `runs_folder`, the newest settings first, and those that cannot be opened.

    Folders that hold nothing of a run are left out.

    Raises:
        TrainingError: `runs_folder` itself cannot be opened.
    """
    runs, damaged = [], []
    for folder in _folders(runs_folder):
        try:
            if any(path.name in _MARKS for path in folder.iterdir()):
                runs.append(read_run(folder, now))
        except TrainingError as error:
            damaged.append(DamagedRun(folder=folder, problem=str(error)))
        except OSError as error:
            damaged.append(DamagedRun(folder=folder, problem=_unreadable(folder, error)))
    return runs, damaged


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


def _samples(folder: Path) -> tuple[Sample, ...]:
    found = []
    for place in folder.glob("step_*"):
        step = place.name.removeprefix("step_")
        paths = sorted((path for path in place.glob("*.png") if _is_number(path.stem)), key=lambda path: int(path.stem))
        if paths and _is_number(step):
            found.append(Sample(step=int(step), paths=tuple(paths)))
    return tuple(sorted(found, key=lambda sample: sample.step))


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= 9
