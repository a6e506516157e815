"""How is a run going?

Read from the run's folder alone, whoever started it, before and after a restart of the server.
A run that has not ended, but whose process is gone or whose heartbeat is old, is *lost*: nothing
computes any more, and starting it again resumes from its last checkpoint.
"""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from cocomine.atomic import write_text
from cocomine.errors import TrainingError
from cocomine.training.config import TrainingConfig, read_config

CONFIG, STATUS, METRICS, STOP = "config.json", "status.json", "metrics.jsonl", "STOP"
FACTS, LOG, CHECKPOINT, BEST, CARD = "facts.json", "log.txt", "last.pt", "best.safetensors", "model_card.md"
SAMPLES = "samples"
LOST_AFTER_S = 120.0  # a step of the paper's 32 images takes up to a minute on one busy core
ACTIVE_STATES = ("starting", "preparing", "running", "stopping")
ENDED_STATES = ("stopped", "done", "failed")


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
    state: str  # of ACTIVE_STATES or ENDED_STATES, or "lost"
    status: dict[str, Any]  # as in status.json; empty before it is there
    facts: dict[str, Any]  # as in facts.json; empty before the network is built
    metrics: tuple[dict[str, Any], ...]  # the lines of metrics.jsonl
    samples: tuple[Sample, ...]  # by rising step

    @property
    def is_active(self) -> bool:
        """Whether a process is at work on it."""
        return self.state in ACTIVE_STATES

    @property
    def can_be_resumed(self) -> bool:
        """Whether starting it again makes sense: it was stopped, lost or failed."""
        return self.state in {"stopped", "failed", "lost"}

    def lines(self, kind: str) -> tuple[dict[str, Any], ...]:
        """Return the metric lines of one kind: "train", "eval" or "final"."""
        return tuple(line for line in self.metrics if line.get("kind") == kind)


def read_run(folder: Path, now: float) -> Run:
    """Read a run's folder.

    Args:
        folder: Holds a `config.json`.
        now: Seconds since the epoch, to judge the heartbeat by.

    Raises:
        TrainingError: The folder is no run, or its settings cannot be read.
    """
    config = read_config(folder / CONFIG)
    status = _read_object(folder / STATUS)
    return Run(
        folder=folder,
        config=config,
        state=judged_state(status, now),
        status=status,
        facts=_read_object(folder / FACTS),
        metrics=_read_lines(folder / METRICS),
        samples=_samples(folder / SAMPLES),
    )


def judged_state(status: dict[str, Any], now: float) -> str:
    """Return the state of a run with this `status.json`, "lost" where it claims to be active but is not."""
    state = str(status.get("state", "lost"))
    if state in ENDED_STATES:
        return state
    alive = now - float(status.get("heartbeat", 0.0)) < LOST_AFTER_S and not _is_known_dead(status)
    return state if alive else "lost"


def _is_known_dead(status: dict[str, Any]) -> bool:
    """Whether the process is certainly gone; a process of another machine cannot be known about."""
    pid = status.get("pid")
    if not isinstance(pid, int) or status.get("host") != socket.gethostname():
        return False
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def list_runs(runs_folder: Path, now: float) -> list[Run]:
    """Return the runs below `runs_folder`, the newest settings first; what cannot be read is left out."""
    if not runs_folder.is_dir():
        return []
    found = sorted(runs_folder.glob(f"*/{CONFIG}"), key=lambda path: path.stat().st_mtime, reverse=True)
    runs = []
    for path in found:
        try:
            runs.append(read_run(path.parent, now))
        except TrainingError:
            continue  # not one of our runs, or from another version: opening it by name says why
    return runs


def request_stop(folder: Path) -> None:
    """Ask the run in `folder` to end with a checkpoint; it does so after its current step."""
    write_text(folder / STOP, "")


def _read_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # not there yet
    return value if isinstance(value, dict) else {}


def _read_lines(path: Path) -> tuple[dict[str, Any], ...]:
    try:
        lines = path.read_bytes().split(b"\n")[:-1]  # what follows the last line end is still being written
        return tuple(json.loads(line) for line in lines)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path}: cannot be read ({error}). Resume the run, which repairs it.") from error


def _samples(folder: Path) -> tuple[Sample, ...]:
    found = []
    for place in sorted(folder.glob("step_*")):
        paths = sorted((path for path in place.glob("*.png") if path.stem.isdecimal()), key=lambda path: int(path.stem))
        if paths:
            found.append(Sample(step=int(place.name.removeprefix("step_")), paths=tuple(paths)))
    return tuple(sorted(found, key=lambda sample: sample.step))
